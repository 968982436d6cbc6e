import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials
import Ingest
import KafkaDriver
import KafkaPublishing
import PostgresDriver
import PostgresEventStore

/// `bench ingest`: execution and session events that wait in the inbound topic, taken into a new log, beside bulk appends: of as many events to one
/// stream after the other, and of the very events that became of the messages, to their streams.
struct IngestBench: Sendable {
    let server: PostgresConfiguration
    let kafka: KafkaSettings
    let report: BenchReport
    let runs: Int
    let scale: Double

    func run() async throws {
        let messages = max(5_000, Int(100_000 * scale))
        let name = "mixed,messages=\(messages),partitions=\(kafka.partitions)"
        let limits = ["limit:bulk-append", "limit:bulk-append-of-the-same"]
        let meter = Meter(postmaster: nil, broker: kafka.port.flatMap(ProcessTime.listener(onPort:)))
        var (ours, own): ([Double], [Double]) = ([], [])
        var theirs: [[Double]] = [[], []]
        try await InboundBenchTopic.with(kafka) { topic in
            try await topic.fill(messages)
            for _ in 0..<runs {
                try await BenchDatabase.with(server) { database in
                    let before = meter.read()
                    let (events, duration) = try await ingest(from: topic, messages: messages, into: database)
                    ours.append(Double(events) / duration)
                    (meter.read() - before).own.map { own.append($0 / Double(events) * 1e6) }
                    theirs[0].append(try await bulk(events: events, in: database))
                    let same = try await database.withStore { try await Self.requests(of: $0) }
                    try await BenchDatabase.with(server) { theirs[1].append(try await bulk(same, in: $0)) }
                }
            }
        }
        for (system, values) in zip(["lockstep"] + limits, [ours] + theirs) {
            report.add(
                Figure(
                    bench: "ingest", case: name, system: system, metric: "events_per_s", unit: "events/s",
                    values: values))
        }
        for (limit, values) in zip(limits, theirs) {
            report.add(Ratio(bench: "ingest", case: name, of: limit, values: zip(ours, values).map { $0 / $1 }))
        }
        report.add(
            Figure(
                bench: "ingest", case: name, system: "lockstep", metric: "cpu_us_own", unit: "µs/event", values: own))
    }

    /// - Returns: how many events the messages became, and the seconds from the first message to the last bookmark.
    private func ingest(
        from topic: InboundBenchTopic, messages: Int, into database: BenchDatabase
    ) async throws -> (events: Int, seconds: Double) {
        try await database.withStore { store in
            let consumer = InboundConsumer(
                of: topic.topic, at: InboundDesks { InboundDesk(into: store, workspace: $0, remembering: store) },
                ledger: store, sealing: RejectionSealing(SubjectKeyring(store, masterKeys: nil)), leases: store,
                holder: topic.names.inbound, logger: BenchServices.logger)
            return try await BenchServices.running([consumer]) {
                let time = SystemTimekeeper()
                while consumer.statistics.messages == 0 { try await time.sleep(for: .microseconds(200)) }
                let first = consumer.statistics
                let duration = try await seconds {
                    while consumer.statistics.messages < messages { try await time.sleep(for: .milliseconds(2)) }
                }
                let last = consumer.statistics
                guard last.rejected.isEmpty else {
                    throw BenchFault.incomplete("messages were refused: \(last.rejected)")
                }
                return (Int(last.events - first.events), duration)
            }
        }
    }

    /// Events a second when as many are ready, a thousand to an append.
    private func bulk(events: Int, in database: BenchDatabase) async throws -> Double {
        let workload = try BenchWorkload()
        let requests = try (0..<max(1, events / 1_000)).map { _ in
            AppendRequest(workload.drafts(1_000), to: try workload.stream(), expecting: .noStream)
        }
        return try await bulk(requests, in: database)
    }

    /// Events a second when these appends are made one after the other.
    private func bulk(_ requests: [AppendRequest], in database: BenchDatabase) async throws -> Double {
        let workload = try BenchWorkload()
        let events = requests.reduce(0) { $0 + $1.streams.reduce(0) { $0 + $1.events.count } }
        return try await database.withStore { store in
            try await appended(
                store, AppendRequest([workload.draft()], to: try workload.stream(), expecting: .noStream))
            let duration = try await seconds {
                for request in requests { try await appended(store, request) }
            }
            return Double(events) / duration
        }
    }

    /// Everything in a log as the appends that would write it again, a thousand events to each.
    private static func requests(of store: PostgresEventStore) async throws -> [AppendRequest] {
        var requests: [AppendRequest] = []
        var scan = LogScan(store, after: .start, limit: 1_000)
        while let page = try await scan.next() {
            var places: [StreamName: Int] = [:]
            var parts: [StreamAppend] = []
            for event in page {
                let draft = EventDraft(
                    id: event.id, type: event.type, schemaVersion: event.schemaVersion, data: event.data,
                    metadata: event.metadata, correlationID: event.correlationID, causationID: event.causationID,
                    actor: event.actor, occurredAt: event.occurredAt)
                if let place = places[event.stream] {
                    parts[place].events.append(draft)
                } else {
                    places[event.stream] = parts.count
                    let before = StreamVersion(event.version.rawValue - 1)
                    parts.append(
                        StreamAppend(
                            [draft], to: event.stream,
                            expecting: before.rawValue == 0 ? .noStream : .exactly(before)))
                }
            }
            requests.append(AppendRequest(streams: parts))
        }
        return requests
    }
}

/// Inbound topics of a bench's own, deleted afterwards.
struct InboundBenchTopic: Sendable {
    let settings: KafkaSettings
    let names: KafkaInboundTopic.Names
    let topic: KafkaInboundTopic

    static func with<R: Sendable>(
        _ settings: KafkaSettings, _ body: (InboundBenchTopic) async throws -> R
    ) async throws -> R {
        let names = KafkaInboundTopic.Names(prefix: "lockstep.bench.\(UUID().uuidString.lowercased())")
        let topic = KafkaInboundTopic(
            names, configuration: settings.kafka, partitions: settings.partitions,
            settings: TopicSettings(replicationFactor: settings.replication))
        _ = try await topic.prepare()
        let result: Result<R, any Error>
        do {
            result = .success(try await body(InboundBenchTopic(settings: settings, names: names, topic: topic)))
        } catch {
            result = .failure(error)
        }
        if let admin = try? KafkaAdmin(settings.kafka) {
            for name in [names.inbound, names.rejected] { _ = try? await admin.deleteTopic(name) }
        }
        return try result.get()
    }

    /// Writes messages of many executions and conversations that go on side by side.
    func fill(_ count: Int) async throws {
        let producer = try KafkaProducer(settings.kafka)
        var traffic = InboundTraffic()
        var written = 0
        while written < count {
            let records = (0..<min(5_000, count - written)).map { _ in
                let message = traffic.next()
                return KafkaRecord(
                    topic: names.inbound, key: Array(message.key.utf8), value: Array(message.value.utf8),
                    headers: [
                        KafkaRecord.Header("ce_specversion", "1.0"), KafkaRecord.Header("ce_source", "bench"),
                        KafkaRecord.Header("ce_id", "\(message.number)"),
                    ])
            }
            if let failure = try await producer.send(records).firstFailure { throw failure.error }
            written += records.count
        }
        try await producer.close(timeout: .seconds(30))
    }
}

/// What many workflows and conversations say, one message at a time: half of each, five hundred side by side.
struct InboundTraffic {
    private static let sideBySide = 500
    /// Messages of one execution, and of one conversation.
    private static let messages = 20
    private var number = 0

    /// The next message: its number, key and content.
    mutating func next() -> (number: Int, key: String, value: String) {
        defer { number += 1 }
        let lane = number % Self.sideBySide
        let turn = number / Self.sideBySide
        let entity = "\(turn / Self.messages)-\(lane)"
        let step = turn % Self.messages
        let time = "2026-01-01T00:\(Self.two(step)):\(Self.two(lane % 60)).\(100 + lane)Z"
        return lane % 2 == 0
            ? (number, "e\(entity)", Self.execution("e\(entity)", step, time))
            : (number, "s\(entity)", Self.session("s\(entity)", step, time))
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func execution(_ id: String, _ step: Int, _ time: String) -> String {
        let head = #"{"execution":"\#(id)","workflow":"bench","at":"\#(time)","#
        switch step {
        case 0: return head + #""type":"started","data":{"input":{"customer":"c-\#(id)","text":"\#(filling)"}}}"#
        case messages - 1: return head + #""type":"completed","data":{"output":{"answer":"\#(filling)"}}}"#
        default:
            let block = #""block":{"id":"b\#((step + 1) / 2)","name":"Block \#((step + 1) / 2)","type":"agent"},"#
            return step % 2 == 1
                ? head + block + #""type":"block_started","data":{"input":{"text":"\#(filling)"}}}"#
                : head + block
                    + #""type":"block_completed","data":{"output":{"content":"\#(filling)","tokens":\#(step)}}}"#
        }
    }

    private static func session(_ id: String, _ step: Int, _ time: String) -> String {
        let source = step % 2 == 0 ? "customer" : "ai_agent"
        return """
            {"session_id":"\(id)","event":{"id":"\(id)-\(step)","source":"\(source)","kind":"message","offset":\(step),
            "creation_utc":"\(time)","trace_id":"t\(step / 2)","deleted":false,
            "data":{"message":"\(filling)","participant":{"id":"p","display_name":"Somebody"}}}}
            """
    }

    private static let filling = String(repeating: "what was said or done, in some words. ", count: 6)
}

extension BenchCommand {
    struct Ingest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ingest: execution and session events from Kafka into the log, against bulk appends.",
            discussion: """
                Examples:
                  lockstep bench ingest
                  lockstep bench ingest --kafka 127.0.0.1:9092 --runs 1 --scale 10 --json
                """)
        @OptionGroup var options: Options
        @OptionGroup var kafka: KafkaOptions

        func run() async throws {
            try await IngestBench(
                server: try await options.server().configuration,
                kafka: kafka.settings(try await options.database.source()), report: options.report, runs: options.runs,
                scale: options.scale
            ).run()
        }
    }
}
