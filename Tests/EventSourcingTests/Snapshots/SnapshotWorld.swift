import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import ReadModels
import Testing

/// A log with snapshots beside it.
struct SnapshotLog: EventStore {
    let base: TroubledLog
    let snapshots: Snapshots?

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome { try await base.append(request) }
    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await base.read(query) }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await base.read(query) }
    func head() async throws(StoreError) -> LogHead { try await base.head() }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}

/// A ledger of many bookings, and processes that come and go.
struct SnapshotWorld {
    static let stream: StreamName = "ledger-1"
    static let key = SnapshotKey(workspace: .default, stream: stream, fold: "ledger")
    /// Small, so that short streams tell.
    static let limits = SnapshotLimits(askedBehind: 5, foldedEvents: 10, checkedOneIn: 0)

    let log: TroubledLog
    let kept = InMemorySnapshots()

    init(log: TroubledLog = TroubledLog()) { self.log = log }

    /// The snapshots as a new process has them.
    func snapshots(
        _ limits: SnapshotLimits = limits, samples: [FoldSample] = Self.samples,
        report: @escaping @Sendable (SnapshotMismatch) -> Void = { _ in }
    ) -> Snapshots {
        Snapshots(
            kept, of: [SnapshotFold(of: Ledger.self, samples: samples)], keys: nil, limits: limits,
            random: SeededRandom(seed: 1), report: report)
    }

    static let samples = [
        FoldSample(
            type: EventType(trusting: "ledger.booked"), schemaVersion: 1,
            data: Array(#"{"filling":"","reference":"a"}"#.utf8)),
        FoldSample(type: EventType(trusting: "ledger.closed"), schemaVersion: 1, data: Array("{}".utf8)),
    ]

    /// Others book, one after the other.
    func book(_ references: Range<Int>) async throws {
        for reference in references {
            let outcome = try await log.base.append(
                AppendRequest(
                    [.draft("ledger.booked", data: #"{"filling":"","reference":"\#(reference)"}"#)], to: Self.stream,
                    expecting: .any))
            #expect(outcome.receipt != nil)
        }
    }

    /// The state as a new process loads it.
    func load(_ snapshots: Snapshots?) async throws -> Ledger.State {
        let handler = JointHandler(
            SnapshotLog(base: log, snapshots: snapshots), time: HastyTimekeeper(), random: SeededRandom(seed: 1))
        return try await handler.state(of: Self.stream, by: Ledger.self)
    }

    /// How many events the last load has read, from which version on.
    func lastReads(since count: Int) -> [Int64] { log.read.dropFirst(count).map(\.from.rawValue) }
}

extension Ledger.State: Snapshotable {
    var snapshot: JSONValue {
        ["order": .array(order.map(JSONValue.string)), "closed": .bool(isClosed)]
    }

    init(snapshot: PayloadReader) throws(EventFlaw) {
        order = try snapshot.texts("order")
        references = Set(order)
        isClosed = try snapshot.bool("closed")
    }
}
