import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// Makes the database that was found the log that goes on, on the record.
///
/// Everything happens in one transaction, which first takes the lock of all appends: the new incarnation, the event `log.forked` in the
/// stream of the old one, and the checkpoints that are proven to be on this history. So there is no moment in which writers are let in
/// and the fork is not on record, and a process that dies in the middle leaves the log as it was: refusing writers.
struct HistoryAdoption: Sendable {
    /// The history as the operator has seen it; adoption is refused when it has moved since.
    let seen: LogHistory
    /// What the topic held.
    let topicPosition: GlobalPosition?
    /// Topics that hold what this log has lost: they are published to no more. None unless the loss is accepted.
    let left: [String]
    let actor: String?

    /// What was done.
    struct Receipt: Sendable, Equatable {
        var incarnation: UUID
        var stream: String
        var position: GlobalPosition
        /// Consumers that were carried over because the log holds, at their position, the event that they have seen.
        var checkpoints: Int
        /// The topics that are published to no more.
        var left: [String]
    }

    func run(on connection: PostgresConnection, eventID: UUID, incarnation: UUID, at time: Timestamp) async throws
        -> Receipt
    {
        try await connection.transaction { connection in
            try await lockAndConfirm(on: connection)
            try await confirm(incarnation, on: connection)
            let position = try await append(eventID, incarnation, time, on: connection)
            try await giveUpPublishing(on: connection)
            let carried = try await carryCheckpoints(to: incarnation, on: connection)
            return Receipt(
                incarnation: incarnation, stream: stream, position: position, checkpoints: carried, left: left)
        }
    }

    /// The stream of the incarnation that ends.
    private var stream: String { "\(EarlierIncarnations.category)-\(seen.incarnation.text)" }

    private func lockAndConfirm(on connection: PostgresConnection) async throws {
        let row = try await connection.query("select position, incarnation from lockstep.log_state for update")
        guard try row.int64(0, 0) == seen.position.rawValue, try row.uuid(0, 1) == seen.incarnation else {
            throw Failure(
                .no, "the log has moved while it was looked at", hint: "stop the writers and run the command again")
        }
    }

    private func confirm(_ incarnation: UUID, on connection: PostgresConnection) async throws {
        var parameters = PostgresParameters()
        parameters.append(incarnation)
        _ = try await connection.query(
            """
            update lockstep.log_state set incarnation = $1, system_identifier = s.system_identifier::text, timeline = c.timeline_id
            from pg_control_system() s, pg_control_checkpoint() c
            """, parameters)
    }

    private func append(
        _ id: UUID, _ incarnation: UUID, _ time: Timestamp, on connection: PostgresConnection
    ) async throws -> GlobalPosition {
        var kind = PostgresParameters()
        kind.append(EarlierIncarnations.category)
        kind.append(EarlierIncarnations.forked)
        _ = try await connection.query(
            """
            insert into lockstep.kinds (workspace, category, type)
            select w.id, $1, $2 from lockstep.workspaces w where w.name = 'default' on conflict do nothing
            """, kind)
        var parameters = PostgresParameters()
        parameters.append(stream)
        parameters.append(EarlierIncarnations.category)
        parameters.append(EarlierIncarnations.forked)
        parameters.append(id)
        if let actor { parameters.append(actor) } else { parameters.appendNull(.text) }
        parameters.append(timestampMicroseconds: time.microseconds)
        parameters.append(data(incarnation))
        let row = try await connection.query(
            """
            select a.outcome, a.position from lockstep.kinds k join lockstep.workspaces w on w.id = k.workspace,
            lockstep.append(false, array[1], array[w.id], array[$1], array[0::bigint], array[1], array[1], array[1], array[k.id],
                array[1::smallint], array[$4::uuid], array[null::uuid], array[null::uuid], array[$5], array[$6::timestamptz], array[$7::bytea],
                array[convert_to('{}', 'UTF8')]) a
            where w.name = 'default' and k.category = $2 and k.type = $3
            """, parameters)
        guard row.rowCount == 1, try row.int16(0, 0) == 0 else {
            throw Failure(
                .no, "the stream \(stream) exists already: this incarnation was forked before",
                hint: "run `lockstep doctor`")
        }
        return GlobalPosition(try row.int64(0, 1))
    }

    /// What was noted of publishing to the topics that are left goes: nobody publishes to them any more, and whoever tries finds another history
    /// at the ends of their partitions.
    private func giveUpPublishing(on connection: PostgresConnection) async throws {
        for topic in left {
            _ = try await connection.query(
                "delete from lockstep.checkpoints where consumer = $1 and kind in ('publisher', 'state')",
                PostgresParameters { $0.append(topic) })
        }
    }

    private func carryCheckpoints(to incarnation: UUID, on connection: PostgresConnection) async throws -> Int {
        var parameters = PostgresParameters()
        parameters.append(incarnation)
        parameters.append(seen.incarnation)
        return try await connection.query(
            """
            update lockstep.checkpoints c set incarnation = $1
            where c.incarnation = $2 and (c.position = 0 or exists (
                select from lockstep.events e where e.position = c.position and e.event_id = c.last_event_id))
            """, parameters
        ).affectedRows
    }

    private func data(_ incarnation: UUID) -> [UInt8] {
        Answers.line { object in
            object.member("previous_incarnation", seen.incarnation)
            object.member("incarnation", incarnation)
            object.member("head", seen.position.rawValue)
            object.member("previous_system_identifier", seen.remembered.systemIdentifier)
            object.member("previous_timeline", seen.remembered.timeline)
            object.member("system_identifier", seen.found.systemIdentifier)
            object.member("timeline", seen.found.timeline)
            object.member("topic_position", topicPosition?.rawValue)
            object.member("accepted_loss", !left.isEmpty)
            object.member("left_topics", left)
        }
    }
}
