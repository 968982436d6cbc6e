import EventModel
import EventSourcing
import JourneyDomain
import PostgresDriver
import WorkflowDomain

/// One execution and the conversation that walks for it, as the read models show them.
struct SidePair: Sendable {
    var execution: String
    var workflow: String
    var status: String
    /// What it waits for; `nil` when it does not.
    var waitingFor: String?
    var completed: Int64
    var failed: Int64
    var running: Int64
    var journeyID: String
    var session: String
    var activity: String
    var messages: Int64
    var turns: Int64
    var failedTurns: Int64
    /// Where the conversation stands in the journey; `nil` outside it.
    var state: String?
    /// The same by the execution's own stream of the session.
    var copiedState: String?
    /// Whether `sync_state` shows of both sides what the read models of each side show.
    var isInSyncState: Bool
}

/// Reads both sides of every recorded execution from the read models, and compares them with the log.
struct SideBySide: Sendable {
    let executions: [String]

    private static let pair: PostgresStatement = """
        select e.execution_id, coalesce(w.name, e.workflow_id), e.status, e.waiting_kind, e.visits_completed, e.visits_failed,
               e.visits_running, j.journey_id, c.session_id, c.status, c.messages, c.turns_completed, c.turns_failed,
               c.positions->>j.journey_id, s.positions->>j.journey_id,
               coalesce(y.workflow_seen and y.journey_seen and y.session_bound, false) and
               (y.workflow_status, y.workflow_visits::text, y.mapping_id, y.mapping_version, y.workflow_last_position, y.session_id,
                y.journey_status, y.journey_states::text, y.journey_mode, y.journey_last_position)
               is not distinct from
               (e.status, e.current_visits::text, e.mapping_id, e.mapping_version, e.last_position, s.session_id,
                s.status, s.positions::text, s.mode, s.last_position)
          from lockstep_views.executions e
          join lockstep_views.workflows w using (workspace, workflow_id)
          join lockstep_views.mappings m
            on m.workspace = e.workspace and m.workflow_id = e.mapping_id and m.version = e.mapping_version
          join lockstep_views.journeys j on j.workspace = e.workspace and j.journey_id = m.journey_id
          join lockstep_views.sessions s
            on s.workspace = e.workspace and s.category = 'journey_session' and s.key = e.execution_id
          join lockstep_views.sessions c
            on c.workspace = e.workspace and c.category = 'parlant_session' and c.key = s.session_id
          left join lockstep_views.sync_state y on y.workspace = e.workspace and y.execution_id = e.execution_id
         where e.workspace = 'default' and e.execution_id = $1
        """

    /// The pairs, in the order of the executions; what is missing is left out.
    func read(on connection: PostgresConnection) async throws -> [SidePair] {
        var pairs: [SidePair] = []
        for execution in executions {
            var parameters = PostgresParameters()
            parameters.append(execution)
            let rows = try await connection.query(Self.pair, parameters)
            for row in 0..<rows.rowCount { pairs.append(try Self.pair(row, of: rows)) }
        }
        return pairs
    }

    private static func pair(_ row: Int, of rows: PostgresResult) throws -> SidePair {
        func optional(_ column: Int) throws -> String? { rows.isNull(row, column) ? nil : try rows.text(row, column) }
        return SidePair(
            execution: try rows.text(row, 0), workflow: try rows.text(row, 1), status: try rows.text(row, 2),
            waitingFor: try optional(3), completed: try rows.int64(row, 4), failed: try rows.int64(row, 5),
            running: try rows.int64(row, 6), journeyID: try rows.text(row, 7), session: try rows.text(row, 8),
            activity: try rows.text(row, 9), messages: try rows.int64(row, 10), turns: try rows.int64(row, 11),
            failedTurns: try rows.int64(row, 12), state: try optional(13), copiedState: try optional(14),
            isInSyncState: try rows.bool(row, 15))
    }

    /// Checks that the read models show of every execution and conversation what their streams amount to, and that both went the same way.
    func compare(_ pairs: [SidePair], _ walks: [DemoWalk], _ report: DemoReport) {
        let shown = Set(pairs.map(\.execution))
        let missing = executions.filter { !shown.contains($0) }
        let byExecution = Dictionary(walks.map { ($0.execution, $0) }, uniquingKeysWith: { first, _ in first })
        let wrong = missing + pairs.filter { byExecution[$0.execution]?.agrees(with: $0) != true }.map(\.execution)
        report.check(
            "lockstep_views.executions and lockstep_views.sessions show both sides of all \(executions.count)",
            wrong.isEmpty,
            wrong.isEmpty
                ? "status, visits, turns and states are what the streams amount to"
                : "different: \(wrong.joined(separator: ", "))")
        let apart = missing + pairs.filter { !$0.isInSyncState }.map(\.execution)
        report.check(
            "lockstep_views.sync_state has both sides of all \(executions.count) in one row each, as of one position",
            apart.isEmpty,
            apart.isEmpty
                ? "status, visits, states and mapping are those of the two views"
                : "different: \(apart.joined(separator: ", "))")
        let astray = walks.filter { !$0.goesTheSameWay }.map(\.execution)
        report.check(
            "every conversation went through the states of the blocks that were visited, and through no others",
            astray.isEmpty && walks.count == executions.count,
            astray.isEmpty
                ? "\(walks.reduce(0) { $0 + $1.visited.count }) blocks visited, \(walks.reduce(0) { $0 + $1.walked.count }) states walked, by the mappings that the executions pinned"
                : "astray: \(astray.joined(separator: ", "))")
    }

    /// Both sides of every execution, a line each.
    static func show(_ pairs: [SidePair]) {
        let style = Style.output
        StandardOutput.shared.write(
            "\n\(style.strong("Side by side: every execution, and the conversation that walks for it"))")
        var table = Table([
            ("WORKFLOW", .left), ("EXECUTION", .left), ("BLOCK VISITS", .left), ("⇄", .left), ("SESSION", .left),
            ("TURNS", .left), ("STATE OF THE JOURNEY", .left),
        ])
        for pair in pairs {
            table.add([
                .init(text: pair.workflow), .init(text: pair.standing, paint: paint(pair.status, style)),
                .init(text: counts([(pair.completed, "done"), (pair.failed, "failed"), (pair.running, "running")])),
                .init(text: "⇄", paint: style.faint), .init(text: pair.activity),
                .init(text: counts([(pair.turns, "done"), (pair.failedTurns, "failed")])),
                .init(text: pair.state ?? "outside of \(pair.journeyID)"),
            ])
        }
        table.print()
        StandardOutput.shared.write(
            style.faint(
                "From lockstep_views.executions and lockstep_views.sessions, by the execution's id. A session is waiting when the customer is to speak."
            ))
    }

    private static func paint(_ status: String, _ style: Style) -> @Sendable (String) -> String {
        switch status {
        case "completed": style.good
        case "failed": style.bad
        default: style.warning
        }
    }

    private static func counts(_ counts: [(Int64, String)]) -> String {
        counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

extension SidePair {
    /// `waiting (human)`.
    fileprivate var standing: String { waitingFor.map { "\(status) (\($0))" } ?? status }
}
