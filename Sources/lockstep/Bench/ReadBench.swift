import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore

/// `bench read`: the whole log decoded, and one stream.
struct ReadBench: Sendable {
    let server: PostgresConfiguration
    let report: BenchReport
    let runs: Int
    let scale: Double

    func run() async throws {
        let events = max(10_000, Int(300_000 * scale))
        let workload = try BenchWorkload()
        try await BenchDatabase.with(server) { database in
            let streams = try (0..<events / 1_000).map { _ in try workload.stream() }
            try await database.withStore { store in
                for stream in streams {
                    try await appended(store, AppendRequest(workload.drafts(1_000), to: stream, expecting: .noStream))
                }
                let small = try (0..<200).map { _ in try workload.stream() }
                for stream in small {
                    try await appended(store, AppendRequest(workload.drafts(10), to: stream, expecting: .noStream))
                }
                try await database.withConnection { try await $0.execute("vacuum analyze lockstep.events") }
                try await everything(store, database)
                try await oneStream(store, database, small)
            }
        }
    }

    private func everything(_ store: PostgresEventStore, _ database: BenchDatabase) async throws {
        let name = "everything,decoded,page=10000"
        let limit = "limit:copy-to-stdout-binary"
        var ours: [Double] = []
        var theirs: [Double] = []
        for _ in 0..<runs {
            theirs.append(try await copyIntoNothing(database))
            ours.append(try await readAll(store))
        }
        for (system, values) in [("lockstep", ours), (limit, theirs)] {
            report.add(
                Figure(
                    bench: "read", case: name, system: system, metric: "events_per_s", unit: "events/s", values: values)
            )
        }
        report.add(Ratio(bench: "read", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
    }

    private func readAll(_ store: PostgresEventStore) async throws -> Double {
        var count = 0
        var bytes = 0
        let duration = try await seconds {
            var reader = LogScan(store, after: .start)
            while let events = try await reader.next() {
                for event in events { bytes += event.dataLength }
                count += events.count
            }
        }
        guard bytes > 0 else { throw BenchFault.incomplete("nothing was read") }
        return Double(count) / duration
    }

    private func copyIntoNothing(_ database: BenchDatabase) async throws -> Double {
        try await database.withConnection { connection in
            var rows = 0
            let duration = try await seconds {
                rows = try await connection.copyOut(
                    """
                    copy (select position, version, occurred_at, recorded_at, event_id, kind, schema_version, correlation_id, causation_id, \
                    stream, actor, data, metadata from lockstep.events order by position) to stdout (format binary)
                    """
                ) { _ in }
            }
            return Double(rows) / duration
        }
    }

    private func oneStream(_ store: PostgresEventStore, _ database: BenchDatabase, _ streams: [StreamName]) async throws
    {
        let name = "stream,events=10"
        let limit = "limit:prepared-select"
        let statement: PostgresStatement = """
            select e.position, e.version, e.occurred_at, e.recorded_at, e.event_id, e.kind, e.schema_version, e.correlation_id,
                e.causation_id, e.stream, e.actor, e.data, e.metadata
            from lockstep.events e where e.workspace = $1 and e.stream = $2 order by e.version
            """
        var ours: [Double] = []
        var theirs: [Double] = []
        try await database.withConnection { connection in
            for _ in 0..<runs {
                var mine: [Double] = []
                var bare: [Double] = []
                for _ in 0..<10 {
                    for stream in streams {
                        var parameters = PostgresParameters()
                        parameters.append(Int32(1))
                        parameters.append(stream.rawValue)
                        bare.append(
                            1_000 * (try await seconds { _ = try await connection.query(statement, parameters) }))
                        mine.append(1_000 * (try await seconds { _ = try await store.read(StreamQuery(stream)) }))
                    }
                }
                ours.append(mine.quantile(0.5))
                theirs.append(bare.quantile(0.5))
            }
        }
        for (system, values) in [("lockstep", ours), (limit, theirs)] {
            report.add(
                Figure(bench: "read", case: name, system: system, metric: "latency_ms_p50", unit: "ms", values: values))
        }
        report.add(Ratio(bench: "read", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
    }
}
