import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// Which history the log is, and which server it is found on (L10).
struct LogHistory: Sendable, Equatable {
    var position: GlobalPosition
    var incarnation: UUID
    var remembered: Server
    var found: Server

    /// A database cluster at one point of its life.
    struct Server: Sendable, Equatable {
        var systemIdentifier: String
        var timeline: Int
    }

    /// What differs; `nil` when the log is where it was written last.
    var mismatch: HistoryMismatch? {
        guard remembered != found else { return nil }
        return HistoryMismatch(
            remembered: (remembered.systemIdentifier, remembered.timeline),
            found: (found.systemIdentifier, found.timeline))
    }

    private static let statement: PostgresStatement = """
        select h.position, h.incarnation, h.system_identifier, h.timeline, s.system_identifier::text, c.timeline_id
        from lockstep.log_head h, pg_control_system() s, pg_control_checkpoint() c
        """

    static func read(on connection: PostgresConnection) async throws -> LogHistory {
        let row = try await connection.query(statement)
        guard row.rowCount == 1 else {
            throw Failure(
                .internal, "lockstep.log_head has \(row.rowCount) rows instead of one", hint: "restore a backup")
        }
        return LogHistory(
            position: GlobalPosition(try row.int64(0, 0)), incarnation: try row.uuid(0, 1),
            remembered: Server(systemIdentifier: try row.text(0, 2), timeline: Int(try row.int32(0, 3))),
            found: Server(systemIdentifier: try row.text(0, 4), timeline: Int(try row.int32(0, 5))))
    }
}
