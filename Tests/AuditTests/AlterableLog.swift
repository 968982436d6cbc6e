import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization

/// A log that somebody with all rights can change behind everybody's back: payloads rewritten, events cut out, the head moved.
final class AlterableLog: EventStore, LogDigestStore, LeaseStore, ProgressStore {
    struct Damage: Sendable {
        var rewritten: [Int64: [UInt8]] = [:]
        var removed: Set<Int64> = []
        var head: Int64?
        var moved: [Int64: Int64] = [:]
        /// What the next question for the head is answered with, once: the log grew right after it.
        var earlierHead: Int64?
        /// What is stored here is no event any more.
        var unreadable: Int64?
        /// Why digests are not taken.
        var recordingRefusal: String?
    }

    let log = InMemoryEventStore()
    private let damage = Mutex(Damage())
    private let recorded = Mutex<[LogDigest]>([])

    func alter(_ change: (inout Damage) -> Void) { damage.withLock { change(&$0) } }

    var digests: [LogDigest] { recorded.withLock { $0 } }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome { try await log.append(request) }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        var page = try await log.read(query)
        let damage = damage.withLock { $0 }
        if let position = damage.unreadable.map({ GlobalPosition($0) }),
            page.events.contains(where: { $0.position == position })
        {
            throw .corrupt(at: position, reason: "not UTF-8")
        }
        var builder = EventBatchBuilder()
        for event in page.events where !damage.removed.contains(event.position.rawValue) {
            Self.append(event, damage, to: &builder)
        }
        page.events = builder.finish()
        return page
    }

    private static func append(_ event: RecordedEvent, _ damage: Damage, to builder: inout EventBatchBuilder) {
        let version = damage.moved[event.position.rawValue] ?? event.version.rawValue
        let fixed = EventBatchBuilder.Fixed(
            position: event.position, version: StreamVersion(version), id: event.id, kind: event.kind,
            schemaVersion: event.schemaVersion, occurredAt: event.occurredAt, recordedAt: event.recordedAt,
            correlationID: event.correlationID, causationID: event.causationID)
        let data = damage.rewritten[event.position.rawValue] ?? event.data
        event.withStream { stream in
            event.withMetadata { metadata in
                data.withUnsafeBytes { builder.append(fixed, stream: stream, actor: nil, data: $0, metadata: metadata) }
            }
        }
    }

    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await log.read(query) }

    func head() async throws(StoreError) -> LogHead {
        var head = try await log.head()
        let moved = damage.withLock { damage in damage.earlierHead.take() ?? damage.head }
        if let moved { head.position = GlobalPosition(moved) }
        return head
    }

    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await log.waitForEvents(after: position, atMost: limit)
    }

    func digests(after position: GlobalPosition, limit: Int) async throws(StoreError) -> [LogDigest] {
        Array(digests.filter { $0.position > position }.sorted { $0.position < $1.position }.prefix(limit))
    }

    func latestDigest() async throws(StoreError) -> LogDigest? { digests.max { $0.position < $1.position } }

    func record(_ digest: LogDigest) async throws(StoreError) -> LogDigest {
        if let reason = damage.withLock({ $0.recordingRefusal }) { throw .failed(reason: reason) }
        return recorded.withLock { recorded in
            if let known = recorded.first(where: { $0.position == digest.position }) { return known }
            recorded.append(digest)
            return digest
        }
    }

    func acquire(_ name: String, holder: String, for duration: Duration) async throws(StoreError) -> LeaseAnswer {
        try await log.acquire(name, holder: holder, for: duration)
    }

    func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        try await log.renew(lease, for: duration)
    }

    func release(_ lease: Lease) async throws(StoreError) { try await log.release(lease) }

    func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress? {
        try await log.progress(of: key)
    }

    func allProgress() async throws(StoreError) -> [ConsumerProgress] { try await log.allProgress() }

    func advance(
        _ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        try await log.advance(progress, from: previous, under: lease)
    }

    /// Appends `count` events, ten to a stream.
    func fill(_ count: Int) async throws {
        let ids = IDSource()
        let type = try EventType("account.opened")
        for index in 0..<count {
            let draft = EventDraft(
                id: ids.next(), type: type, data: Array("{\"n\":\(index)}".utf8), occurredAt: SystemTimekeeper().now())
            _ = try await append(AppendRequest([draft], to: try StreamName("account-\(index / 10)"), expecting: .any))
        }
    }
}
