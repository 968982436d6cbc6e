import EventModel
import EventSourcing
import Ingest
import PostgresDriver

/// What the read models show, against what was imported.
struct ViewComparison: Sendable {
    let imports: [WorkflowImport]
    let head: GlobalPosition

    /// A row of `lockstep_views.workflows`.
    struct Row: Sendable {
        var digest: String
        var revision: Int64
        /// The event that made it what it is.
        var lastPosition: Int64
        var name: String
        var blocks: Int64
        var edges: Int64

        /// Whether it is what the log says, and that what was imported.
        func shows(_ logged: LoggedDefinition, of imported: WorkflowImport) -> Bool {
            digest == imported.reading.digest.hexadecimal && digest == logged.digest.hexadecimal
                && revision == Int64(logged.revision) && lastPosition == logged.position.rawValue
        }
    }

    /// - Returns: the rows, by workflow id.
    func run(
        on connection: PostgresConnection, against store: some EventStore, _ report: DemoReport
    ) async throws -> [String: Row] {
        report.heading("Read models show what the log says")
        let (rows, wrong) = try await workflows(on: connection, against: store)
        report.check(
            "lockstep_views.workflows shows all \(imports.count) workflows in their newest version", wrong.isEmpty,
            wrong.isEmpty
                ? "names, digests and revisions agree with the files" : "different: \(wrong.joined(separator: ", "))")
        var parameters = PostgresParameters()
        parameters.append(head.rawValue)
        let row = try await connection.query(
            "select count(*), coalesce(max(position), 0) from lockstep_views.timeline where position <= $1", parameters)
        let (count, last) = (try row.int64(0, 0), try row.int64(0, 1))
        report.check(
            "lockstep_views.timeline shows all \(head) events", count == head.rawValue && last == head.rawValue,
            "\(count) rows, the last for position \(last)")
        try await hours(on: connection, report)
        return rows
    }

    private static let hoursThatDiffer: PostgresStatement = """
        select count(*) from (
            select workspace, date_trunc('hour', recorded_at, 'UTC') as hour, type, count(*) as events, min(position) as first_position,
                max(position) as last_position
            from lockstep.event_log group by 1, 2, 3) e
        full join lockstep_views.activity_by_hour a using (workspace, hour, type)
        where (a.events, a.first_position, a.last_position) is distinct from (e.events, e.first_position, e.last_position)
        """

    private func hours(on connection: PostgresConnection, _ report: DemoReport) async throws {
        let wrong = try await connection.query(Self.hoursThatDiffer).int64(0, 0)
        report.check(
            "lockstep_views.activity_by_hour counts every event once, in the hour in which it was recorded", wrong == 0,
            wrong == 0 ? "the sums over all lanes are those of the log" : "\(wrong) rows differ from the log")
    }

    private func workflows(
        on connection: PostgresConnection, against store: some EventStore
    ) async throws -> (rows: [String: Row], wrong: [String]) {
        var found: [String: Row] = [:]
        var wrong: [String] = []
        for imported in imports {
            let id = imported.reading.id.text
            found[id] = try await row(of: id, on: connection)
            let logged = try await LoggedDefinition.read(imported.stream, from: store, through: head)
            guard let row = found[id], let logged, row.shows(logged, of: imported) else {
                wrong.append(id)
                continue
            }
        }
        return (found, wrong)
    }

    private func row(of id: String, on connection: PostgresConnection) async throws -> Row? {
        var parameters = PostgresParameters()
        parameters.append(id)
        let rows = try await connection.query(
            """
            select digest, revision, last_position, coalesce(name, workflow_id), blocks, edges
            from lockstep_views.workflows where workspace = 'default' and workflow_id = $1
            """, parameters)
        guard rows.rowCount == 1 else { return nil }
        return Row(
            digest: try rows.text(0, 0), revision: try rows.int64(0, 1), lastPosition: try rows.int64(0, 2),
            name: try rows.text(0, 3), blocks: try rows.int64(0, 4), edges: try rows.int64(0, 5))
    }
}
