extension Array {
    /// The elements by id; those of the same id in the order in which they are here.
    ///
    /// Definitions are put into order wherever they are made, and mostly are in order already: then this array is the answer, at the
    /// cost of one look. Otherwise ids are sorted and not the elements, which are large and costly to move about.
    @inlinable
    public func ordered(by id: (Element) -> ElementID) -> [Element] {
        let ids = map(id)
        guard !ids.areAscending else { return self }
        return ids.indices.sorted { ids[$0] < ids[$1] }.map { self[$0] }
    }
}

extension [ElementID] {
    /// The ids as a set in order: each once.
    public var orderedSet: [ElementID] {
        areStrictlyAscending ? self : Set(self).sorted()
    }

    /// Whether no id comes before the one that it follows.
    @usableFromInline
    var areAscending: Bool {
        for index in indices.dropFirst() where self[index] < self[index - 1] { return false }
        return true
    }

    private var areStrictlyAscending: Bool {
        for index in indices.dropFirst() where !(self[index - 1] < self[index]) { return false }
        return true
    }
}
