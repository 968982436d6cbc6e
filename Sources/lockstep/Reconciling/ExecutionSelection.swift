import EventModel
import EventSourcing
import PostgresDriver
import PostgresReadModels

/// Which executions that can still move are meant. Those that are stale are left alone.
struct ExecutionSelection: Sendable {
    /// Those of this tenant only.
    var workspace: Workspace?
    /// Those that run this workflow only.
    var workflow: String?
    /// Those of which something was recorded then or later only.
    var since: Timestamp?

    /// Executions of one page.
    private static let page = 5_000

    private static let condition = """
        not (s.workflow_over and s.journey_over) and not (s.workflow_over and not s.journey_seen)
            and ($1::text is null or s.workspace = $1) and ($2::text is null or s.workflow_id = $2)
            and ($3::timestamptz is null or s.updated_at >= $3)
        """
    private static let count = PostgresStatement(
        "select count(*) from lockstep_views.sync_state s where \(condition) and not \(PostgresProjectionStore.isStale())"
    )
    private static let next = PostgresStatement(
        """
        select s.workspace, s.execution_id, coalesce(s.workflow_last_position, 0), coalesce(s.journey_last_position, 0)
        from lockstep_views.sync_state s where \(condition)
            and not \(PostgresProjectionStore.isStale(behind: "($4::text, $5::text)")) and (s.workspace, s.execution_id) > ($4::text, $5::text)
        order by s.workspace, s.execution_id limit $6::bigint
        """)

    /// How many there are now.
    func count(in room: ReconcilingRoom) async throws -> Int64 {
        let parameters = parameters
        return try await room.pool.withConnection { try await $0.query(Self.count, parameters) }.int64(0, 0)
    }

    /// Goes through them with what is noted of them, page by page.
    func forEach(in room: ReconcilingRoom, _ body: (NotedExecution) async throws -> Void) async throws {
        var last: ExecutionKey?
        while true {
            try Task.checkCancellation()
            let page = try await page(after: last, in: room)
            for standing in page { try await body(standing) }
            guard page.count == Self.page else { return }
            last = page.last?.key
        }
    }

    private func page(after last: ExecutionKey?, in room: ReconcilingRoom) async throws -> [NotedExecution] {
        var parameters = parameters
        parameters.append(last?.workspace.rawValue ?? "")
        parameters.append(last?.execution ?? "")
        parameters.append(Int64(Self.page))
        let sent = parameters
        let rows = try await room.pool.withConnection { try await $0.query(Self.next, sent) }
        let shown = try (0..<rows.rowCount).map { row in
            (
                ExecutionKey(workspace: try Workspace(try rows.text(row, 0)), execution: try rows.text(row, 1)),
                GlobalPosition(try rows.int64(row, 2)), GlobalPosition(try rows.int64(row, 3))
            )
        }
        let notes = try await room.views.notes(of: shown.map(\.0))
        return shown.map { key, workflow, journey in
            let note = notes[key].flatMap { note in
                let (seen, heard) = (note.ends.workflow?.position ?? .start, note.ends.journey?.position ?? .start)
                return seen >= workflow && heard >= journey ? note : nil
            }
            return NotedExecution(key, note: note)
        }
    }

    private var parameters: PostgresParameters {
        var parameters = PostgresParameters()
        if let workspace { parameters.append(workspace.rawValue) } else { parameters.appendNull(.text) }
        if let workflow { parameters.append(workflow) } else { parameters.appendNull(.text) }
        if let since {
            parameters.append(timestampMicroseconds: since.microseconds)
        } else {
            parameters.appendNull(.timestamptz)
        }
        return parameters
    }
}
