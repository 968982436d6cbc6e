/// Which fields of a payload are wanted, as a tree of names: made once, used for every event.
struct PayloadShape: Sendable {
    /// A name on the way to what is wanted.
    struct Member: Sendable {
        let name: StaticString
        /// Where its own value goes; `nil` when only something inside of it is wanted.
        var place: Int?
        /// What is wanted of the object that it holds.
        var inside: [Member] = []
    }

    /// The names on the way from the top object to each field.
    let paths: [PayloadFields.Path]
    /// What is wanted of the top object.
    let members: [Member]

    /// The fields at `paths`, each of which goes to its place among them; a path given twice goes to the first.
    init(_ paths: [PayloadFields.Path]) {
        self.paths = paths
        var members: [Member] = []
        for (place, path) in paths.enumerated() { Self.add(path[...], at: place, to: &members) }
        self.members = members
    }

    private static func add(_ path: ArraySlice<StaticString>, at place: Int, to members: inout [Member]) {
        guard let name = path.first else { return }
        let index = members.firstIndex { PayloadFields.same($0.name, name) } ?? members.endIndex
        if index == members.endIndex { members.append(Member(name: name)) }
        if path.count > 1 { return add(path.dropFirst(), at: place, to: &members[index].inside) }
        if members[index].place == nil { members[index].place = place }
    }
}

extension PayloadShape: ExpressibleByArrayLiteral {
    /// The fields at these paths.
    init(arrayLiteral paths: PayloadFields.Path...) { self.init(paths) }
}
