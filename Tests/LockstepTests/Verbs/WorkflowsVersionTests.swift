import EventModel
import Foundation
import Testing

/// Version 2 of the read model `workflows`, which shows erasures, in a database whose readers see version 1.
@Suite("workflows version 2", .enabled(if: Program.hasDatabase)) struct WorkflowsVersionTests {
    /// A row and a checkpoint of version 1, as its projector left them behind the import.
    private static let filled = """
        insert into lockstep_read.workflows_v1
        values ('default', 'refund', 'Refund', null, 'sim-export-1.0', 'd', 1, 2, 1, 0, 0, 0, 'sealed', 1, 1, now(), now());
        insert into lockstep.checkpoints (consumer, kind, version, lane, state, position, last_event_id, incarnation, events_handled, digest,
            fencing_token, updated_at)
        select 'workflows', 'projector', 1, -1, 'live', 1, e.event_id, h.incarnation, 1, decode(repeat('00', 32), 'hex'), 1, now()
        from lockstep.log_head h, lockstep.event_log e where e.position = 1;
        """

    private func imported(in environment: [String: String]) async throws {
        let answer = try await Program.run(
            ["import", "workflow", "-", "--id", "refund"], input: Array(ConversionFiles.workflow.utf8),
            environment: environment)
        #expect(answer.status == 0, "\(answer.err)")
    }

    private func run(_ words: String..., in environment: [String: String]) async throws {
        let answer = try await Program.run(words, environment: environment)
        #expect(answer.status == 0, "\(words): \(answer.out)\(answer.err)")
    }

    private func active(_ environment: [String: String]) async throws -> Int32 {
        try await TestDatabase.query(
            "select version from lockstep.generations where projection = 'workflows' and state = 'active'", environment
        ).int32(0, 0)
    }

    /// Takes migrations back until readers see version 1.
    private func backToVersion1(_ environment: [String: String]) async throws {
        while try await active(environment) != 1 { try await run("migrate", "down", in: environment) }
    }

    private func source(_ environment: [String: String]) async throws -> String {
        try await TestDatabase.query("select source from lockstep_views.workflows", environment).text(0, 0)
    }

    @Test func `rows of version 1 stay what readers see until a rebuild, which shows the erasure`() async throws {
        try await TestDatabase.with { environment in
            try await backToVersion1(environment)
            #expect(try await active(environment) == 1)
            try await run("migrate", "up", in: environment)
            #expect(try await active(environment) == 2, "nothing was folded yet")
            try await imported(in: environment)
            try await run("erase", "--subject", "workspace:default", in: environment)
            try await backToVersion1(environment)
            try await TestDatabase.execute(Self.filled, environment)
            try await run("migrate", "up", in: environment)
            #expect(try await active(environment) == 1)
            #expect(try await source(environment) == "sealed")
            try await run("projections", "rebuild", "workflows", "--activate", in: environment)
            #expect(try await active(environment) == 2)
            #expect(try await source(environment) == "erased")
            var down = try await Program.run(["migrate", "down"], environment: environment)
            while down.status == 0 { down = try await Program.run(["migrate", "down"], environment: environment) }
            #expect(down.status == 3 && down.err.contains("another generation is kept"), "\(down.err)")
        }
    }
}
