import EventModel

/// Lets several domains' rules decide over several streams at once, and appends what they say all or nothing.
///
/// A conversion, for example, makes a journey, a mapping and the record of how it went: none of them may be there without the others.
public struct JointHandler<Store: EventStore>: Sendable {
    /// The tenant whose streams these are.
    public let workspace: Workspace
    private let limits: CommandLimits
    private let store: RetryingStore<Store>

    /// A handler for the streams of a workspace. It remembers nothing between calls.
    public init(
        _ store: Store, workspace: Workspace = .default, limits: CommandLimits = CommandLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        self.workspace = workspace
        self.limits = limits
        self.store = RetryingStore(store, limits: limits, time: time, random: random)
    }

    /// The state of a stream as it is now.
    public func state<D: Decider & SendableMetatype>(
        of stream: StreamName, by decider: D.Type
    ) async throws(CommandError<D.Rejection>) -> D.State where D.Event: DomainEvent & SendableMetatype {
        try await store.fold(stream, in: workspace, by: decider).state
    }

    /// Runs `body`, which takes decisions, and appends nothing: what ``handle(_:_:)`` would begin with now.
    public func preview<Answer: Sendable>(
        _ context: CommandContext,
        _ body: @Sendable (inout JointDecisions<Store>) async throws -> Answer
    ) async throws -> Answer {
        var decisions = JointDecisions(store, workspace, context)
        return try await body(&decisions)
    }

    /// Runs `body`, which takes the decisions, and appends their events expecting the version of every stream that `body` has read, whether
    /// it decided over it or not. When somebody else wrote to any of them first, nothing was stored and `body` runs anew over the streams as
    /// they are then.
    ///
    /// - Throws: what `body` throws; ``StoreError``; ``JointContention`` when others kept writing.
    public func handle<Answer: Sendable>(
        _ context: CommandContext,
        _ body: @Sendable (inout JointDecisions<Store>) async throws -> Answer
    ) async throws -> JointOutcome<Answer> {
        for attempt in 0..<limits.decisions {
            try await store.pause(afterConflicts: attempt)
            var decisions = JointDecisions(store, workspace, context, isFirst: attempt == 0)
            let answer = try await body(&decisions)
            guard let request = decisions.request else {
                return JointOutcome(answer: answer, effect: .unchanged, positions: nil)
            }
            switch try await store.append(request) {
            case .appended(let receipt):
                return JointOutcome(answer: answer, effect: .appended, positions: receipt.first...receipt.last)
            case .repeated(let receipt):
                return JointOutcome(answer: answer, effect: .repeated, positions: receipt.first...receipt.last)
            case .conflict: continue
            }
        }
        throw JointContention(attempts: limits.decisions)
    }
}

/// What a joint command has brought about.
public struct JointOutcome<Answer: Sendable>: Sendable {
    /// What an append does.
    public enum Effect: String, Sendable, Hashable {
        /// The events were stored now.
        case appended
        /// The log held exactly these events already: this was a retry.
        case repeated
        /// The command had taken effect before; nothing was to be stored.
        case unchanged
    }

    /// What the body answered when its decisions became facts.
    public let answer: Answer
    /// What the log did.
    public let effect: Effect
    /// Where the events are, a contiguous range; `nil` when unchanged.
    public let positions: ClosedRange<GlobalPosition>?
}

/// Others wrote to the streams of a joint command during every attempt; nothing was stored.
public struct JointContention: Error, Sendable, Hashable, CustomStringConvertible {
    /// How often it was tried.
    public let attempts: Int

    /// After so many attempts.
    public init(attempts: Int) { self.attempts = attempts }

    /// What is wrong and what to do.
    public var description: String { "others wrote to the same streams during all \(attempts) attempts; try again" }
}
