import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver
import ReadModels

/// How a consumer is doing, judged from the log and its checkpoint and never from what it says about itself (L8).
struct ConsumerStatus: Sendable, Equatable {
    var consumer: String
    var kind: String
    var version: Int
    var lane: Int
    /// How many lanes of its generation have a checkpoint of their own; 0: there is one checkpoint.
    var lanes = 0
    /// Which of them is furthest behind, when this is the summary of all.
    var slowestLane: Int?
    /// The generation's number, of a projection.
    var generation = 0
    /// What it said last; `absent` for a projection that has never run.
    var state: String
    var position: Int64
    var head: Int64
    var lagEvents: Int64
    /// Age of the oldest event that it has not handled.
    var lagSeconds: Double
    var parkedKeys: Int64
    var eventsHandled: Int64
    var updatedAt: Timestamp?
    /// Seconds since its last sign of life.
    var silentSeconds: Double
    var lastError: String?
    /// Whether the log holds, at its position, the event that it has seen there (L10).
    var isOnThisHistory = true
}

/// A judgement from outside.
enum Health: String, Sendable {
    /// At the end of the log, or so near that it does not matter.
    case ok
    /// Work exists and is being done.
    case behind
    /// Work exists, and for too long nothing of it has been done.
    case stalled
    /// It stands still at a fault that somebody has to look at.
    case stopped

    var isYes: Bool { self == .ok || self == .behind }
}

extension ConsumerStatus {
    /// Whether some keys of a projection are set aside while everything else flows.
    var isDegraded: Bool { kind == ConsumerProgress.Key.projectorKind && parkedKeys > 0 }

    /// Lag that is a matter of course, in seconds.
    private static let ordinaryLag = 5.0

    /// - Parameter patience: seconds without progress, while work exists, after which it counts as stalled.
    func health(patience: Double) -> Health {
        // It has seen events that this log does not hold, whatever it says about itself.
        if !isOnThisHistory || position > head { return .stopped }
        // Nobody has looked for so long how much there is to do that nothing can be said for it.
        if state == "unwatched" { return .stalled }
        // One that was told to end has stopped as well, but without an error.
        if lastError != nil, state == "stopped" || state == "refused" { return .stopped }
        guard lagEvents > 0 else { return .ok }
        // Readers do not see it: a rebuild that was interrupted waits for the next run, and a previous generation may be left behind.
        if kind == "rebuild" || kind == "previous" { return .behind }
        // An idle consumer is silent for long; what counts is for how long there has been work as well.
        if min(lagSeconds, silentSeconds) > patience { return .stalled }
        return lagSeconds > Self.ordinaryLag ? .behind : .ok
    }
}

/// Reads the status of every consumer.
enum ConsumerStatusQuery {
    /// States written by an earlier fold are nobody's work any more, once a later one has begun.
    private static let consumers: PostgresStatement = """
        select p.consumer, p.kind, p.version, p.lane, p.state, p.position, p.head, p.lag_events, p.lag_seconds, p.parked_keys,
            p.events_handled, p.updated_at, extract(epoch from clock_timestamp() - p.updated_at)::double precision, p.last_error,
            p.kind = 'ingest' or p.position = 0 or p.last_event_id is null or coalesce(e.event_id = p.last_event_id, false),
            coalesce(g.lanes, case p.kind when 'reconciler' then (
                select count(*) from lockstep.checkpoints r where r.kind = p.kind and r.consumer = p.consumer) end, 0)::int,
            coalesce(g.number, 0)
        from lockstep.consumer_progress p left join lockstep.event_log e on e.position = p.position and p.kind <> 'ingest'
        left join lockstep.generations g on g.projection = p.consumer and p.lane >= 0 and g.lanes > 0
            and g.version = p.version and p.kind = case g.state when 'active' then 'projector' when 'previous' then 'previous' else 'rebuild' end
            and g.state <> 'retired'
        where p.kind <> 'state' or not exists (
            select from lockstep.consumer_progress n where (n.kind, n.consumer) = (p.kind, p.consumer) and n.version > p.version)
        order by p.kind, p.consumer, p.version, p.lane
        """
    private static let log: PostgresStatement = """
        select h.position, coalesce(extract(epoch from clock_timestamp() - e.recorded_at), 0)::double precision
        from lockstep.log_head h left join lockstep.event_log e on e.position = 1
        """

    /// Every consumer that has a checkpoint, and every projection of this program that has none.
    static func all(on connection: PostgresConnection) async throws -> [ConsumerStatus] {
        let rows = try await connection.query(consumers)
        let lanes = try (0..<rows.rowCount).map { try status($0, of: rows) }
        let end = try await connection.query(log)
        let (head, age) = (try end.int64(0, 0), try end.double(0, 1))
        var found = lanes.summarised(logAge: age)
        for projection in ProjectionCatalogue.all {
            guard !found.contains(where: { $0.kind == "projector" && $0.consumer == projection.name }) else { continue }
            found.append(
                ConsumerStatus(
                    consumer: projection.name, kind: "projector", version: projection.version, lane: -1,
                    state: "absent", position: 0,
                    head: head, lagEvents: head, lagSeconds: age, parkedKeys: 0, eventsHandled: 0, updatedAt: nil,
                    silentSeconds: .infinity, lastError: nil))
        }
        return found
    }

    private static func status(_ row: Int, of rows: PostgresResult) throws -> ConsumerStatus {
        ConsumerStatus(
            consumer: try rows.text(row, 0), kind: try rows.text(row, 1), version: Int(try rows.int32(row, 2)),
            lane: Int(try rows.int32(row, 3)), lanes: Int(try rows.int32(row, 15)),
            generation: Int(try rows.int32(row, 16)), state: try rows.text(row, 4), position: try rows.int64(row, 5),
            head: try rows.int64(row, 6), lagEvents: try rows.int64(row, 7), lagSeconds: try rows.double(row, 8),
            parkedKeys: try rows.int64(row, 9), eventsHandled: try rows.int64(row, 10),
            updatedAt: Timestamp(microseconds: try rows.timestampMicroseconds(row, 11)),
            silentSeconds: try rows.double(row, 12),
            lastError: rows.isNull(row, 13) ? nil : try rows.text(row, 13),
            isOnThisHistory: try rows.bool(row, 14))
    }
}
