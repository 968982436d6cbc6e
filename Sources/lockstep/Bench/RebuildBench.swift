import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials
import Ingest
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Synchronization

/// `bench rebuild`: `executions` and `timeline` made anew in one pass over a log of executions and conversations, beside what no rebuild can
/// go below: reading these events by `COPY` and writing the resulting rows by `COPY`, without indexes; then two generations of the timeline
/// compared. The log is vacuumed and analyzed first, as one that was not written a moment ago is.
struct RebuildBench: Sendable {
    let server: PostgresConfiguration
    let report: BenchReport
    let runs: Int
    let scale: Double

    private static let projections: [any Projection] = [ExecutionsProjection(), TimelineProjection()]

    func run() async throws {
        let events = max(20_000, Int(2_000_000 * scale) / 1_000 * 1_000)
        let name = "executions+timeline,events=\(events),workers=2"
        let limit = "limit:copy-out-and-in"
        var (ours, unindexed, theirs, memory): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        var diffs: [DiffBench.Sample] = []
        try await BenchDatabase.with(server) { database in
            try await database.withStore { try await BenchHistory.fill($0, events: events) }
            try await database.withConnection { connection in
                for step in ["vacuum (analyze) lockstep.events", "checkpoint"] { try await connection.execute(step) }
            }
            for _ in 0..<runs {
                PeakMemory.reset()
                let stages = try await database.withStore { store in try await rebuild(store, database) }
                ours.append(Double(events) / stages.indexed)
                unindexed.append(Double(events) / stages.filled)
                if let peak = PeakMemory.megabytes { memory.append(peak) }
                theirs.append(Double(events) / (try await copy(database)))
                diffs.append(try await database.withStore { store in try await DiffBench.run(store, database) })
                try await database.withStore { store in try await giveUp(store, database) }
            }
        }
        for (system, values) in [("lockstep", ours), ("lockstep,before-indexes", unindexed), (limit, theirs)] {
            report.add(
                Figure(
                    bench: "rebuild", case: name, system: system, metric: "events_per_s", unit: "events/s",
                    values: values))
        }
        report.add(Ratio(bench: "rebuild", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
        report.add(
            Ratio(
                bench: "rebuild", case: "\(name),before-indexes", of: limit,
                values: zip(unindexed, theirs).map { $0 / $1 }
            ))
        report.add(
            Figure(
                bench: "rebuild", case: name, system: "lockstep", metric: "peak_memory_mb", unit: "MB", values: memory))
        DiffBench.add(diffs, to: report)
    }

    /// Rebuilds both. That they are compared with what readers see is measured elsewhere.
    private func rebuild(_ store: PostgresEventStore, _ database: BenchDatabase) async throws -> RebuildStages {
        let pool = PostgresPool(configuration: database.configuration, limits: PoolLimits(maxConnections: 8))
        let stages = RebuildStages()
        let jobs = Self.projections.map { job($0, store, pool, database) { stages.note($0.phase) } }
        for result in await RebuildPass(jobs, over: store).build() { _ = try result.get() }
        await pool.shutdown()
        return stages
    }

    private func giveUp(_ store: PostgresEventStore, _ database: BenchDatabase) async throws {
        let pool = PostgresPool(configuration: database.configuration, limits: PoolLimits(maxConnections: 8))
        for projection in Self.projections { _ = try await job(projection, store, pool, database).giveUp() }
        await pool.shutdown()
    }

    private func job(
        _ projection: any Projection, _ store: PostgresEventStore, _ pool: PostgresPool, _ database: BenchDatabase,
        observe: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) -> RebuildVerb.Job {
        // Two projections in one pass, one worker each. Nobody follows the active generations, so nobody is waited for.
        RebuildVerb.Job(
            projection, log: store, views: PostgresProjectionStore(pool: pool), leases: store,
            settings: RebuildSettings(
                holder: database.name, limits: RebuildLimits(workers: 1, alignmentPatience: .zero)),
            observe: observe)
    }

    /// The events read once, and the rows as the rebuild left them written once, into tables without indexes.
    private func copy(_ database: BenchDatabase) async throws -> Double {
        try await database.withConnection { connection in
            var duration = try await seconds {
                _ = try await connection.copyOut("copy lockstep.events to stdout (format binary)") { _ in }
            }
            for projection in Self.projections {
                let found = try await connection.query(
                    PostgresStatement(
                        "select relation from lockstep.generations where projection = '\(projection.name)' and state = 'ready'"
                    ))
                let table = "lockstep_read.\(try found.text(0, 0))"
                let bytes = CopiedBytes()
                _ = try await connection.copyOut("copy \(table) to stdout (format binary)") { bytes.append($0) }
                try await connection.execute("create table plain_rows (like \(table))")
                let pieces = CopiedBytes.Pieces(bytes.finish())
                duration += try await seconds {
                    _ = try await connection.copyIn(
                        "copy plain_rows from stdin (format binary)", from: { await pieces.take() })
                }
                try await connection.execute("drop table plain_rows")
            }
            return duration
        }
    }
}

/// When the last of several rebuilds came to a stage, in seconds from now on.
private final class RebuildStages: Sendable {
    private let start = ContinuousClock.now
    private let reached = Mutex<[RebuildProgress.Phase: Double]>([:])

    func note(_ phase: RebuildProgress.Phase) {
        let time = (ContinuousClock.now - start) / .seconds(1)
        reached.withLock { $0[phase] = time }
    }

    /// All rows are in their tables.
    var filled: Double { reached.withLock { $0[.indexing] ?? .nan } }
    /// The tables have their indexes.
    var indexed: Double { reached.withLock { $0[.followingUp] ?? .nan } }
}

/// A history of executions and conversations of any length: a few hundred real ones, again and again under other names.
enum BenchHistory {
    /// Messages that are taken in for real.
    private static let messages = 10_000

    static func fill(_ store: PostgresEventStore, events: Int) async throws {
        let patterns = try await patterns(store)
        var (written, round) = (Int(try await store.head().position.rawValue), 0)
        while written < events {
            var parts: [StreamAppend] = []
            var count = 0
            for (index, pattern) in patterns.enumerated() where written + count < events {
                let drafts = pattern.drafts(among: min(pattern.drafts.count, events - written - count))
                if count + drafts.count > 900 {
                    try await appended(store, AppendRequest(streams: parts))
                    written += count
                    (parts, count) = ([], 0)
                }
                let stream = try StreamName("\(pattern.category)-\(round)-\(index)")
                parts.append(StreamAppend(drafts, to: stream, expecting: .noStream))
                count += drafts.count
            }
            if !parts.isEmpty { try await appended(store, AppendRequest(streams: parts)) }
            written += count
            round += 1
        }
    }

    /// The events of one stream, to be written again.
    private struct Pattern {
        let category: String
        var drafts: [EventDraft] = []

        func drafts(among count: Int) -> [EventDraft] {
            drafts.prefix(count).map { draft in
                EventDraft(
                    id: IDSource().next(), type: draft.type, schemaVersion: draft.schemaVersion, data: draft.data,
                    metadata: draft.metadata, occurredAt: draft.occurredAt)
            }
        }
    }

    private static func patterns(_ store: PostgresEventStore) async throws -> [Pattern] {
        let desk = InboundDesk(into: store, workspace: .default, remembering: store)
        var traffic = InboundTraffic()
        for _ in 0..<messages / 1_000 {
            let batch = (0..<1_000).map { _ in
                let message = traffic.next()
                return InboundMessage(
                    key: InboundKey(source: "bench", id: "\(message.number)"), payload: Array(message.value.utf8),
                    receivedAt: SystemTimekeeper().now(), keepsTime: true, origin: "bench")
            }
            _ = try await desk.settle(desk.read(batch))
        }
        var patterns: [StreamName: Pattern] = [:]
        var order: [StreamName] = []
        var scan = LogScan(store, after: .start)
        while let page = try await scan.next() {
            for event in page {
                if patterns[event.stream] == nil { order.append(event.stream) }
                patterns[event.stream, default: Pattern(category: event.category.rawValue)].drafts.append(
                    EventDraft(
                        id: event.id, type: event.type, schemaVersion: event.schemaVersion, data: event.data,
                        metadata: event.metadata, occurredAt: event.occurredAt))
            }
        }
        return order.compactMap { patterns[$0] }
    }
}

/// The most memory that this process has had since it was reset, as the kernel counts it.
enum PeakMemory {
    static func reset() { try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs")) }

    /// `nil` where the kernel does not say.
    static var megabytes: Double? {
        guard let text = try? String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return line.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1_000 }
    }
}

extension BenchCommand {
    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Rebuild: two read models from two million events, against copying the events out and the rows in.",
            discussion: """
                Examples:
                  lockstep bench rebuild
                  lockstep bench rebuild --runs 3 --scale 0.1 --json
                """)
        @OptionGroup var options: Options

        func run() async throws {
            try await RebuildBench(
                server: try await options.server().configuration, report: options.report, runs: options.runs,
                scale: options.scale
            ).run()
        }
    }
}
