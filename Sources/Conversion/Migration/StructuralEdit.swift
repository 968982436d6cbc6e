import JourneyDomain

/// Whether an edit concerns the structure of a journey: its states, the ways between them or the containers around them. Any other edit leaves
/// the numbers in stored paths, and where conversations stand, as they are.
public enum StructuralEdit {
    /// Whether `after` differs from `before` in its structure.
    public static func lies(between before: JourneyDefinition, and after: JourneyDefinition) -> Bool {
        shape(of: before) != shape(of: after)
    }

    private struct Shape: Equatable {
        let root: String
        let states: [String]
        let containers: [String?]
        let ways: [[String]]
    }

    private static func shape(of journey: JourneyDefinition) -> Shape {
        Shape(
            root: journey.root.text, states: journey.states.map(\.id.text),
            containers: journey.states.map { state in
                state.metadata[Complement.key]?["block"]?["data"]?["parentId"]?.string
            },
            ways: journey.transitions.map { [$0.source.text, $0.target.text] })
    }
}
