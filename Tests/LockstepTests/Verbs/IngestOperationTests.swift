import EventModel
import Foundation
import KafkaDriver
import Testing

// Needs a server and a broker: set LOCKSTEP_DATABASE_URL and LOCKSTEP_KAFKA.
@Suite("Operating ingest", .enabled(if: Program.hasServices), .serialized, .timeLimit(.minutes(15)))
struct IngestOperationTests {
    /// Topics and a database of a test's own.
    private struct Place {
        let environment: [String: String]
        let topic: String
        let producer: KafkaProducer
        let admin: KafkaAdmin

        func write(_ records: [KafkaRecord]) async throws {
            #expect(try await producer.send(records).firstFailure == nil)
        }

        func started(_ execution: String, workspace: String? = nil, partition: Int32? = nil) -> KafkaRecord {
            let value = #"{"execution":"\#(execution)","workflow":"w","type":"started","at":"2026-01-01T00:00:00Z"}"#
            return record(Array(value.utf8), workspace.map { [.init("ls_workspace", $0)] } ?? [], partition)
        }

        func record(_ value: [UInt8]?, _ headers: [KafkaRecord.Header] = [], _ partition: Int32? = 0) -> KafkaRecord {
            KafkaRecord(topic: topic, partition: partition, value: value, headers: headers)
        }

        func number(_ sql: String) async throws -> Int64 { try await TestDatabase.query(sql, environment).int64(0, 0) }

        func until(_ condition: String) async throws { try await TestDatabase.until(condition, environment) }

        func serve(_ more: [String: String] = [:]) throws -> LiveProgram {
            try LiveProgram(
                ["serve", "--roles", "ingest"], environment: environment.merging(more) { $1 })
        }

        func ask(_ arguments: [String], status: Int32 = 0, _ schema: String? = nil) async throws -> [JSONValue] {
            let outcome = try await Program.run(arguments + ["--json"], environment: environment)
            #expect(outcome.status == status, "\(arguments): \(outcome.err)")
            let objects = try outcome.objects()
            if let schema {
                for object in objects { #expect(try AnswerSchema(schema).flaws(in: object) == []) }
            }
            return objects
        }
    }

    private static let taken = "select coalesce(sum(messages), 0)::bigint from lockstep.inbound_bookmarks"

    private func with(_ body: (Place) async throws -> Void) async throws {
        try await TestDatabase.with { environment in
            let prefix = "ingest-test-\(UUID().uuidString.lowercased())"
            var environment = environment
            environment["LOCKSTEP_TOPIC_PREFIX"] = prefix
            environment["LOCKSTEP_TOPIC_PARTITIONS"] = "4"
            environment["LOCKSTEP_TOPIC_REPLICATION"] = "1"
            environment["LOCKSTEP_SERVE_LEASE_SECONDS"] = "2"
            let configuration = KafkaConfiguration(bootstrapServers: try #require(Program.brokers))
            let admin = try KafkaAdmin(configuration, timeout: .seconds(120))
            _ = try await admin.createTopic("\(prefix).inbound", partitions: 4, replicationFactor: 1)
            let producer = try KafkaProducer(configuration)
            try await body(
                Place(environment: environment, topic: "\(prefix).inbound", producer: producer, admin: admin))
            try await producer.close(timeout: .seconds(5))
            for topic in ["inbound", "rejected"] { _ = try? await admin.deleteTopic("\(prefix).\(topic)") }
        }
    }

    @Test func `what is refused is listed, shown and retried, and everything says so`() async throws {
        try await with { place in
            try await place.write([
                place.record(nil), place.record([0x7b, 0xff], [.init("x", nil)]),
                place.record(Array("{}".utf8), [.init("ls_workspace", "no such name")]),
                place.started("e1", workspace: "acme", partition: 0), place.started("e2", partition: 0),
            ])
            let serving = try place.serve(["LOCKSTEP_INGEST_WORKSPACES": "default"])
            try await place.until("(\(Self.taken)) = 5")
            try await place.until("(select count(*) from lockstep.inbound_ends where end_offset = 5) = 1")
            #expect(try await place.number("select count(*) from lockstep.event_log") == 1)

            let listed = try await place.ask(["ingest", "rejections"], "ingest_rejections")
            #expect(listed.map { $0["code"]?.string } == ["empty", "not_json", "bad_header", "unknown_workspace"])
            #expect(listed.map { $0["offset"]?.int } == [0, 1, 2, 3])
            let id = try #require(listed[1]["id"]?.string)
            let shown = try await place.ask(["ingest", "rejections", "--show", id], "ingest_rejections")
            #expect(shown[0]["content"]?["payload_base64"]?.string == "e/8=")
            let none = ["ingest", "rejections", "--show", UUID().uuidString]
            _ = try await place.ask(none, status: 1)
            let plain = try await Program.run(["ingest", "rejections"], environment: place.environment)
            #expect(plain.out.contains("nothing is taken in for workspace acme, which header ls_workspace names"))

            let status = try await place.ask(["projections", "status"], "projections_status")
            let ingest = try #require(status.first { $0["kind"]?.string == "ingest" })
            #expect(ingest["parked_keys"]?.int == 4 && ingest["lag_events"]?.int == 0 && ingest["lane"]?.int == 0)
            #expect(ingest["health"]?.string == "ok" && ingest["events_handled"]?.int == 5)
            let doctor = try await Program.run(["doctor", "--json"], environment: place.environment)
            let findings = try doctor.objects()
            #expect(findings.contains { $0["check"] == "ingest" && $0["verdict"] == "ok" })
            #expect(
                findings.contains {
                    $0["found"]?.string == "4 wait: 1 bad_header, 1 empty, 1 not_json, 1 unknown_workspace"
                })

            let retried = try await place.ask(
                ["ingest", "retry", "--all", "--code", "unknown_workspace"], "ingest_retry")
            #expect(retried.map { $0["outcome"]?.string } == ["accepted"] && retried[0]["events"]?.int == 1)
            #expect(try await place.number("select count(*) from lockstep.event_log where workspace = 'acme'") == 1)
            let again = try await place.ask(
                ["ingest", "retry", try #require(listed[3]["id"]?.string), UUID().uuidString], status: 1, "ingest_retry"
            )
            #expect(again.map { $0["outcome"]?.string } == ["accepted_before", "unknown"])
            let rest = try await place.ask(["ingest", "retry", "--all"], status: 1, "ingest_retry")
            #expect(rest.map { $0["outcome"]?.string } == ["refused", "refused", "refused"])
            let accepted = try await place.ask(
                ["ingest", "rejections", "--state", "accepted"], "ingest_rejections")
            #expect(accepted.map { $0["id"] } == [listed[3]["id"]])
            serving.signal(SIGTERM)
            #expect(await serving.status() == 0)
        }
    }

    @Test func `a worker that is dead shows, because somebody else looks`() async throws {
        try await with { place in
            try await place.write([place.started("e1", partition: 0)])
            let serving = try place.serve()
            try await place.until("(\(Self.taken)) = 1")
            serving.signal(SIGKILL)
            _ = await serving.status()
            try await place.write([place.started("e2", partition: 0), place.started("e3", partition: 0)])
            try await TestDatabase.execute(
                """
                update lockstep.inbound_ends set observed_at = observed_at - interval '5 minutes';
                update lockstep.inbound_bookmarks set updated_at = updated_at - interval '5 minutes'
                """, place.environment)
            let status = try await place.ask(["projections", "status"], status: 1)
            let ingest = try #require(status.first { $0["kind"]?.string == "ingest" })
            #expect(ingest["health"]?.string == "stalled" && ingest["state"]?.string == "unwatched")
            let doctor = try await Program.run(["doctor", "--json"], environment: place.environment)
            let finding = try #require(try doctor.objects().first { $0["check"] == "ingest" })
            #expect(finding["verdict"]?.string == "wrong" && doctor.status == 1)
            #expect(finding["found"]?.string?.hasPrefix("2 messages wait in partition 0 of \(place.topic)") == true)
        }
    }

    private static let readers = """
        select count(distinct holder) from lockstep.leases where starts_with(name, 'ingest:') and expires_at > clock_timestamp()
        """

    @Test func `processes share the partitions, and each message counts once whoever is killed or paused`() async throws
    {
        try await with { place in
            func write(_ numbers: Range<Int>) async throws {
                try await place.write(numbers.map { place.started("e\($0)", partition: Int32($0 % 4)) })
            }
            var processes = try (0..<2).map { try place.serve(["LOCKSTEP_SERVE_HOLDER": "p\($0)"]) }
            try await place.until("(\(Self.readers)) = 2")
            try await write(0..<2_000)
            try await place.until("(\(Self.taken)) > 0")
            // One is paused until its partitions are another's, and then goes on where it was.
            processes[0].signal(SIGSTOP)
            try await write(2_000..<3_000)
            try await place.until("(\(Self.taken)) = 3000")
            processes[0].signal(SIGCONT)
            try await place.until("(\(Self.readers)) = 2")
            // The other one is killed in the middle, and a third one takes its place.
            try await write(3_000..<6_000)
            processes[1].signal(SIGKILL)
            _ = await processes[1].status()
            processes[1] = try place.serve(["LOCKSTEP_SERVE_HOLDER": "p2"])
            try await place.until("(\(Self.taken)) = 6000")
            #expect(try await place.number("select count(*) from lockstep.event_log") == 6_000)
            #expect(try await place.number("select count(distinct stream) from lockstep.event_log") == 6_000)
            #expect(try await place.number("select count(*) from lockstep.inbound_rejections") == 0)
            for process in processes {
                process.signal(SIGTERM)
                #expect(await process.status() == 0)
            }
            #expect(try await place.number("select count(*) from lockstep.inbound_members") == 0, "both have left")
        }
    }
}
