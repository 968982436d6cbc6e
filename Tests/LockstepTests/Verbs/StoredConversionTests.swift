import EventModel
import Foundation
import PostgresDriver
import Testing

@Suite("convert, over a log", .enabled(if: Program.hasDatabase)) struct StoredConversionTests {
    private static func workflow(_ prompt: String, target: String = "ask") -> [UInt8] {
        Array(
            ConversionFiles.workflow.replacing("Ask for the order number", with: prompt)
                .replacing("\"target\":\"ask\"", with: "\"target\":\"\(target)\"").utf8)
    }

    @Test(arguments: [
        ["convert", "workflow", "-", "--workspace", "acme"], ["convert", "workflow", "-", "--workspace=acme"],
        ["convert", "--workspace", "acme", "workflow", "-"],
    ])
    func `the tenant that is named is the one that gets it`(_ arguments: [String]) async throws {
        try await TestDatabase.with { environment in
            let run = try await Program.run(
                arguments + ["--json"], input: Self.workflow("Ask"), environment: environment)
            #expect(run.status == 0, "\(run.err)")
            let tenants = try await TestDatabase.query(
                "select distinct workspace from lockstep.event_log", environment)
            #expect(try tenants.rowCount == 1 && tenants.text(0, 0) == "acme")
            let history = try await Program.run(
                ["convert", "--history", "refund", "--workspace", "acme", "--json"], environment: environment)
            #expect(try history.status == 0 && history.objects().count == 1)
            let other = try await Program.run(["convert", "--history", "refund"], environment: environment)
            #expect(other.status == 1)
        }
    }

    @Test func `a journey's file brings the workflow back to the tenant that is named`() async throws {
        try await ConversionFiles.withDirectory { directory in
            let journey = directory.appendingPathComponent("journey.json").path
            try await TestDatabase.with { environment in
                _ = try await Program.run(
                    ["convert", "workflow", "-", "--dry-run", "--to", "json", "--out", journey],
                    input: Self.workflow("Ask"), environment: environment)
                let run = try await Program.run(
                    ["convert", "journey", journey, "--workspace", "acme"], environment: environment)
                #expect(run.status == 0, "\(run.err)")
                let tenants = try await TestDatabase.query(
                    "select distinct workspace from lockstep.event_log", environment)
                #expect(try tenants.rowCount == 1 && tenants.text(0, 0) == "acme")
            }
        }
    }

    @Test(arguments: [
        ["convert", "workflow", "-"], ["convert", "--history", "refund"], ["export", "workflow", "refund"],
        ["import", "workflow", "-"],
    ])
    func `a log that is not there is the environment's fault`(_ arguments: [String]) async throws {
        var environment = ["LOCKSTEP_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"]
        environment["LOCKSTEP_MASTER_KEY"] = TestDatabase.masterKey
        let run = try await Program.run(arguments, input: Self.workflow("Ask"), environment: environment)
        #expect(run.status == 3)
        #expect(run.err.contains("lockstep doctor"))
    }

    @Test func `of a refused conversion nothing but the refusal is in the log`() async throws {
        try await TestDatabase.with { environment in
            let run = try await Program.run(
                ["convert", "workflow", "-"], input: Self.workflow("Ask", target: "nowhere"), environment: environment)
            #expect(run.status == 1)
            let export = try await Program.run(["export", "workflow", "refund"], environment: environment)
            #expect(export.status == 1)
            let history = try await Program.run(
                ["convert", "--history", "refund", "--json"], environment: environment)
            #expect(try history.objects().map { $0["outcome"]?.string } == ["failed"])
        }
    }

    @Test func `where its file cannot be written nothing is converted`() async throws {
        try await ConversionFiles.withDirectory { directory in
            try await TestDatabase.with { environment in
                let pipe = directory.appendingPathComponent("pipe").path
                try #require(mkfifo(pipe, 0o600) == 0)
                for path in [directory.path + "/missing/journey.json", directory.path, "", pipe] {
                    let run = try await Program.run(
                        ["convert", "workflow", "-", "--out", path], input: Self.workflow("Ask"),
                        environment: environment)
                    #expect(run.status == 3 && run.err.contains("cannot be written"), "\(run.err)")
                }
                #expect(
                    try await TestDatabase.query("select position from lockstep.log_head", environment).int64(0, 0) == 0
                )
            }
        }
    }

    @Test func `an exported journey knows its id, and what it was taken from`() async throws {
        try await ConversionFiles.withDirectory { directory in
            let file = directory.appendingPathComponent("exported.json")
            try await TestDatabase.with { environment in
                _ = try await Program.run(
                    ["convert", "workflow", "-", "--id", "jn"], input: Self.workflow("Ask"), environment: environment)
                _ = try await Program.run(["export", "journey", "jn", "--out", file.path], environment: environment)
                let again = try await Program.run(
                    ["import", "journey", file.path, "--json"], environment: environment)
                let answer = try #require(try again.objects().first)
                #expect(answer["journey_id"] == "jn" && answer["outcome"] == "unchanged")
                _ = try await Program.run(
                    ["convert", "workflow", "-", "--id", "jn"], input: Self.workflow("Ask again"),
                    environment: environment)
                let edited = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                    .replacing("Ask", with: "Ask politely")
                try Data(edited.utf8).write(to: file)
                let late = try await Program.run(["convert", "journey", file.path], environment: environment)
                #expect(late.status == 1)
                #expect(late.out.contains("was changed by a conversion from the other side"))
                #expect(late.out.contains("--replace-changes"))
                let replaced = try await Program.run(
                    ["convert", "journey", file.path, "--replace-changes"], environment: environment)
                #expect(replaced.status == 0, "\(replaced.out)")
            }
        }
    }

    @Test func `processes that convert one workflow at once leave workflow, mapping and journey of one content`()
        async throws
    {
        try await TestDatabase.with { environment in
            for round in 0..<2 {
                let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
                    for number in 0..<4 {
                        group.addTask {
                            try await Program.run(
                                ["convert", "workflow", "-", "--replace-changes"],
                                input: Self.workflow("Ask \(round) \(number)"), environment: environment
                            ).status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.allSatisfy { $0 == 0 })
                let found = try await TestDatabase.query(Self.agreement, environment)
                #expect(try found.text(0, 0) == found.text(0, 1))
                #expect(try found.text(0, 2) == found.text(0, 3))
            }
        }
    }

    /// What the workflow and the journey are, and what the active mapping says they are.
    private static let agreement = """
        with last as (
            select distinct on (stream) stream, data from lockstep.event_log
            where type in ('workflow.imported', 'workflow.revised', 'journey.created', 'journey.revised', 'mapping.proposed')
            order by stream, version desc
        )
        select w.data->>'digest', m.data->'mapping'->'workflow'->>'digest', j.data->>'digest', m.data->'mapping'->'journey'->>'digest'
        from last w, last j, last m
        where w.stream = 'workflow-refund' and j.stream = 'journey-refund' and m.stream = 'mapping-refund'
        """
}
