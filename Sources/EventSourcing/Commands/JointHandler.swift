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
    public func state<D: Decider>(
        of stream: StreamName, by decider: D.Type
    ) async throws(CommandError<D.Rejection>) -> D.State where D.Event: DomainEvent {
        try await store.fold(stream, in: workspace, by: decider).state
    }

    /// Runs `body`, which takes the decisions, and appends their events expecting the versions that were decided against. When somebody
    /// else wrote first, nothing was stored and `body` runs anew over the streams as they are then.
    ///
    /// - Throws: what `body` throws; ``StoreError``; ``JointContention`` when others kept writing.
    public func handle<Answer: Sendable>(
        _ context: CommandContext,
        _ body: @Sendable (inout JointDecisions<Store>) async throws -> Answer
    ) async throws -> JointOutcome<Answer> {
        for attempt in 0..<limits.decisions {
            try await store.pause(afterConflicts: attempt)
            var decisions = JointDecisions(store, workspace, context)
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

/// The decisions of one command over several streams, before they are appended.
public struct JointDecisions<Store: EventStore>: Sendable {
    private let store: RetryingStore<Store>
    private let workspace: Workspace
    private let context: CommandContext
    private var parts: [StreamAppend] = []
    private var known: [KnownStream: any Sendable] = [:]

    private struct KnownStream: Hashable {
        let stream: StreamName
        let decider: ObjectIdentifier
    }

    private struct Known<State: Sendable>: Sendable {
        let state: State
        let version: StreamVersion?
    }

    init(_ store: RetryingStore<Store>, _ workspace: Workspace, _ context: CommandContext) {
        self.store = store
        self.workspace = workspace
        self.context = context
    }

    /// The state of a stream. It is read once: what is concluded from it and what is decided rest on the same version, which the append
    /// expects.
    public mutating func state<D: Decider>(
        of stream: StreamName, by decider: D.Type
    ) async throws(CommandError<D.Rejection>) -> (state: D.State, version: StreamVersion?) where D.Event: DomainEvent {
        let key = KnownStream(stream: stream, decider: ObjectIdentifier(decider))
        if let known = known[key] as? Known<D.State> { return (known.state, known.version) }
        let found = try await store.fold(stream, in: workspace, by: decider)
        known[key] = Known(state: found.state, version: found.version)
        return found
    }

    /// Decides `commands` one after the other over a stream. A stream is decided over once.
    ///
    /// - Returns: the state behind them, and the events.
    public mutating func decide<D: Decider>(
        _ commands: [D.Command], by decider: D.Type, over stream: StreamName
    ) async throws(CommandError<D.Rejection>) -> (state: D.State, events: [D.Event]) where D.Event: DomainEvent {
        precondition(!parts.contains { $0.stream == stream }, "one append takes a stream once")
        var (state, version) = try await state(of: stream, by: decider)
        var events: [D.Event] = []
        for command in commands {
            do throws(D.Rejection) {
                events += try D.decide(command, on: &state)
            } catch {
                throw .rejected(error)
            }
        }
        if !events.isEmpty {
            parts.append(
                StreamAppend(
                    context.drafts(events, of: stream, after: version?.rawValue ?? 0), to: stream,
                    expecting: version.map(ExpectedVersion.exactly) ?? .noStream))
        }
        return (state, events)
    }

    /// Whether nothing is to be appended.
    public var isEmpty: Bool { parts.isEmpty }

    /// What is to be appended; `nil` when nothing is.
    var request: AppendRequest? { parts.isEmpty ? nil : AppendRequest(workspace: workspace, streams: parts) }
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

extension RetryingStore {
    /// The state and version of a stream as they are now.
    fileprivate func fold<D: Decider>(
        _ stream: StreamName, in workspace: Workspace, by decider: D.Type
    ) async throws(CommandError<D.Rejection>) -> (state: D.State, version: StreamVersion?) where D.Event: DomainEvent {
        var state = D.initialState
        var version: StreamVersion?
        var query: StreamQuery? = StreamQuery(workspace: workspace, stream)
        while let current = query {
            let page: StreamPage
            do throws(StoreError) { page = try await read(current) } catch { throw .store(error) }
            for event in page.events {
                do throws(EventFlaw) {
                    if D.Event.isAmong(event) { D.evolve(&state, by: try D.Event(event)) }
                } catch {
                    throw .unreadable(stream: stream, version: event.version, error)
                }
                version = event.version
            }
            query = current.next(after: page)
        }
        return (state, version)
    }
}
