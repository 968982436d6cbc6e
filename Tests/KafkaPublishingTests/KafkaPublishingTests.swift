import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import KafkaDriver
import KafkaPublishing
import Testing

// Needs a broker: set LOCKSTEP_KAFKA to its bootstrap list.
@Suite("Publishing to Kafka", .enabled(if: Broker.isThere), .serialized, .timeLimit(.minutes(15)))
struct KafkaPublishingTests {
    private let lanes = 4

    @Test func `ten thousand events arrive once, in order, with every header`() async throws {
        let log = SmallLog(events: 10_000)
        let topic = KafkaRecordTopic.random()
        let statistics = try await publishing(log, to: topic) { _ in
            await log.untilCheckpoint(at: GlobalPosition(10_000))
        }
        #expect(statistics.published == 10_000 && statistics.resent == 0 && statistics.runs == 1)
        let seen = try await readAll(topic.name)
        #expect(seen.ignored == 0, "the raw partitions are exact")
        #expect(seen.byPartition(lanes) == log.positions(lanes: lanes))
        let events = log.events
        for record in seen.records {
            let event = events[Int(record.position.rawValue) - 1]
            let expected = LockstepRecord(
                event, partition: Lane(of: event, count: lanes).rawValue, offset: record.offset,
                previous: record.mark.previous,
                incarnation: log.incarnation)
            guard record == expected else {
                Issue.record("\(record) is not \(expected)")
                return
            }
        }
    }

    @Test func `the bytes of every header are what the documentation says`() async throws {
        let log = SmallLog(events: 40)
        let topic = KafkaRecordTopic.random()
        _ = try await publishing(log, to: topic) { _ in await log.untilCheckpoint(at: GlobalPosition(40)) }
        let consumer = try KafkaConsumer(Broker.configuration)
        try consumer.assign((0..<4).map { KafkaStart(topic: topic.name, partition: $0, offset: .beginning) })
        var ended = 0
        var previous: [Int32: GlobalPosition] = [:]
        while ended < lanes {
            for element in try await consumer.next() {
                if case .endOfPartition = element { ended += 1 }
                guard case .message(let message) = element else { continue }
                let position = message.headers.text("ls_position").flatMap { Int($0) } ?? 0
                let event = log.events[position - 1]
                let expected = ExpectedHeaders.of(
                    event, previous: previous[message.partition] ?? .start, incarnation: log.incarnation)
                previous[message.partition] = event.position
                #expect(message.headers.all == expected)
                #expect(message.key == Array(event.stream.syncKey.utf8))
                #expect(message.value == event.data)
                #expect(message.timestampMilliseconds == event.recordedAt.milliseconds)
            }
        }
        try await consumer.close()
    }

    @Test func `restarted anywhere, it goes on where it was`() async throws {
        let log = SmallLog(events: 6_000)
        let topic = KafkaRecordTopic.random()
        var random = SplitMix64(numbered: 11)
        for _ in 0..<5 {
            let goal = GlobalPosition(Int64.random(in: 1...6_000, using: &random))
            _ = try await publishing(log, to: topic, options: .quick(batch: 100)) { _ in
                await log.untilCheckpoint(at: goal)
            }
        }
        let last = try await publishing(log, to: topic) { _ in await log.untilCheckpoint(at: GlobalPosition(6_000)) }
        #expect(last.resent == 0)
        let seen = try await readAll(topic.name)
        #expect(seen.byPartition(lanes) == log.positions(lanes: lanes))
        #expect(seen.ignored == 0, "a graceful shutdown leaves nothing to send twice")
    }

    @Test func `killed anywhere, every consumer still sees every event once, in order`() async throws {
        let log = SmallLog(events: 6_000)
        let topic = KafkaRecordTopic.random()
        var random = SplitMix64(numbered: 12)
        for _ in 0..<5 {
            let goal = GlobalPosition(Int64.random(in: 1...5_000, using: &random))
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    _ = try? await publishing(log, to: topic, options: .quick(batch: 100)) { _ in await forever() }
                }
                await log.untilCheckpoint(at: goal)
                tasks.cancelAll()
            }
            log.expireLease()
        }
        _ = try await publishing(log, to: topic) { _ in await log.untilCheckpoint(at: GlobalPosition(6_000)) }
        let seen = try await readAll(topic.name)
        #expect(seen.byPartition(lanes) == log.positions(lanes: lanes))
    }

    @Test func `a producer abandoned with records under way loses nothing`() async throws {
        let log = SmallLog(events: 6_000)
        let plan = FragilePlan(breaks: 6, every: 4)
        let topic = FragileTopic(base: KafkaRecordTopic.random(), plan: plan)
        let statistics = try await publishing(log, to: topic, options: .quick(batch: 200)) { _ in
            await log.untilCheckpoint(at: GlobalPosition(6_000))
        }
        #expect(plan.remaining.breaks == 0)
        #expect(statistics.runs >= 7)
        let seen = try await readAll(topic.name)
        #expect(seen.byPartition(lanes) == log.positions(lanes: lanes))
    }

    @Test func `two publishers at once cannot harm a consumer`() async throws {
        let log = SmallLog(events: 8_000)
        let topic = KafkaRecordTopic.random()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for holder in ["one", "two"] {
                tasks.addTask {
                    _ = try await publishing(log, to: topic, holder: holder, options: .quick(batch: 100)) { _ in
                        await log.untilCheckpoint(at: GlobalPosition(8_000))
                    }
                }
            }
            tasks.addTask {
                for goal in stride(from: 500, through: 7_500, by: 500) {
                    await log.untilCheckpoint(at: GlobalPosition(Int64(goal)))
                    log.expireLease()
                }
            }
            try await tasks.waitForAll()
        }
        let seen = try await readAll(topic.name)
        #expect(seen.byPartition(lanes) == log.positions(lanes: lanes))
    }

    @Test func `a broker that starts after the publisher is waited for`() async throws {
        let log = SmallLog(events: 500)
        let plan = FragilePlan(absences: 5)
        let topic = FragileTopic(base: KafkaRecordTopic.random(), plan: plan)
        let statistics = try await publishing(log, to: topic) { _ in await log.untilCheckpoint(at: GlobalPosition(500))
        }
        #expect(statistics.runs == 6)
        #expect(try await readAll(topic.name).byPartition(lanes) == log.positions(lanes: lanes))
    }

    @Test func `new events follow at once, and a consumer resumes where it was`() async throws {
        let log = SmallLog(events: 100)
        let topic = KafkaRecordTopic.random()
        _ = try await publishing(log, to: topic) { _ in
            await log.untilCheckpoint(at: GlobalPosition(100))
            let first = try await readAll(topic.name)
            log.grow(by: 50)
            await log.untilCheckpoint(at: GlobalPosition(150))
            let second = try await readAll(topic.name, resumingFrom: first.positions)
            #expect((first.records + second.records).count == 150)
            #expect(second.records.allSatisfy { $0.position > GlobalPosition(100) })
            #expect(log.checkpoint(topic.name)?.progress.state == "live")
        }
        #expect(log.checkpoint(topic.name)?.progress.state == "stopped")
    }

    @Test func `a topic made anew is published from the start`() async throws {
        let log = SmallLog(events: 1_000)
        let topic = KafkaRecordTopic.random()
        _ = try await publishing(log, to: topic) { _ in await log.untilCheckpoint(at: GlobalPosition(1_000)) }
        let admin = try KafkaAdmin(Broker.configuration)
        #expect(try await admin.deleteTopic(topic.name) == .deleted)
        log.grow(by: 10)
        _ = try await publishing(log, to: topic) { _ in await log.untilCheckpoint(at: GlobalPosition(1_010)) }
        let seen = try await readAll(topic.name)
        #expect(seen.byPartition(lanes) == log.positions(lanes: lanes))
        #expect(seen.ignored == 0)
    }

    @Test func `a topic with another number of partitions is refused`() async throws {
        let topic = KafkaRecordTopic.random()
        let admin = try KafkaAdmin(Broker.configuration)
        _ = try await admin.createTopic(topic.name, partitions: 3, replicationFactor: 1)
        await #expect(throws: TopicError.partitionCount(topic: topic.name, found: 3, expected: 4)) {
            try await publishing(SmallLog(events: 10), to: topic) { _ in await forever() }
        }
    }

    @Test func `a topic that cannot hold a legal event is refused, where the broker tells`() async throws {
        let topic = KafkaRecordTopic.random()
        let admin = try KafkaAdmin(Broker.configuration)
        _ = try await admin.createTopic(
            topic.name, partitions: 4, replicationFactor: 1, config: ["max.message.bytes": "100000"])
        guard let told = try? await admin.describeConfigs(ofTopic: topic.name)["max.message.bytes"]?.value,
            told == "100000"
        else {
            return  // This broker keeps its settings to itself.
        }
        await #expect(
            throws: TopicError.unsuitable(
                topic: topic.name, setting: "max.message.bytes", found: "100000", needed: "2097152")
        ) { try await topic.prepare(lanes: 4) }
    }
}

extension LockstepRecord {
    /// What the record of an event must be.
    init(_ event: RecordedEvent, partition: Int32, offset: Int64, previous: GlobalPosition, incarnation: UUID) {
        self.init(
            partition: partition, offset: offset,
            mark: RecordMark(position: event.position, previous: previous, eventID: event.id, incarnation: incarnation),
            key: Array(event.stream.syncKey.utf8), data: event.data, stream: event.stream, version: event.version,
            type: event.type, workspace: event.workspace, schemaVersion: event.schemaVersion,
            occurredAt: event.occurredAt,
            recordedAt: event.recordedAt, metadata: event.metadata, actor: event.actor,
            correlationID: event.correlationID,
            causationID: event.causationID,
            traceParent: event.metadata.count > 2 ? "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" : nil)
    }
}

/// The headers of a record as `headers.md` describes them, written the slow way.
enum ExpectedHeaders {
    static func of(_ event: RecordedEvent, previous: GlobalPosition, incarnation: UUID) -> [KafkaRecord.Header] {
        func text(_ name: String, _ value: String) -> KafkaRecord.Header { KafkaRecord.Header(name, value) }
        var headers = [
            text("ce_specversion", "1.0"), text("ce_id", event.id.uuidString.lowercased()),
            text("ce_type", event.type.rawValue),
            text("ce_source", "/lockstep/default"), text("ce_subject", event.stream.rawValue),
            text("ce_time", event.occurredAt.description), text("ce_datacontenttype", "application/json"),
            text("ce_partitionkey", event.stream.syncKey),
            text(
                "ce_dataschema",
                "urn:lockstep:schemas/events/workflow_execution/block_completed.v\(event.schemaVersion).json"),
            text("ls_position", "\(event.position)"), text("ls_version", "\(event.version)"),
            text("ls_previous", "\(previous)"),
            text("ls_schema", "\(event.schemaVersion)"), text("ls_incarnation", incarnation.uuidString.lowercased()),
            text("ls_workspace", "default"), text("ls_recorded", event.recordedAt.description),
            KafkaRecord.Header("ls_metadata", event.metadata),
        ]
        if event.metadata.count > 2 {
            headers.append(text("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        }
        if let actor = event.actor { headers.append(text("ls_actor", actor)) }
        if let id = event.correlationID { headers.append(text("ls_correlation", id.uuidString.lowercased())) }
        if let id = event.causationID { headers.append(text("ls_causation", id.uuidString.lowercased())) }
        return headers
    }
}
