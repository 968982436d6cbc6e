import EventModel
import EventSourcing
import Operations
import PostgresDriver
import ReadModels

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

    /// What was read in one go.
    struct Reading: Sendable {
        /// Every checkpoint by itself.
        let checkpoints: [ConsumerStatus]
        /// Every consumer that has a checkpoint, its lanes as one, and every projection of this program that has none.
        let consumers: [ConsumerStatus]
        /// The end of the log.
        let head: Int64
    }

    /// Every consumer that has a checkpoint, and every projection of this program that has none.
    static func all(on connection: PostgresConnection) async throws -> [ConsumerStatus] {
        try await read(on: connection).consumers
    }

    static func read(on connection: PostgresConnection) async throws -> Reading {
        let rows = try await connection.query(consumers)
        let checkpoints = try (0..<rows.rowCount).map { try status($0, of: rows) }
        let end = try await connection.query(log)
        let (head, age) = (try end.int64(0, 0), try end.double(0, 1))
        var found = checkpoints.summarised(logAge: age)
        for projection in ProjectionCatalogue.all {
            guard !found.contains(where: { $0.kind == "projector" && $0.consumer == projection.name }) else { continue }
            found.append(
                ConsumerStatus(
                    consumer: projection.name, kind: "projector", version: projection.version, lane: -1,
                    state: "absent", position: 0,
                    head: head, lagEvents: head, lagSeconds: age, parkedKeys: 0, eventsHandled: 0, updatedAt: nil,
                    silentSeconds: .infinity, lastError: nil))
        }
        return Reading(checkpoints: checkpoints, consumers: found, head: head)
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
