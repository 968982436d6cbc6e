import EventModel

/// What a consumer says that it has seen, written by itself with every move: what ``CompletenessVerifier`` compares with the log.
public struct CompletenessCertificate: Sendable, Hashable {
    /// What it had seen at a position.
    public struct Mark: Sendable, Hashable {
        /// The last event that it had seen.
        public var position: GlobalPosition
        /// How many events, from the first one on.
        public var events: Int64
        /// Their digest.
        public var digest: CompletenessDigest

        /// A mark by its parts.
        public init(position: GlobalPosition, events: Int64, digest: CompletenessDigest) {
            self.position = position
            self.events = events
            self.digest = digest
        }

        /// Before the first event.
        public static let start = Mark(position: .start, events: 0, digest: CompletenessDigest())
    }

    /// Which events a consumer has to see.
    public enum Scope: Sendable, Hashable {
        /// Every event of the log.
        case all
        /// Those of one of so many lanes. Its positions are those of the log: up to there it has seen every event of the lane.
        case lane(Lane, of: Int)

        /// Whether an event is one of them.
        func includes(_ event: RecordedEvent) -> Bool {
            switch self {
            case .all: true
            case .lane(let lane, let count): Lane(of: event, count: count) == lane
            }
        }
    }

    /// The consumer, for people.
    public var consumer: String
    /// `projector`, `publisher`, `sealer` …
    public var kind: String
    /// Which generation of a projection; 1 for the others.
    public var generation: Int
    /// The events that it is about.
    public var scope: Scope
    /// What it had seen on its way, in the order of positions; the last is where it stands.
    public var marks: [Mark]

    /// A certificate by its parts.
    public init(consumer: String, kind: String, generation: Int, scope: Scope = .all, marks: [Mark]) {
        self.consumer = consumer
        self.kind = kind
        self.generation = generation
        self.scope = scope
        self.marks = marks.sorted { $0.position < $1.position }
    }

    /// Where it stands.
    public var end: Mark { marks.last ?? .start }
}

/// What a certificate comes to.
public enum CompletenessFinding: Sendable, Hashable {
    /// It has seen every event up to where it stands, each once and as it is in the log.
    case complete
    /// It has seen events that the log does not hold.
    case ahead(head: GlobalPosition)
    /// It has not seen as many events as there are. Up to `after` nothing is missing.
    case missing(events: Int64, after: GlobalPosition, through: GlobalPosition, first: GlobalPosition?)
    /// It has seen more events than there are.
    case repeated(events: Int64, after: GlobalPosition, through: GlobalPosition)
    /// It has seen as many events as there are, but not these.
    case different(after: GlobalPosition, through: GlobalPosition)
}

extension CompletenessFinding: CustomStringConvertible {
    /// One sentence: what was found, and what to do.
    public var description: String {
        switch self {
        case .complete: "it has seen every event, each once"
        case .ahead(let head):
            "it has seen events that this log does not hold, which ends at position \(head): run `lockstep doctor`"
        case .missing(let events, let after, let through, let first?):
            "\(events) of the events between positions \(after.rawValue + 1) and \(through) were never seen, the first of them is the event at "
                + "position \(first): rebuild it"
        case .missing(let events, let after, let through, nil):
            "\(events) of the events between positions \(after.rawValue + 1) and \(through) were never seen, in more than one place: rebuild it"
        case .repeated(let events, let after, let through):
            "\(events) of the events between positions \(after.rawValue + 1) and \(through) were seen more than once: rebuild it"
        case .different(let after, let through):
            "between positions \(after.rawValue + 1) and \(through) it has seen other events than the log holds: run `lockstep audit verify` "
                + "to see whether the log was altered, then rebuild it"
        }
    }

    /// Whether nothing is wrong.
    public var isComplete: Bool { self == .complete }
}
