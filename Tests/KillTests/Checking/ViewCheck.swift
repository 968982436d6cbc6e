import PostgresDriver

/// Law L3: every view is what the log says up to its checkpoint, and every consumer has handled each event once.
///
/// A projector's checkpoint never goes back. The publisher's does when the broker has lost records, until they are there again; so it is
/// asked about by itself, for as long as that may take.
enum ViewCheck {
    private static let questions: [(flaw: String, sql: PostgresStatement)] = [
        (
            "rows of the timeline and events that differ",
            """
            select count(*) from lockstep.event_log e full join lockstep_views.timeline t on t.position = e.position
            where (t.workspace, t.stream, t.category, t.sync_key, t.version, t.type, t.actor, t.correlation_id, t.occurred_at, t.recorded_at)
                is distinct from (e.workspace, e.stream, e.category, substr(e.stream, strpos(e.stream, '-') + 1), e.version, e.type,
                    e.actor, e.correlation_id, e.occurred_at, e.recorded_at)
            """
        ),
        (
            "rows of the workflows and streams that differ",
            """
            select count(*) from (
                select workspace, substr(stream, strpos(stream, '-') + 1) as workflow_id, count(*) as revision, min(position) as first_position,
                    max(position) as last_position, min(recorded_at) as imported_at, max(recorded_at) as updated_at,
                    (array_agg(data ->> 'digest' order by position desc))[1] as digest
                from lockstep.event_log where category = 'workflow' group by 1, 2) e
            full join lockstep_views.workflows w on (w.workspace, w.workflow_id) = (e.workspace, e.workflow_id)
            where (w.revision, w.first_position, w.last_position, w.imported_at, w.updated_at, w.digest)
                is distinct from (e.revision, e.first_position, e.last_position, e.imported_at, e.updated_at, e.digest)
            """
        ),
        (
            "hours and counts of events that differ",
            """
            select count(*) from (
                select workspace, date_trunc('hour', recorded_at, 'UTC') as hour, type, count(*) as events, min(position) as first_position,
                    max(position) as last_position
                from lockstep.event_log group by 1, 2, 3) e
            full join lockstep_views.activity_by_hour a using (workspace, hour, type)
            where (a.events, a.first_position, a.last_position) is distinct from (e.events, e.first_position, e.last_position)
            """
        ),
    ]

    /// A generation with a checkpoint for each lane has handled what its lanes have handled together.
    private static let atTheHead: PostgresStatement =
        """
        select format('%s has handled %s of %s events; its lanes: %s', consumer, handled, head, lanes) from (
            select p.consumer, max(p.head) as head, sum(p.events_handled) as handled,
                bool_and((p.position, p.last_event_id, p.parked_keys) is not distinct from (p.head, e.event_id, 0::bigint)) as is_there,
                string_agg(format('%s at %s, %s parked, %s event', p.lane, p.position, p.parked_keys,
                    case when p.last_event_id = e.event_id then 'the' else 'another' end), ', ' order by p.lane) as lanes
            from lockstep.consumer_progress p left join lockstep.event_log e on e.position = p.head
            where p.kind = $1 and p.lane >= $2 group by p.consumer, p.version) c
        where not is_there or handled <> head
        """

    /// The sum of SHA-256(position ‖ id ‖ data) modulo 2²⁵⁶, in pieces of 32 bits.
    private static let digests: PostgresStatement =
        """
        with hashes as (
            select sha256(int8send(position) || uuid_send(event_id) || data_raw) as hash from lockstep.event_log
        ), limbs as (
            select i, sum(('x' || encode(substr(hash, 1 + 4 * i, 4), 'hex'))::bit(32)::bigint) as limb
            from hashes, generate_series(0, 7) i group by i
        ), log as (select mod(sum(limb * power(2::numeric, 32 * (7 - i))), power(2::numeric, 256)) as total from limbs
        ), consumers as (
            select mod(sum(('x' || encode(substr(p.digest, 1 + 4 * i, 4), 'hex'))::bit(32)::bigint * power(2::numeric, 32 * (7 - i))),
                power(2::numeric, 256)) as total
            from lockstep.consumer_progress p cross join generate_series(0, 7) i
            where p.kind = $1 and p.lane >= $2 group by p.consumer, p.version
        )
        select count(*) from consumers c, log where c.total is distinct from log.total
        """

    /// Consumers of a kind that did not handle every event once, or not these events.
    static func flaws(
        _ connection: PostgresConnection, ofKind kind: String, fromLane lane: Int32 = -1
    ) async throws -> [String] {
        let parameters = PostgresParameters { list in
            list.append(kind)
            list.append(lane)
        }
        let behind = try await connection.query(atTheHead, parameters)
        let other = try await connection.query(digests, parameters).int64(0, 0)
        return try (0..<behind.rowCount).map { "of kind \(kind): \(try behind.text($0, 0))" }
            + (other == 0 ? [] : ["\(other) of kind \(kind) with a digest that is not that of the log"])
    }

    /// What is wrong with the views and their checkpoints.
    static func flaws(_ connection: PostgresConnection, fromLane lane: Int32 = -1) async throws -> [String] {
        var flaws: [String] = []
        for question in questions {
            let count = try await connection.query(question.sql).int64(0, 0)
            if count != 0 { flaws.append("\(count) \(question.flaw)") }
        }
        return try await flaws + self.flaws(connection, ofKind: "projector", fromLane: lane)
    }
}
