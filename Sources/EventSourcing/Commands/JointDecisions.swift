import EventModel

/// The decisions of one command over several streams, before they are appended.
///
/// Each stream is read once. Whatever is asked of it afterwards is answered from that reading and from what was decided since, so that all
/// decisions are about one state of the world; the append expects that state of every stream that was read.
public struct JointDecisions<Store: EventStore>: Sendable {
    private let store: RetryingStore<Store>
    private let workspace: Workspace
    private let context: CommandContext
    private let isFirst: Bool
    private var readings: [any StreamReading] = []
    /// First pages of streams that nobody has asked for yet.
    private var beginnings: [StreamName: StreamPage] = [:]

    init(_ store: RetryingStore<Store>, _ workspace: Workspace, _ context: CommandContext, isFirst: Bool = true) {
        self.store = store
        self.workspace = workspace
        self.context = context
        self.isFirst = isFirst
    }

    /// Reads the beginnings of streams that will be asked for, in one round trip.
    public mutating func readAhead(_ streams: [StreamName]) async throws(StoreError) {
        let limit = store.snapshots?.limits.askedBehind ?? 1_000
        let pages = try await store.read(streams.map { StreamQuery(workspace: workspace, $0, limit: limit) })
        for (stream, page) in zip(streams, pages) { beginnings[stream] = page }
    }

    /// Takes the caller's word for what a stream amounts to, unless that has led to a conflict already. The append expects that it still ends there;
    /// a decision that nothing is to be recorded is about what the caller knew.
    public mutating func take<D: Decider & SendableMetatype>(
        _ state: D.State, endingAt end: StreamEnd?, of stream: StreamName, by decider: D.Type
    ) where D.Event: DomainEvent & SendableMetatype {
        guard isFirst, !readings.contains(where: { $0.stream == stream }) else { return }
        readings.append(DecidedStream<D>(stream: stream, state: state, end: end))
    }

    /// The state of a stream with what has been decided here, and the version that it will have.
    public mutating func state<D: Decider & SendableMetatype>(
        of stream: StreamName, by decider: D.Type
    ) async throws(CommandError<D.Rejection>) -> (state: D.State, version: StreamVersion?)
    where D.Event: DomainEvent & SendableMetatype {
        let reading = try await reading(of: stream, by: decider)
        return (reading.state, reading.versionBehind)
    }

    /// The last event of a stream when it was read here, before anything was decided; `nil` when it is empty, or was not read.
    public func end(of stream: StreamName) -> StreamEnd? { readings.first { $0.stream == stream }?.end }

    /// Decides `commands` one after the other over a stream.
    ///
    /// - Returns: the state behind them, and the events.
    public mutating func decide<D: Decider & SendableMetatype>(
        _ commands: [D.Command], by decider: D.Type, over stream: StreamName
    ) async throws(CommandError<D.Rejection>) -> (state: D.State, events: [D.Event])
    where D.Event: DomainEvent & SendableMetatype {
        var reading = try await reading(of: stream, by: decider)
        var events: [D.Event] = []
        for command in commands {
            do throws(D.Rejection) {
                events += try D.decide(command, on: &reading.state)
            } catch {
                throw .rejected(error)
            }
        }
        reading.events += events
        put(reading)
        return (reading.state, events)
    }

    private mutating func reading<D: Decider & SendableMetatype>(
        of stream: StreamName, by decider: D.Type
    ) async throws(CommandError<D.Rejection>) -> DecidedStream<D> where D.Event: DomainEvent & SendableMetatype {
        if let known = readings.first(where: { $0.stream == stream }) {
            // No data can lead here: a category has one decider, callers name a stream by the decider's category, and a second rule over
            // a stream that was read already is a slip in our own code.
            guard let known = known as? DecidedStream<D> else {
                preconditionFailure("a stream has the rule of its category and no other")
            }
            return known
        }
        let folded = try await store.fold(
            stream, in: workspace, by: decider, beginningWith: beginnings.removeValue(forKey: stream))
        let reading = DecidedStream<D>(stream: stream, state: folded.state, end: folded.end)
        readings.append(reading)
        return reading
    }

    /// Streams are appended to in the order in which they were first decided over.
    private mutating func put(_ reading: some StreamReading) {
        guard let index = readings.firstIndex(where: { $0.stream == reading.stream }) else { return }
        if readings[index].isOnlyRead, !reading.isOnlyRead {
            readings.remove(at: index)
            readings.append(reading)
        } else {
            readings[index] = reading
        }
    }

    /// Whether nothing is to be appended.
    public var isEmpty: Bool { readings.allSatisfy { $0.isOnlyRead } }

    /// What is to be appended; `nil` when nothing is.
    var request: AppendRequest? {
        let streams = readings.compactMap { $0.append(context) }
        guard !streams.isEmpty else { return nil }
        let checks = readings.filter { $0.isOnlyRead }.map { StreamCheck($0.stream, expecting: $0.expected) }
        return AppendRequest(workspace: workspace, streams: streams, checks: checks)
    }
}

/// A stream as it was read, and what was decided over it, whatever its rule.
private protocol StreamReading: Sendable {
    var stream: StreamName { get }
    var end: StreamEnd? { get }
    var isOnlyRead: Bool { get }
    func append(_ context: CommandContext) -> StreamAppend?
}

extension StreamReading {
    var version: StreamVersion? { end?.version }
    var expected: ExpectedVersion { version.map(ExpectedVersion.exactly) ?? .noStream }
}

private struct DecidedStream<D: Decider>: StreamReading where D.Event: DomainEvent {
    let stream: StreamName
    var state: D.State
    /// As it was read.
    let end: StreamEnd?
    var events: [D.Event] = []

    var isOnlyRead: Bool { events.isEmpty }

    var versionBehind: StreamVersion? {
        isOnlyRead ? version : StreamVersion((version?.rawValue ?? 0) + Int64(events.count))
    }

    func append(_ context: CommandContext) -> StreamAppend? {
        guard !events.isEmpty else { return nil }
        return StreamAppend(
            context.drafts(events, of: stream, after: version?.rawValue ?? 0), to: stream, expecting: expected)
    }
}

extension RetryingStore {
    /// What a stream amounts to now.
    ///
    /// - Parameter first: its first page, where that was just read.
    func fold<D: Decider & SendableMetatype>(
        _ stream: StreamName, in workspace: Workspace, by decider: D.Type, beginningWith first: StreamPage? = nil
    ) async throws(CommandError<D.Rejection>) -> FoldedStream<D.State>
    where D.Event: DomainEvent & SendableMetatype {
        let loading = StreamLoading<D, Store>(store: self, workspace: workspace)
        do throws(StreamLoading<D, Store>.Fault) {
            guard let first else { return try await loading.load(stream) }
            return try await loading.load(stream, beginningWith: first)
        } catch {
            switch error {
            case .store(let fault): throw .store(fault)
            case .unreadable(let version, let flaw): throw .unreadable(stream: stream, version: version, flaw)
            }
        }
    }
}
