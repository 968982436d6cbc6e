import EventModel
import EventSourcing

/// A log whose caller dies at one of its appends: before it, or when it is stored and the answer is lost.
struct DyingLog<Base: EventStore>: EventStore {
    private let base: Base
    private let left: Countdown
    private let isStored: Bool

    init(_ base: Base, after appends: Int, isStored: Bool) {
        self.base = base
        left = Countdown(appends)
        self.isStored = isStored
    }

    /// Streams are told one by one, so that there is a step between any two.
    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        guard request.streams.count == 1 else {
            var outcome: AppendOutcome?
            for stream in request.streams {
                outcome = try await append(AppendRequest(workspace: request.workspace, streams: [stream]))
            }
            guard let outcome else { throw .failed(reason: "nothing to append") }
            return outcome
        }
        if left.take() { return try await base.append(request) }
        if isStored { _ = try await base.append(request) }
        throw .failed(reason: "the plug was pulled")
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await base.read(query) }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await base.read(query) }
    func head() async throws(StoreError) -> LogHead { try await base.head() }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}
