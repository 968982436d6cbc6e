import EventModel
import FoundationEssentials

/// The log: one order over all streams, written under expected versions, read by pull.
///
/// Implementations agree on every sentence here; one contract suite runs against each of them.
public protocol EventStore: ReadableLog {
    /// Appends to one or several streams, all or nothing.
    ///
    /// - Returns: ``AppendOutcome/appended(_:)``; ``AppendOutcome/repeated(_:)`` with the first positions when exactly these
    ///   events are in the log already; ``AppendOutcome/conflict(_:)`` when someone else wrote first (nothing was stored: fold
    ///   again and re-decide).
    /// - Throws: ``StoreError``. After ``StoreError/unknownOutcome(reason:)`` the append may have happened: retry with the same
    ///   event ids and the answer will be the first one.
    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome

    /// Sleeps until the log has probably grown beyond `position`, at most for `limit`.
    ///
    /// Only latency depends on it: it may return early, and a lost notification costs at most `limit`.
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError)

    /// The snapshots beside the log, from which whoever decides over its streams may begin; `nil` when everything is folded from the start.
    var snapshots: Snapshots? { get }
}

extension EventStore {
    /// None.
    public var snapshots: Snapshots? { nil }
}

/// The half of the log that changes nothing. Whoever is given no more than this cannot write, whatever mistakes it makes.
public protocol ReadableLog: Sendable {
    /// One page of events over all streams, in log order.
    func read(_ query: EventQuery) async throws(StoreError) -> EventPage

    /// One page of the events of one stream, in stream order.
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage

    /// One page of each of several streams, in the order of the queries: what reading one after the other would answer, in one round trip where the
    /// store can.
    func read(_ queries: [StreamQuery]) async throws(StoreError) -> [StreamPage]

    /// The end of the log and the identity of its history, as committed now.
    func head() async throws(StoreError) -> LogHead
}

extension ReadableLog {
    /// One after the other.
    public func read(_ queries: [StreamQuery]) async throws(StoreError) -> [StreamPage] {
        var pages: [StreamPage] = []
        for query in queries { pages.append(try await read(query)) }
        return pages
    }
}

/// The end of the log, and which history it is the end of.
public struct LogHead: Sendable, Hashable {
    /// Position of the last event, 0 for an empty log.
    public var position: GlobalPosition
    /// Made when the log was created, and anew whenever another history is adopted.
    public var incarnation: UUID
    /// The database cluster's own identity, as of the last time the history was confirmed.
    public var systemIdentifier: String
    /// The database's timeline, as of the last time the history was confirmed.
    public var timeline: Int
    /// When the last event was recorded.
    public var recordedAt: Timestamp?

    /// A head by its parts.
    public init(
        position: GlobalPosition, incarnation: UUID, systemIdentifier: String, timeline: Int, recordedAt: Timestamp?
    ) {
        self.position = position
        self.incarnation = incarnation
        self.systemIdentifier = systemIdentifier
        self.timeline = timeline
        self.recordedAt = recordedAt
    }
}
