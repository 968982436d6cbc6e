import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore

/// `bench append`: bulk, one caller, many callers; random and derived ids; each beside its limit in the same run.
struct AppendBench: Sendable {
    /// A libpq connection string or URL.
    let connectionString: String
    let server: PostgresConfiguration
    let report: BenchReport
    let runs: Int
    /// Scales the number of events of every case.
    let scale: Double

    func run() async throws {
        try await BenchDatabase.with(server) { database in
            let flushes = try await CommitProbe.flushes(200, in: database)
            report.add(
                Figure(
                    bench: "append", case: "flush", system: "limit:wal-flush", metric: "flush_ms_median", unit: "ms",
                    values: [flushes.median]))
        }
        for ids in [BenchWorkload.IDs.random, .derived] {
            try await bulk(ids)
            try await single(ids, callers: 1)
            for callers in [8, 64, 512] { try await single(ids, callers: callers) }
        }
    }

    private func scaled(_ count: Int) -> Int { max(1, Int(Double(count) * scale)) }

    // MARK: Bulk

    private func bulk(_ ids: BenchWorkload.IDs) async throws {
        let name = "bulk,events=1000,writers=1,ids=\(ids.rawValue)"
        let limit = "limit:copy-binary"
        let batches = scaled(60)
        let workload = try BenchWorkload(ids: ids)
        var ours: [Double] = []
        var theirs: [Double] = []
        try await BenchDatabase.with(server) { database in
            for run in 0..<runs {
                let table = try await PlainTable.create("copied_\(run)", in: database)
                let drafts = (0..<batches).map { _ in workload.drafts(1_000) }
                let streams = try (0..<batches).map { _ in try workload.stream() }
                let copied = try await database.withConnection { connection in
                    try await seconds { try await table.copy(drafts, streams: streams, on: connection) }
                }
                theirs.append(Double(batches * 1_000) / copied)
                ours.append(Double(batches * 1_000) / (try await bulk(drafts, streams, in: database)))
                try await table.truncate()
            }
        }
        add(name, ours: ours, limit: limit, theirs: theirs)
    }

    private func bulk(_ drafts: [[EventDraft]], _ streams: [StreamName], in database: BenchDatabase) async throws
        -> Double
    {
        try await database.withStore { store in
            try await warmUp(store)
            return try await seconds {
                for (events, stream) in zip(drafts, streams) {
                    try await appended(store, AppendRequest(events, to: stream, expecting: .noStream))
                }
            }
        }
    }

    // MARK: Single events

    private func single(_ ids: BenchWorkload.IDs, callers: Int) async throws {
        let name = "single,callers=\(callers),ids=\(ids.rawValue)"
        let limit = callers == 1 ? "limit:bare-function-loop" : "limit:plain-insert-16"
        let each = scaled(callers == 1 ? 4_000 : callers == 8 ? 1_500 : 40_000 / callers)
        let workload = try BenchWorkload(ids: ids)
        var ours: [Double] = []
        var theirs: [Double] = []
        var p50: [Double] = []
        var p99: [Double] = []
        try await BenchDatabase.with(server) { database in
            for run in 0..<runs {
                if callers == 1 {
                    theirs.append(Double(each) / (try await bareLoop(workload, events: each, in: database)))
                } else {
                    theirs.append(try await plainInserts(workload, events: callers * each, run: run, in: database))
                }
                let (duration, latencies) = try await database.withStore { store in
                    try await warmUp(store)
                    return try await callersLoop(store, workload, callers: callers, each: each)
                }
                ours.append(Double(callers * each) / duration)
                p50.append(latencies.quantile(0.5))
                p99.append(latencies.quantile(0.99))
            }
        }
        add(name, ours: ours, limit: limit, theirs: theirs)
        for (metric, values) in [("latency_ms_p50", p50), ("latency_ms_p99", p99)] {
            report.add(
                Figure(bench: "append", case: name, system: "lockstep", metric: metric, unit: "ms", values: values))
        }
    }

    private func callersLoop(
        _ store: PostgresEventStore, _ workload: BenchWorkload, callers: Int, each: Int
    ) async throws -> (seconds: Double, latencies: [Double]) {
        let latencies = LatencyLog()
        let duration = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<callers {
                    group.addTask { [self] in
                        let mine = try await oneCaller(store, workload, appends: each)
                        latencies.add(mine)
                    }
                }
                for try await _ in group {}
            }
        }
        return (duration, latencies.all)
    }

    /// Streams of ten events, each event decided against the version before it.
    private func oneCaller(_ store: PostgresEventStore, _ workload: BenchWorkload, appends: Int) async throws
        -> [Double]
    {
        var latencies: [Double] = []
        latencies.reserveCapacity(appends)
        var stream = try workload.stream()
        var version: Int64 = 0
        for _ in 0..<appends {
            if version == 10 { (stream, version) = (try workload.stream(), 0) }
            let expected: ExpectedVersion = version == 0 ? .noStream : .exactly(StreamVersion(version))
            let request = AppendRequest([workload.draft()], to: stream, expecting: expected)
            latencies.append(1_000 * (try await seconds { try await appended(store, request) }))
            version += 1
        }
        return latencies
    }

    private func plainInserts(
        _ workload: BenchWorkload, events: Int, run: Int, in database: BenchDatabase
    ) async throws -> Double {
        let connections = 16
        let table = try await PlainTable.create("inserted_\(run)", in: database)
        let each = max(1, min(events, 20_000) / connections)
        let lists = (0..<connections).map { _ in (0..<each).map { _ in workload.draft() } }
        let streams = try (0..<connections).map { _ in try workload.stream() }
        let duration = try await seconds { try await table.insert(lists, streams: streams) }
        try await table.truncate()
        return Double(connections * each) / duration
    }

    /// The same SQL function, called by nothing but a loop on one connection.
    private func bareLoop(_ workload: BenchWorkload, events: Int, in database: BenchDatabase) async throws -> Double {
        let loop = BareAppendLoop(server: connectionString, database: database.name)
        let streams = try (0..<(events + 9) / 10).map { _ in try workload.stream() }
        let drafts = (0..<events).map { _ in workload.draft() }
        return try loop.run(drafts, streams: streams)
    }

    // MARK: Shared

    /// The first append opens the connection and prepares the statement.
    private func warmUp(_ store: PostgresEventStore) async throws {
        let workload = try BenchWorkload()
        for _ in 0..<20 {
            try await appended(
                store, AppendRequest([workload.draft()], to: try workload.stream(), expecting: .noStream))
        }
    }

    private func add(_ name: String, ours: [Double], limit: String, theirs: [Double]) {
        for (system, values) in [("lockstep", ours), (limit, theirs)] {
            report.add(
                Figure(
                    bench: "append", case: name, system: system, metric: "events_per_s", unit: "events/s",
                    values: values))
        }
        report.add(Ratio(bench: "append", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
    }
}

/// A bench that loses a race measures nothing.
func appended(_ store: PostgresEventStore, _ request: AppendRequest) async throws {
    guard case .appended = try await store.append(request) else { throw BenchFault.notAppended }
}

/// Why a bench stopped.
enum BenchFault: Error, CustomStringConvertible {
    case notAppended
    case libpq(String)
    case incomplete(String)

    var description: String {
        switch self {
        case .notAppended: "an append of the bench met a conflict; is somebody else writing to its database?"
        case .libpq(let message): "libpq: \(message)"
        case .incomplete(let what): "the bench did not come to its end: \(what)"
        }
    }
}
