import EventModel
import Foundation
import Testing

@Suite("snapshots", .enabled(if: Program.hasDatabase)) struct SnapshotsTests {
    private static let marker = "MARKER of a person"

    /// Publishes a workflow so often that its stream is long, in one append after the other.
    private func publish(_ count: Int, in environment: [String: String]) async throws {
        let digest = ContentDigest(of: []).hexadecimal
        let lines = (1...count).map { number in
            #"{"stream":"workflow-refund","expected":"any","type":"workflow.published","data":{"digest":"\#(digest)","label":"v\#(number)","revision":1}}"#
        }
        let done = try await Program.run(
            ["append", "--file", "-", "--json"], input: Array(lines.joined(separator: "\n").utf8),
            environment: environment)
        #expect(done.status == 0, "\(done.err)")
    }

    /// A workflow with something personal in it and 1 501 events.
    private func withLongStream(_ body: ([String: String]) async throws -> Void) async throws {
        let file = ConversionFiles.workflow.replacing("Ask for the order number", with: Self.marker)
        try await TestDatabase.with { environment in
            let imported = try await Program.run(
                ["import", "workflow", "-", "--id", "refund"], input: Array(file.utf8), environment: environment)
            #expect(imported.status == 0, "\(imported.err)")
            try await publish(1_500, in: environment)
            try await body(environment)
        }
    }

    private func export(_ environment: [String: String]) async throws -> String {
        let outcome = try await Program.run(["export", "workflow", "refund"], environment: environment)
        #expect(outcome.status == 0, "\(outcome.err)")
        return outcome.out
    }

    private func snapshots(
        _ words: String..., in environment: [String: String], status: Int32 = 0
    ) async throws -> [JSONValue] {
        let outcome = try await Program.run(["snapshots"] + words + ["--json"], environment: environment)
        #expect(outcome.status == status, "\(words): \(outcome.out)\(outcome.err)")
        let objects = try outcome.objects()
        if words.first != "drop" {
            let schema = try AnswerSchema("snapshots")
            for object in objects { #expect(schema.flaws(in: object) == []) }
        }
        return objects
    }

    @Test func `a long workflow leaves one behind, sealed, which the next process begins at`() async throws {
        try await withLongStream { environment in
            #expect(try await snapshots("list", in: environment).isEmpty)
            let first = try await export(environment)
            #expect(first.contains("MARKER"))
            let kept = try #require(try await snapshots("list", in: environment).first)
            #expect(kept["stream"]?.string == "workflow-refund" && kept["version"]?.int == 1_501)
            #expect(kept["keys"]?.int == 1 && kept["state"]?.string == "kept")
            let leak = "select exists (select from lockstep.snapshots where position('MARKER'::bytea in state) > 0)"
            #expect(try await !TestDatabase.query(leak, environment).bool(0, 0))
            #expect(try await export(environment) == first)
            let agreed = try await snapshots("verify", in: environment)
            #expect(agreed.compactMap { $0["state"]?.string } == ["agrees"])
            let renamed = try await Program.run(
                ["workflow", "rename", "refund", "Return", "--json"], environment: environment)
            #expect(try renamed.objects().first?["version"]?.int == 1_502)
            #expect(try await export(environment).contains("Return"))
            #expect(try await snapshots("drop", "--fold", "workflow", in: environment).first?["dropped"]?.int == 1)
            #expect(try await export(environment).contains("Return"))
        }
    }

    @Test func `one whose bytes were altered, and an empty table, change nothing`() async throws {
        try await withLongStream { environment in
            let first = try await export(environment)
            for harm in [
                "update lockstep.snapshots set state = substr(state, 1, 100)",
                "update lockstep.snapshots set version = version + 1000",
                "update lockstep.snapshots set event_id = gen_random_uuid()",
                "update lockstep.snapshots set fingerprint = repeat('0', 64)", "truncate lockstep.snapshots",
            ] {
                try await TestDatabase.execute(harm, environment)
                #expect(try await export(environment) == first, "\(harm)")
                #expect(
                    try await snapshots("verify", in: environment).compactMap { $0["state"]?.string } == ["agrees"],
                    "\(harm)")
            }
            try await TestDatabase.execute("update lockstep.snapshots set state = substr(state, 1, 100)", environment)
            let damaged = try await snapshots("verify", in: environment, status: 1)
            #expect(damaged.compactMap { $0["state"]?.string } == ["damaged"])
        }
    }

    @Test func `an erasure leaves nothing of it behind`() async throws {
        try await withLongStream { environment in
            _ = try await export(environment)
            let erased = try await Program.run(
                ["erase", "--subject", "workspace:default"], environment: environment)
            #expect(erased.status == 0, "\(erased.err)")
            #expect(try await snapshots("list", in: environment).isEmpty)
            let after = try await Program.run(
                ["export", "workflow", "refund", "--incomplete"], environment: environment)
            #expect(after.status == 0 && !after.out.contains("MARKER"), "\(after.err)")
            let again = try await Program.run(
                ["export", "workflow", "refund", "--incomplete"], environment: environment)
            #expect(again.out == after.out)
            #expect(try await snapshots("list", in: environment).first?["keys"]?.int == 0)
        }
    }

    @Test func `one that did not agree is told of until it is forgiven`() async throws {
        try await withLongStream { environment in
            let first = try await export(environment)
            try await TestDatabase.execute(
                """
                select lockstep.record_snapshot_mismatch(workspace, stream, fold, version, event_id, fingerprint, now())
                from lockstep.snapshots
                """, environment)
            let listed = try await snapshots("list", in: environment, status: 1)
            #expect(listed.compactMap { $0["state"]?.string } == ["mismatch"])
            let doctor = try await Program.run(["doctor"], environment: environment)
            #expect(doctor.out.contains("workflow-refund in workspace default at version 1501"), "\(doctor.out)")
            #expect(try await export(environment) == first)
            #expect(try await snapshots("verify", in: environment).isEmpty)
            let dropped = try await snapshots("drop", "--forgive", in: environment)
            #expect(dropped.first?["forgiven"]?.int == 1 && dropped.first?["dropped"]?.int == 0)
            #expect(try await export(environment) == first)
            #expect(try await snapshots("list", in: environment).compactMap { $0["state"]?.string } == ["kept"])
        }
    }

    @Test(arguments: [
        ["drop", "--forgive", "--stream", "workflow-refund"], ["list", "--stream", "no dash"],
        ["verify", "--workspace", ""],
    ])
    func `what has no meaning is refused`(_ words: [String]) async throws {
        var environment = ["LOCKSTEP_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"]
        environment["LOCKSTEP_MASTER_KEY"] = TestDatabase.masterKey
        #expect(try await Program.run(["snapshots"] + words, environment: environment).status == 2)
    }
}
