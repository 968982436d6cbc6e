import PostgresDriver
import Testing

/// Whether the questions would notice: what must never happen is done by hand, in a transaction that is undone.
enum Tampering {
    /// As a superuser may who switches the guards off.
    private static let changes = [
        "delete from lockstep.events where position = (select position / 2 from lockstep.log_state)",
        "delete from lockstep.events where position = (select max(position) from lockstep.events)",
        "update lockstep.events set position = -position where position = 3",
        "update lockstep.log_state set position = position + 1",
        "update lockstep.events set stream = stream || 'x' where position = 5",
        inTable(of: "timeline", "delete from lockstep_read.%I where position = 4"),
        inTable(of: "workflows", "update lockstep_read.%I set revision = revision + 1"),
        "update lockstep.checkpoints set events_handled = events_handled + 1 where kind = 'publisher'",
        "update lockstep.checkpoints set digest = decode(repeat('5a', 32), 'hex') where kind = 'projector'",
        "update lockstep.events set data = '{\"a\":1}' where position = 2",
    ]

    /// Done to the rows that readers see.
    private static func inTable(of projection: String, _ change: String) -> String {
        """
        do $$ begin
            execute format('\(change)', (select relation from lockstep.generations where projection = '\(projection)' and state = 'active'));
        end $$
        """
    }

    static func expectNoticed(_ world: World) async throws {
        let acknowledged = world.writers.flatMap { $0.ledger.acknowledged }
        try await world.observer.with { connection in
            for change in changes {
                try await connection.execute("begin; set local session_replication_role = replica; \(change)")
                let noticed = try await flaws(connection, acknowledged, world)
                #expect(!noticed.isEmpty, "\(change)")
                try await connection.execute("rollback")
            }
            let unaltered = try await flaws(connection, acknowledged, world)
            #expect(unaltered.isEmpty)
        }
    }

    private static func flaws(
        _ connection: PostgresConnection, _ acknowledged: [Ledger.Acknowledged], _ world: World
    ) async throws -> [String] {
        try await LogCheck.flaws(connection, acknowledged) + ViewCheck.flaws(connection, fromLane: world.leastLane)
            + ViewCheck.flaws(connection, ofKind: "publisher")
    }
}
