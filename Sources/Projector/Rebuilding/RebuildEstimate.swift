import EventModel
import EventSourcing
import ReadModels

/// What a rebuild would cost, from a sample: a few pages from all over the log are read and folded, and nothing is written.
public struct RebuildEstimate: Sendable, Hashable {
    /// Events of the log.
    public var events: Int64
    /// Bytes of the sampled events, stretched to the log.
    public var bytes: Int64
    /// Rows that the sampled events made, for each event: an upper bound for read models whose rows many events concern.
    public var rowsPerEvent: Double
    /// Events that were sampled.
    public var sampled: Int
    /// Seconds of reading and folding, by the fastest and the slowest of the sampled pages. Writing goes on beside.
    public var seconds: ClosedRange<Double>

    /// Pages that are sampled, and events of each.
    private static let (pages, pageEvents) = (8, 2_000)

    /// Samples the log.
    ///
    /// - Throws: ``ProjectionFault`` at a sampled event that cannot be folded; ``StoreError``.
    public static func sample(
        _ projection: any Projection, from log: some EventStore, time: any Timekeeper = SystemTimekeeper()
    ) async throws -> RebuildEstimate {
        let head = try await log.head().position.rawValue
        var rates: [Double] = []
        var (events, bytes, rows) = (0, 0, 0)
        let generation = ProjectionGeneration(
            projection, generation: projection.generation, relation: projection.table.generationName)
        let pages = min(Int64(Self.pages), max(1, head / Int64(pageEvents)))
        for page in 0..<pages where head > 0 {
            let start = GlobalPosition(page * max(0, head - Int64(pageEvents)) / max(1, pages - 1))
            let began = time.steady()
            let batch = try await log.read(EventQuery(after: start, limit: pageEvents)).events
            let scanned = ScannedPage(batch, lanes: Lane.defaultCount)
            let fold = LaneFold(generation)
            try fold.fold(scanned.events, at: Array(scanned.events.indices))
            rows += fold.takeAdded().count + fold.takeOff().new.count
            rates.append(Double(batch.count) / max((time.steady() - began).inSeconds, 1e-9))
            events += batch.count
            bytes += batch.reduce(0) { $0 + $1.byteCount }
        }
        let (slowest, fastest) = (rates.min() ?? 1, rates.max() ?? 1)
        return RebuildEstimate(
            events: head, bytes: events == 0 ? 0 : Int64(Double(bytes) / Double(events) * Double(head)),
            rowsPerEvent: events == 0 ? 0 : Double(rows) / Double(events), sampled: events,
            seconds: (Double(head) / fastest)...(Double(head) / slowest))
    }
}
