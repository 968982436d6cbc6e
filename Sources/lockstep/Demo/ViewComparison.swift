import EventModel
import EventSourcing
import Ingest
import PostgresDriver

/// What the read models show, against what was imported.
struct ViewComparison: Sendable {
    let imports: [WorkflowImport]
    let head: GlobalPosition

    func run(on connection: PostgresConnection, _ report: DemoReport) async throws {
        report.heading("Read models show what the log says")
        let wrong = try await workflowsThatDiffer(on: connection)
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
    }

    private func workflowsThatDiffer(on connection: PostgresConnection) async throws -> [String] {
        var wrong: [String] = []
        for imported in imports {
            var parameters = PostgresParameters()
            parameters.append(imported.reading.id.text)
            let rows = try await connection.query(
                """
                select digest, revision, last_position from lockstep_views.workflows where workspace = 'default' and workflow_id = $1
                """, parameters)
            let isRight =
                try rows.rowCount == 1 && rows.text(0, 0) == imported.reading.digest.hexadecimal
                && rows.int64(0, 1) == imported.version.rawValue && rows.int64(0, 2) == imported.position.rawValue
            if !isRight { wrong.append(imported.reading.id.text) }
        }
        return wrong
    }
}
