import EventModel

/// Which side owns which fields of an execution, and since when: hand-overs in the order in which they happened. The latest that is about a field
/// counts, before what the policy says of its owner. Who owned what at any time can be asked for ever, because nothing is taken out.
public struct Ownership: Sendable, Hashable {
    /// One hand-over, as an event tells of it.
    public struct Handover: Sendable, Hashable {
        /// The fields.
        public let pattern: PathPattern
        /// Who owns them from then on; `nil` for whom the policy names, if it names anybody.
        public let owner: Side?
        /// The event that says so, and who did it.
        public let since: Origin

        /// A hand-over by its parts.
        public init(_ pattern: PathPattern, to owner: Side?, since: Origin) {
            self.pattern = pattern
            self.owner = owner
            self.since = since
        }
    }

    /// The hand-overs, ordered by the place of their events in the log.
    public private(set) var handovers: [Handover]

    /// Nothing was ever handed over.
    public init() { handovers = [] }

    /// These hand-overs, in whatever order they are given; of several by one event, the later one in the list counts.
    public init(_ handovers: some Sequence<Handover>) {
        // The sort is stable: what one event says keeps its order.
        self.handovers = handovers.sorted { $0.since.position < $1.since.position }
    }

    /// Hands over.
    public mutating func record(_ handover: Handover) {
        let place = handovers.place { $0.since.position <= handover.since.position }
        handovers.insert(handover, at: place)
    }

    /// Who owned a field, or a member of its data.
    ///
    /// - Parameter position: when, as a place in the log: what was said there counts; `nil` for now.
    /// - Returns: `nil` when it was as the policy says.
    public func owner(of path: FieldPath, at position: GlobalPosition? = nil) -> Side? {
        handover(of: path, at: position).flatMap { handovers[$0].owner }
    }

    /// The place among ``handovers`` of the one that counted for a field: since when it was owned, and who saw to that.
    public func handover(of path: FieldPath, at position: GlobalPosition? = nil) -> Int? {
        guard !handovers.isEmpty else { return nil }
        return handovers.lastIndex { handover in
            position.map { handover.since.position <= $0 } ?? true && handover.pattern.matches(path)
        }
    }
}
