import EventModel
import EventSourcing
import PostgresDriver

/// Compares the database that answers with the one the log remembers (L10).
///
/// A restored backup brings its own memory along, but not its own control file: the system identifier is made by `initdb` and the
/// timeline grows with every promotion, so a log that was restored elsewhere, or recovered to a point in time, is noticed.
enum HistoryCheck {
    private static let statement: PostgresStatement = """
        select s.system_identifier, s.timeline, found.system_identifier::text, control.timeline_id
        from lockstep.log_state s, pg_control_system() found, pg_control_checkpoint() control
        """

    /// - Throws: ``StoreError/historyChanged(_:)`` when they differ.
    static func confirm(on connection: PostgresConnection) async throws {
        let row = try await connection.query(statement)
        guard row.rowCount == 1 else {
            throw StoreError.corrupt(at: .start, reason: "lockstep.log_state has \(row.rowCount) rows instead of one")
        }
        let remembered = (systemIdentifier: try row.text(0, 0), timeline: Int(try row.int32(0, 1)))
        let found = (systemIdentifier: try row.text(0, 2), timeline: Int(try row.int32(0, 3)))
        guard remembered == found else {
            throw StoreError.historyChanged(HistoryMismatch(remembered: remembered, found: found))
        }
    }
}
