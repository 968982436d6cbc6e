import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Synchronization

/// `bench project`: a projection that catches up with a waiting log, beside `COPY` of the rows that it made into the same indexed table.
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
        let limit = "limit:copy-binary"
        var ours: [Double] = []
        var theirs: [Double] = []
        for _ in 0..<runs {
            try await BenchDatabase.with(server) { database in
                let projected = try await database.withStore { store in
                    try await BenchWorkload().fill(store, events: events)
                    return try await project(store, database, events: events)
                }
                ours.append(Double(events) / projected)
                theirs.append(Double(events) / (try await copy(database)))
            }
        }
        for (system, values) in [("lockstep", ours), (limit, theirs)] {
            report.add(
                Figure(
                    bench: "project", case: name, system: system, metric: "events_per_s", unit: "events/s",
                    values: values))
        }
        report.add(Ratio(bench: "project", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
    }

    /// - Returns: the seconds from the projector's start to the last row.
    private func project(_ store: PostgresEventStore, _ database: BenchDatabase, events: Int) async throws -> Double {
        let pool = PostgresPool(configuration: database.configuration, limits: PoolLimits(maxConnections: 2))
        let projector = ProjectorService(
            TimelineProjection(), log: store, views: PostgresProjectionStore(pool: pool), leases: store,
            settings: ProjectorSettings(holder: database.name), logger: BenchServices.logger)
        let duration = try await BenchServices.running([projector]) {
            try await seconds {
                while projector.statistics.position.rawValue < events {
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
