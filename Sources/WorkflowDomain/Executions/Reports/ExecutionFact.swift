import EventModel

/// What can happen to an execution.
public enum ExecutionFact: Equatable, Sendable {
    /// It began.
    case started(ExecutionStart)
    /// A block began.
    case blockStarted(BlockFact)
    /// A block ended well.
    case blockCompleted(BlockFact)
    /// A block ended with an error; `handled` when the workflow has a way out for it.
    case blockFailed(BlockFact, handled: Bool)
    /// A block was passed over.
    case blockSkipped(BlockFact)
    /// A block began to run a child workflow.
    case childWorkflowStarted(BlockFact)
    /// It waits, as its workflow says.
    case waitStarted(WaitFact)
    /// It goes on; `context` is the wait that is over, when the engine says.
    case resumed(context: String?)
    /// It stands still because an attempt to resume it failed.
    case paused
    /// It ended well.
    case completed
    /// It ended with an error, of this code if the engine has codes.
    case failed(code: String?)
    /// It was ended.
    case cancelled
    /// It was seen in this state; says nothing about what made it so. Only ``ExecutionStatus/queued`` and ``ExecutionStatus/running``.
    case noted(LiveStatus)

    /// The visit that it is about, with how that ended.
    var block: (fact: BlockFact, outcome: BlockOutcome?)? {
        switch self {
        case .blockStarted(let fact), .childWorkflowStarted(let fact): (fact, nil)
        case .blockCompleted(let fact): (fact, .completed)
        case .blockFailed(let fact, let handled): (fact, .failed(handled: handled))
        case .blockSkipped(let fact): (fact, .skipped)
        case .started, .waitStarted, .resumed, .paused, .completed, .failed, .cancelled, .noted: nil
        }
    }

    /// The visit that it is about; `nil` when it is about no block.
    public var visit: BlockVisit? { block?.fact.visit }

    /// Whether an execution of which this is true has begun.
    var impliesStart: Bool { self != .noted(.queued) }
}

/// A state in which an execution can be seen that no event leads to.
public enum LiveStatus: String, Sendable, CaseIterable {
    /// ``ExecutionStatus/queued``
    case queued
    /// ``ExecutionStatus/running``
    case running
}

/// How an execution began.
public struct ExecutionStart: Hashable, Sendable {
    /// What set it off: `manual`, `api`, `schedule`, `chat`, `webhook` …
    public let trigger: String?
    /// The definition that it runs.
    public let definition: DefinitionReference?

    /// A start.
    public init(trigger: String? = nil, definition: DefinitionReference? = nil) {
        self.trigger = trigger
        self.definition = definition
    }
}

/// Which visit of which block a fact is about.
public struct BlockFact: Hashable, Sendable {
    /// The visit.
    public let visit: BlockVisit
    /// The number of the attempt in this visit, from 1.
    public let attempt: Int
    /// What the editor calls the block.
    public let name: String?
    /// The block's type.
    public let type: String?
    /// The engine's name of the run of a child workflow that this visit began.
    public let instance: String?

    /// The first attempt at a block, or a later one.
    public init(
        _ visit: BlockVisit, attempt: Int = 1, name: String? = nil, type: String? = nil, instance: String? = nil
    ) {
        self.visit = visit
        self.attempt = attempt
        self.name = name
        self.type = type
        self.instance = instance
    }
}

/// What an execution waits for.
public struct WaitFact: Hashable, Sendable {
    /// A person or a time, when the engine says.
    public let kind: WaitKind?
    /// The engine's name of this wait, by which it is resumed.
    public let context: String?
    /// When it goes on by itself.
    public let resumeAt: Timestamp?
    /// The block that waits.
    public let blockedOn: ElementID?

    /// A wait.
    public init(
        kind: WaitKind? = nil, context: String? = nil, resumeAt: Timestamp? = nil, blockedOn: ElementID? = nil
    ) {
        self.kind = kind
        self.context = context
        self.resumeAt = resumeAt
        self.blockedOn = blockedOn
    }
}
