import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Synchronization

/// `bench project`: a projection that catches up with a waiting log, beside `COPY` of the rows that it made into the same indexed table, and
/// beside one `INSERT … ON CONFLICT` of them inside the database; then four projections together, beside the rate at which their log was written.
struct ProjectBench: Sendable {
    let server: PostgresConfiguration
    let report: BenchReport
    let runs: Int
    let scale: Double

    /// Rows of one commit of the limit: what the projector writes in one.
    private static let rowsPerCommit = ProjectorLimits().largestBatch

    func run() async throws {
        let events = max(10_000, Int(100_000 * scale) / 1_000 * 1_000)
        let name = "timeline,catch-up,events=\(events)"
        var (ours, copied, inserted): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<runs {
            try await BenchDatabase.with(server) { database in
                let projected = try await database.withStore { store in
                    try await BenchWorkload().fill(store, events: events)
                    return try await project(store, database, events: events)
                }
                ours.append(Double(events) / projected)
                copied.append(Double(events) / (try await copy(database)))
                inserted.append(Double(events) / (try await insert(database)))
            }
        }
        add(name, ours, beside: [("limit:copy-binary", copied), ("limit:insert-on-conflict", inserted)])
        try await runFour(events: events)
    }

    private static let four: [any Projection] = [
        ExecutionsProjection(), SessionsProjection(), SyncStateProjection(), TimelineProjection(),
    ]

    /// Executions and conversations into four read models at once.
    private func runFour(events: Int) async throws {
        var (ours, appended): ([Double], [Double]) = ([], [])
        for _ in 0..<runs {
            try await BenchDatabase.with(server) { database in
                let (filled, projected) = try await database.withStore { store in
                    let filled = try await seconds { try await BenchHistory.fill(store, events: events) }
                    return (filled, try await project(store, database, events: events, of: Self.four))
                }
                appended.append(Double(events) / filled)
                ours.append(Double(events) / projected)
            }
        }
        add("four together,catch-up,events=\(events)", ours, beside: [("limit:append-of-the-log", appended)])
    }

    private func add(_ name: String, _ ours: [Double], beside limits: [(String, [Double])]) {
        for (system, values) in [("lockstep", ours)] + limits {
            report.add(
                Figure(
                    bench: "project", case: name, system: system, metric: "events_per_s", unit: "events/s",
                    values: values))
        }
        for (limit, values) in limits {
            report.add(Ratio(bench: "project", case: name, of: limit, values: zip(ours, values).map { $0 / $1 }))
        }
    }

    /// - Returns: the seconds from the projectors' start to the last row of the last of them.
    private func project(
        _ store: PostgresEventStore, _ database: BenchDatabase, events: Int,
        of projections: [any Projection] = [TimelineProjection()]
    ) async throws -> Double {
        let pool = PostgresPool(
            configuration: database.configuration, limits: PoolLimits(maxConnections: 2 * projections.count))
        let projectors = projections.map { projection in
            ProjectorService(
                projection, log: store, views: PostgresProjectionStore(pool: pool), leases: store,
                settings: ProjectorSettings(holder: database.name), logger: BenchServices.logger)
        }
        let duration = try await BenchServices.running(projectors) {
            try await seconds {
                while projectors.contains(where: { $0.statistics.position.rawValue < events }) {
                    try await SystemTimekeeper().sleep(for: .milliseconds(2))
                }
            }
        }
        await pool.shutdown()
        return duration
    }

    /// The rows as the projector left them, copied into an equal table, as many to a commit.
    private func copy(_ database: BenchDatabase) async throws -> Double {
        let columns = TimelineProjection().table.columns.map(\.name).joined(separator: ", ")
        return try await database.withConnection { connection in
            try await connection.execute("create table plain_timeline (like lockstep_read.timeline_v1 including all)")
            let last = try await connection.query("select max(position) from lockstep_read.timeline_v1").int64(0, 0)
            var batches: [[UInt8]] = []
            for start in stride(from: 0, to: Int(last), by: Self.rowsPerCommit) {
                let bytes = CopiedBytes()
                _ = try await connection.copyOut(
                    """
                    copy (select \(columns) from lockstep_read.timeline_v1 where position > \(start)
                    and position <= \(start + Self.rowsPerCommit) order by position) to stdout (format binary)
                    """
                ) { bytes.append($0) }
                batches.append(bytes.finish())
            }
            return try await seconds {
                for batch in batches {
                    let pending = CopiedBytes.Once(batch)
                    _ = try await connection.copyIn(
                        "copy plain_timeline (\(columns)) from stdin (format binary)", from: { await pending.take() })
                }
            }
        }
    }
}

extension ProjectBench {
    /// The rows as the projector left them, inserted into an equal table by one statement that minds rows which are there.
    private func insert(_ database: BenchDatabase) async throws -> Double {
        let table = TimelineProjection().table
        let columns = table.columns.map(\.name)
        let keys = table.keyColumns.map(\.name)
        let replaced = columns.filter { !keys.contains($0) }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        return try await database.withConnection { connection in
            try await connection.execute(
                "create table upserted_timeline (like lockstep_read.timeline_v1 including all)")
            return try await seconds {
                try await connection.execute(
                    "insert into upserted_timeline (\(columns.joined(separator: ", "))) select \(columns.joined(separator: ", ")) "
                        + "from lockstep_read.timeline_v1 on conflict (\(keys.joined(separator: ", "))) do update set \(replaced)"
                )
            }
        }
    }
}

/// Chunks of a COPY, one after the other, on the connection's thread.
final class CopiedBytes: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func append(_ chunk: UnsafeRawBufferPointer) { bytes.withLock { $0.append(contentsOf: chunk) } }
    func finish() -> [UInt8] { bytes.withLock { $0 } }

    /// Gives its bytes in pieces of a mebibyte.
    actor Pieces {
        private var rest: ArraySlice<UInt8>
        init(_ bytes: [UInt8]) { rest = bytes[...] }
        func take() -> [UInt8]? {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(1 << 20) }
            return Array(rest.prefix(1 << 20))
        }
    }

    /// Gives its bytes once.
    actor Once {
        private var bytes: [UInt8]?
        init(_ bytes: [UInt8]) { self.bytes = bytes }
        func take() -> [UInt8]? { bytes.take() }
    }
}
