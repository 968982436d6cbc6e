import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore

/// `bench publish`: a log that waits in PostgreSQL, published to a new topic, beside librdkafka's own loop over the same messages.
struct PublishBench: Sendable {
    let server: PostgresConfiguration
    let kafka: KafkaSettings
    let report: BenchReport
    let runs: Int
    let scale: Double

    func run() async throws {
        let events = max(10_000, Int(300_000 * scale) / 1_000 * 1_000)
        try await BenchDatabase.with(server) { database in
            try await database.withStore { store in
                try await BenchWorkload().fill(store, events: events)
                try await compare(store, database, events: events)
            }
        }
    }

    private func compare(_ store: PostgresEventStore, _ database: BenchDatabase, events: Int) async throws {
        let name = "catch-up,events=\(events),partitions=\(kafka.partitions)"
        let limit = "limit:librdkafka-produce"
        let loop = BareProduceLoop(bootstrap: kafka.bootstrap, properties: kafka.properties)
        let meter = Meter(
            postmaster: try await ProcessTime.postmaster(of: database),
            broker: kafka.port.flatMap(ProcessTime.listener(onPort:)))
        var ours: [Double] = []
        var theirs: [Double] = []
        var used: [Meter.Reading] = []
        for _ in 0..<runs {
            try await BenchTopic.with(kafka) { topic in
                let before = meter.read()
                ours.append(Double(events) / (try await publish(store, to: topic, events: events)))
                used.append(meter.read() - before)
                if loop.count == 0 { try await topic.readAll(events) { loop.keep($0) } }
            }
            try await BenchTopic.with(kafka) { topic in
                theirs.append(Double(events) / (try loop.run(topic: topic.name)))
            }
        }
        for (system, values) in [("lockstep", ours), (limit, theirs)] {
            report.add(
                Figure(
                    bench: "publish", case: name, system: system, metric: "events_per_s", unit: "events/s",
                    values: values))
        }
        report.add(Ratio(bench: "publish", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
        for (metric, part) in Meter.parts {
            let values = used.compactMap { $0[keyPath: part] }.map { $0 / Double(events) * 1e6 }
            guard !values.isEmpty else { continue }
            report.add(
                Figure(
                    bench: "publish", case: name, system: "lockstep", metric: metric, unit: "µs/event", values: values))
        }
    }

    /// - Returns: the seconds from the publisher's first batch to its last acknowledgement. The survey of the topic before it takes as
    ///   long for few events as for many.
    private func publish(_ store: PostgresEventStore, to topic: BenchTopic, events: Int) async throws -> Double {
        let publisher = topic.publisher(of: store)
        return try await BenchServices.running([publisher]) {
            let time = SystemTimekeeper()
            while publisher.statistics.batches == 0 { try await time.sleep(for: .microseconds(100)) }
            return try await seconds {
                while publisher.statistics.acknowledged.rawValue < events {
                    try await time.sleep(for: .milliseconds(2))
                }
            }
        }
    }
}

/// Processor seconds of everybody who takes part.
struct Meter: Sendable {
    let postmaster: Int32?
    let broker: Int32?

    struct Reading: Sendable {
        var own: Double?
        var database: Double?
        var broker: Double?

        static func - (left: Reading, right: Reading) -> Reading {
            func difference(_ part: KeyPath<Reading, Double?>) -> Double? {
                guard let first = left[keyPath: part], let second = right[keyPath: part] else { return nil }
                return first - second
            }
            return Reading(own: difference(\.own), database: difference(\.database), broker: difference(\.broker))
        }
    }

    /// Metric names and what they show.
    static var parts: [(String, KeyPath<Reading, Double?>)] {
        [("cpu_us_own", \.own), ("cpu_us_database", \.database), ("cpu_us_broker", \.broker)]
    }

    func read() -> Reading {
        Reading(own: ProcessTime.own, database: ProcessTime.server(postmaster), broker: ProcessTime.server(broker))
    }
}
