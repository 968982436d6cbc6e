import EventModel
import EventSourcingTesting
import Foundation
import KafkaDriver
import PostgresDriver
import Testing

/// The state topic by processes of the program that are killed and paused, against the view of the same log.
@Suite("The state topic", .enabled(if: Program.hasServices), .timeLimit(.minutes(15))) struct StateTopicTests {
    private static let types = [
        "workflow_execution.started", "workflow_execution.block_started", "workflow_execution.block_completed",
        "workflow_execution.paused", "workflow_execution.completed", "journey_session.bound",
        "journey_session.message_posted", "journey_session.state_entered", "journey_session.turn_completed",
    ]

    /// Appends events of several executions of two tenants.
    private func append(_ round: Int, _ environment: [String: String]) async throws {
        var lines: [String] = []
        for (index, type) in Self.types.enumerated() {
            let category = String(type.prefix { $0 != "." })
            let path = "\(ProjectFiles.eventSchemas(of: category))/\(type.dropFirst(category.count + 1)).v1.sample.json"
            let data = try JSONValue(try ProjectFiles.bytes(path), limits: .file).compactBytes()
            for execution in 0..<2 {
                lines.append(
                    """
                    {"stream":"\(category)-e\((round + execution) % 5)","expected":"any","type":"\(type)",\
                    "workspace":"\(index % 3 == 0 ? "acme" : "default")","data":\(String(decoding: data, as: UTF8.self))}
                    """)
            }
        }
        let answer = try await Program.run(
            ["append", "--file", "-"], input: Array(lines.joined(separator: "\n").utf8), environment: environment)
        try #require(answer.status == 0, "\(answer.out) \(answer.err)")
    }

    @Test func `killed and paused over its lease, it holds what the view holds, row by row`() async throws {
        try await TestDatabase.with { environment in
            var environment = environment
            environment["LOCKSTEP_SERVE_LEASE_SECONDS"] = "2"
            let projector = try LiveProgram(["serve", "--roles", "projector"], environment: environment)
            var members = [try state(environment), try state(environment)]
            for round in 0..<4 {
                try await append(round, environment)
                let victim = round % members.count
                if round < 2 {
                    members[victim].signal(SIGKILL)
                    _ = await members[victim].status()
                    members[victim] = try state(environment)
                } else {
                    // Whoever leads is among those that stand still for longer than the lease; the other goes on.
                    members[victim].signal(SIGSTOP)
                    try await append(round + 10, environment)
                    try await until(environment, "state", of: "\(environment["LOCKSTEP_TOPIC_PREFIX"] ?? "").state")
                    members[victim].signal(SIGCONT)
                }
            }
            try await until(environment, "state", of: "\(environment["LOCKSTEP_TOPIC_PREFIX"] ?? "").state")
            try await until(environment, "projector", of: "sync_state")
            let rows = try await newest(environment)
            #expect(rows.count == 10)
            #expect(try await differing(rows, environment) == 0)
            // The view does tell a row that is not the same.
            #expect(try await differing(Array(rows.dropFirst()), environment) == 1)
            for member in members + [projector] {
                member.signal(SIGTERM)
                #expect(await member.status() == 0)
            }
        }
    }

    @Test func `an event that cannot be folded holds up its execution alone, until it is left out by decision`()
        async throws
    {
        try await TestDatabase.with { environment in
            let topic = "\(environment["LOCKSTEP_TOPIC_PREFIX"] ?? "").state"
            let serving = try LiveProgram(["serve", "--roles", "state,projector"], environment: environment)
            let bad = ["--type", "workflow_execution.started", "--data", #"{"odd":1}"#, "--json"]
            let stream = ["append", "--stream", "workflow_execution-e1", "--expected", "any"]
            let answer = try await Program.run(stream + bad, environment: environment)
            let position = try #require(try answer.objects().first?["first_position"]?.int ?? 1)
            try await append(0, environment)
            try await until(environment, "state", of: topic)
            try await until(environment, "projector", of: "sync_state")
            let standing = """
                exists (select from lockstep.consumer_progress where consumer = '\(topic)' and last_error like '%stand still%')
                """
            try await TestDatabase.until(standing, environment)
            #expect(try await differing(newest(environment), environment) == 0)
            let skipped = try await Program.run(
                [
                    "projections", "skip", "sync_state", "--key", #"["default","e1"]"#, "--position", "\(position)",
                    "--reason", "a test", "--actor", "ada",
                ], environment: environment)
            #expect(skipped.status == 0, "\(skipped.err)")
            try await TestDatabase.until("not \(standing)", environment)
            try await TestDatabase.until(
                "not exists (select from lockstep.parked_keys where consumer = 'sync_state')", environment)
            try await until(environment, "state", of: topic)
            #expect(try await differing(newest(environment), environment) == 0)
            serving.signal(SIGTERM)
            #expect(await serving.status() == 0)
        }
    }

    private func state(_ environment: [String: String]) throws -> LiveProgram {
        try LiveProgram(["serve", "--roles", "state"], environment: environment)
    }

    /// Waits until a consumer has come to the head.
    private func until(_ environment: [String: String], _ kind: String, of consumer: String) async throws {
        try await TestDatabase.until(
            """
            exists (select from lockstep.consumer_progress where kind = '\(kind)' and consumer = '\(consumer)' and lag_events = 0)
            """, environment)
    }

    /// Of each key the value with the highest position, as the page on the state topic says.
    private func newest(_ environment: [String: String]) async throws -> [String] {
        let topic = "\(environment["LOCKSTEP_TOPIC_PREFIX"] ?? "").state"
        let consumer = try KafkaConsumer(
            KafkaConfiguration(
                bootstrapServers: Program.brokers ?? "", clientID: "state-tests",
                properties: ["group.id": UUID().uuidString]))
        try consumer.assign((0..<3).map { KafkaStart(topic: topic, partition: $0, offset: .beginning) })
        var held: [[UInt8]: (version: [Int], value: String)] = [:]
        var ended = 0
        while ended < 3 {
            for element in try await consumer.next() {
                if case .endOfPartition = element { ended += 1 }
                guard case .message(let message) = element else { continue }
                let version = try ["ls_fold", "ls_position"].map { name in
                    try #require(message.headers.bytes(name).flatMap { Int(String(decoding: $0, as: UTF8.self)) })
                }
                let key = try #require(message.key)
                guard held[key].map({ $0.version.lexicographicallyPrecedes(version) }) ?? true else { continue }
                held[key] = (version, String(decoding: try #require(message.value), as: UTF8.self))
            }
        }
        try await consumer.close()
        return held.values.map(\.value)
    }

    /// Rows that only one of them has, or that are not the same.
    private func differing(_ rows: [String], _ environment: [String: String]) async throws -> Int64 {
        let sql = """
            select count(*) from jsonb_populate_recordset(null::lockstep_views.sync_state, $rows$[\(rows.joined(separator: ","))]$rows$::jsonb) t
            full join lockstep_views.sync_state v using (workspace, execution_id)
            where to_jsonb(t) is distinct from to_jsonb(v)
            """
        return try await TestDatabase.query(sql, environment).int64(0, 0)
    }
}
