import EventModel
import EventSourcingTesting
import FoundationEssentials
import Synchronization

@testable import EventSourcing

/// A log in memory, with the leases and checkpoints that a publisher needs. It can be told to fail.
final class SmallLog: EventStore, LeaseStore, PublishingCheckpointStore {
    struct State {
        var events: [RecordedEvent] = []
        var incarnation = UUID()
        var token: Int64 = 0
        var holder: String?
        var checkpoints: [String: PublishingCheckpoint] = [:]
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
        var checkpointWaiters: [(GlobalPosition, CheckedContinuation<Void, Never>)] = []
    }

    let state = Mutex(State())

    /// A log of `count` events of `streams` executions, in random order.
    init(events count: Int = 0, streams: Int = 40, seed: Int = 1) {
        grow(by: count, streams: streams, seed: seed)
    }

    var incarnation: UUID { state.withLock { $0.incarnation } }
    var events: [RecordedEvent] { state.withLock { $0.events } }

    func checkpoint(_ topic: String) -> PublishingCheckpoint? { state.withLock { $0.checkpoints[topic] } }

    /// Waits until a checkpoint at or behind `position` is stored.
    func untilCheckpoint(at position: GlobalPosition) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state -> Bool in
                if state.checkpoints.values.contains(where: { $0.progress.position >= position }) { return true }
                state.checkpointWaiters.append((position, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    func grow(by count: Int, streams: Int = 40, seed: Int = 2) {
        guard count > 0 else { return }
        var random = SplitMix64(numbered: seed)
        let kind = EventKind(
            trustingWorkspace: "default", category: "workflow_execution", type: "workflow_execution.block_completed")
        let first = state.withLock { $0.events.count }
        var builder = EventBatchBuilder(reservingEvents: count, bytes: count * 300)
        var versions: [Int: Int64] = [:]
        for index in 0..<count {
            let stream = Int.random(in: 0..<streams, using: &random)
            versions[stream, default: 0] += 1
            let time = Timestamp(microseconds: 1_770_000_000_000_000 + Int64(first + index) * 1_234_567)
            let fixed = EventBatchBuilder.Fixed(
                position: GlobalPosition(Int64(first + index + 1)), version: StreamVersion(versions[stream] ?? 1),
                id: TimeOrderedID.version7(at: time, using: &random), kind: kind, schemaVersion: 1 + Int32(index % 3),
                occurredAt: time, recordedAt: time.advanced(by: .milliseconds(3)),
                correlationID: index % 2 == 0 ? UUID() : nil, causationID: index % 3 == 0 ? UUID() : nil)
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let metadata = index % 4 == 0 ? "{\"traceparent\":\"\(trace)\"}" : "{}"
            let data = "{\"n\":\(index),\"text\":\"\(String(repeating: "x", count: index % 300))\"}"
            Self.append(
                fixed, "workflow_execution-key-\(stream)", index % 5 == 0 ? "ada" : nil, data, metadata, &builder)
        }
        let batch = builder.finish()
        let waiters = state.withLock { state in
            state.events.append(contentsOf: batch)
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func append(
        _ fixed: EventBatchBuilder.Fixed, _ stream: String, _ actor: String?, _ data: String, _ metadata: String,
        _ builder: inout EventBatchBuilder
    ) {
        Array(stream.utf8).withUnsafeBytes { stream in
            Array((actor ?? "").utf8).withUnsafeBytes { actorBytes in
                Array(data.utf8).withUnsafeBytes { data in
                    Array(metadata.utf8).withUnsafeBytes { metadata in
                        builder.append(
                            fixed, stream: stream, actor: actor == nil ? nil : actorBytes, data: data,
                            metadata: metadata)
                    }
                }
            }
        }
    }

    /// A batch of the events behind a position.
    func batch(after position: GlobalPosition, limit: Int) -> SubscriptionBatch {
        let (page, head) = state.withLock { state in
            (Array(state.events.dropFirst(Int(position.rawValue)).prefix(limit)), state.events.count)
        }
        var builder = EventBatchBuilder()
        for event in page { builder.append(event) }
        return SubscriptionBatch(events: builder.finish(), head: GlobalPosition(Int64(head)))
    }

    /// What the log expects each lane to hold, in order.
    func positions(lanes: Int) -> [[GlobalPosition]] {
        var result = Array(repeating: [GlobalPosition](), count: lanes)
        for event in events { result[Int(Lane(of: event, count: lanes).rawValue)].append(event.position) }
        return result
    }

    // MARK: EventStore

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        throw .failed(reason: "read only")
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        let through = query.through.map { Int($0.rawValue - query.after.rawValue) } ?? .max
        let batch = batch(after: query.after, limit: min(query.limit, through))
        return EventPage(
            events: batch.events, cursor: batch.events.last?.position ?? query.after,
            isEnd: batch.events.count < query.limit, head: batch.head)
    }

    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { throw .failed(reason: "not here") }

    func head() async throws(StoreError) -> LogHead {
        state.withLock {
            LogHead(
                position: GlobalPosition(Int64($0.events.count)), incarnation: $0.incarnation, systemIdentifier: "1",
                timeline: 1, recordedAt: nil)
        }
    }

    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state -> Bool in
                    if state.events.count > Int(position.rawValue) || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    // MARK: LeaseStore

    func acquire(_ name: String, holder: String, for duration: Duration) async throws(StoreError) -> LeaseAnswer {
        state.withLock { state in
            if let other = state.holder, other != holder { return .held(by: other, remaining: .seconds(1)) }
            state.holder = holder
            state.token += 1
            return .granted(Lease(name: name, holder: holder, token: state.token))
        }
    }

    func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        state.withLock { $0.token == lease.token }
    }

    func release(_ lease: Lease) async throws(StoreError) {
        state.withLock { if $0.token == lease.token { $0.holder = nil } }
    }

    /// What an expiry does: somebody else may take the lease, and the old token is void.
    func expireLease() { state.withLock { $0.holder = nil } }

    // MARK: PublishingCheckpointStore

    func publishingCheckpoint(
        of key: ConsumerProgress.Key, topic: String
    ) async throws(StoreError) -> PublishingCheckpoint? { checkpoint(topic) }

    func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        let (answer, waiters) = state.withLock { state -> (AdvanceAnswer, [CheckedContinuation<Void, Never>]) in
            guard state.token == lease.token else { return (.fenced(current: state.token), []) }
            let stored = state.checkpoints[checkpoint.topic]?.progress.position ?? .start
            guard stored == previous else { return (.moved(actual: stored), []) }
            state.checkpoints[checkpoint.topic] = checkpoint
            let reached = state.checkpointWaiters.filter { $0.0 <= checkpoint.progress.position }.map(\.1)
            state.checkpointWaiters.removeAll { $0.0 <= checkpoint.progress.position }
            return (.advanced, reached)
        }
        for waiter in waiters { waiter.resume() }
        return answer
    }
}
