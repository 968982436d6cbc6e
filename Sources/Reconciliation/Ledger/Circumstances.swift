import EventModel
import WorkflowDomain

/// What of the two sides, beside their claims, decides how they can be told something, and whether they were.
public struct Circumstances: Equatable, Sendable {
    /// Where a workflow waits for somebody who names the wait.
    public struct Wait: Hashable, Sendable {
        /// The block.
        public let block: ElementID
        /// The engine's name of the wait.
        public let context: String

        /// A wait by its parts.
        public init(block: ElementID, context: String) {
            self.block = block
            self.context = context
        }
    }

    /// How the execution stands by the workflow's own words; `nil` while nothing was heard of it.
    public var status: ExecutionStatus?
    /// The waits that are open.
    public var waits: [Wait]
    /// The engine's names of the waits that are said to have been resumed.
    public var resumed: Set<String>
    /// Whether somebody talks for this execution: a session is bound to it and not over.
    public var hasSession: Bool
    /// Where the conversation stands, by journey.
    public var places: [String: ElementID]
    /// The effects whose echoes were heard in the conversation.
    public var echoes: Set<String>
    /// The highest offset of the conversation that was heard; `nil` before its first event, and where several sessions say that they walk for the execution:
    /// each counts by itself.
    var heardThrough: Int?
    /// What was said in the conversation.
    var sayings = Sayings()

    /// A circumstances by its parts.
    public init(
        status: ExecutionStatus?, waits: [Wait] = [], resumed: Set<String> = [], hasSession: Bool = false,
        places: [String: ElementID] = [:],
        echoes: Set<String> = []
    ) {
        self.status = status
        self.waits = waits
        self.resumed = resumed
        self.hasSession = hasSession
        self.places = places
        self.echoes = echoes
    }
}

extension Circumstances {
    /// Whether the run is under way and comes further by itself. One that waits may wait for a person.
    var goesOn: Bool { status == .queued || status == .running }

    /// The circumstances of two sides.
    public init(_ workflow: WorkflowSide, _ journey: JourneySide) {
        let waits = workflow.state.openWaits.compactMap { name, wait -> Wait? in
            guard let context = name.context, let block = wait.blockedOn else { return nil }
            return Wait(block: block, context: context)
        }
        let resumed = workflow.state.waits.compactMap { name, wait in
            wait.isOpen || wait.resumedAt == nil ? nil : name.context
        }
        self.init(
            status: workflow.state.standing?.status, waits: waits.sorted { $0.context < $1.context },
            resumed: Set(resumed),
            hasSession: journey.hasSession && !journey.isOver,
            places: Dictionary(
                journey.positions.map { ($0.key.text, $0.value) }, uniquingKeysWith: { first, _ in first }),
            echoes: journey.echoes)
        heardThrough = journey.sessions.count > 1 ? nil : journey.lastOffset
        sayings = journey.sayings
    }
}
