import EventModel

extension PersonalTree {
    /// Where a definition holds what people have written, which may be about persons: texts, conditions, notes, and every field that is not
    /// ours to understand. In events they are sealed; what is named here stays readable, and nothing else.
    ///
    /// In its stored form a definition is two trees: the open one, without such values and their keys, and the personal one.
    static let journey = PersonalTree(
        .only(
            ["title", "labels", "tags", "priority", "composition_mode", "root_id"],
            and: [
                "nodes": .members([:], others: .journeyState), "edges": .elements(.journeyTransition),
            ]),
        leaving: .nothing)

    /// The same of a single state.
    static let journeyState = PersonalTree(.journeyState, leaving: .nothing)

    /// The same of a single transition.
    static let journeyTransition = PersonalTree(.journeyTransition, leaving: .nothing)
}

extension PersonalTree.Shape {
    fileprivate static let journeyState = only(["id", "kind", "tools", "labels", "composition_mode"])
    fileprivate static let journeyTransition = only(["id", "source", "target"])

    /// An object of which these members are open, and all others personal.
    fileprivate static func only(_ open: [ElementID], and named: [ElementID: Self] = [:]) -> Self {
        .members(open.reduce(into: named) { $0[$1] = .open }, others: .personal)
    }
}

extension JourneyDefinition {
    /// Bytes of the definition as an event stores it, at most: the structure open, texts and notes sealed.
    public var storedBytes: Int { PersonalTree.journey.storedBytes(of: canonicalValue) }
}
