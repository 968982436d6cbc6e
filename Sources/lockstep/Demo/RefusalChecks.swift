import EventModel
import EventSourcing
import Ingest
import PostgresDriver

/// A writer who decided against an old version is told so.
struct ConflictCheck: Sendable {
    let imports: [WorkflowImport]

    func run(on store: some EventStore, _ report: DemoReport) async throws {
        guard let target = imports.first(where: { $0.version >= StreamVersion(2) }) else { return }
        let before = try await store.head().position
        let late = EventDraft(
            id: IDSource().next(), type: try EventType("workflow.revised"), data: Array("{}".utf8),
            actor: DemoImports.actor, occurredAt: SystemTimekeeper().now())
        let outcome = try await store.append(
            AppendRequest([late], to: target.stream, expecting: .exactly(StreamVersion(1))))
        let after = try await store.head().position
        guard case .conflict(let conflict) = outcome, before == after else {
            return report.check(
                "a writer who knew only version 1 is refused", false,
                "it appended at \(outcome.receipt?.first ?? after)")
        }
        report.check(
            "a writer who knew only version 1 of \(target.stream) is refused", conflict.actual == target.version,
            "a conflict: the stream is at version \(conflict.actual?.description ?? "-"), and nothing was stored")
    }
}

/// The database itself refuses to change what happened.
enum ImmutabilityCheck {
    private static let attempts: [(statement: String, what: String)] = [
        ("update lockstep.events set data = data where position = 1", "UPDATE"),
        ("delete from lockstep.events where position = 1", "DELETE"),
        ("truncate lockstep.events", "TRUNCATE"),
    ]
    /// `lockstep.refuse_change`.
    private static let refusal = SQLState(rawValue: "LS001")

    static func run(on connection: PostgresConnection, _ report: DemoReport) async throws {
        var unrefused: [String] = []
        for attempt in attempts where try await !isRefused(attempt.statement, on: connection) {
            unrefused.append(attempt.what)
        }
        report.check(
            "the database refuses UPDATE, DELETE and TRUNCATE of events", unrefused.isEmpty,
            unrefused.isEmpty
                ? "tried as the user of the log, answered \(refusal)"
                : "not refused: \(unrefused.joined(separator: ", "))"
        )
    }

    /// Whatever the answer, nothing stays.
    private static func isRefused(_ statement: String, on connection: PostgresConnection) async throws -> Bool {
        try await connection.execute("begin")
        var isRefused = false
        do throws(PostgresError) {
            try await connection.execute(statement)
        } catch {
            guard error.sqlState == refusal else {
                try? await connection.execute("rollback")
                throw error
            }
            isRefused = true
        }
        try await connection.execute("rollback")
        return isRefused
    }
}
