import EventSourcingTesting
import Foundation
import PostgresDriver
import Testing

/// A database of its own on the server of the tests, a writer, two processes that follow, and somebody who reads all the time. Where they follow the
/// topic, a publisher fills one of its own on the broker of the tests.
struct ChangeoverStage: Sendable {
    /// Where the projectors read.
    let source: RoundPlan.Source
    let observer: Observer
    let environment: [String: String]
    let writer: Writer
    let projectors: [Member]
    /// None where nobody reads the topic.
    let publishers: [Member]
    let watch: ReaderWatch

    /// Makes everything, and ends it whatever happens.
    static func with(
        seed: UInt64, reading source: RoundPlan.Source,
        _ body: @escaping @Sendable (ChangeoverStage) async throws -> Void
    ) async throws {
        let given = try #require(ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"])
        let server = Observer(url: given)
        let name = "lockstep_changeovers_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await server.with { try await $0.execute("create database \(name)") }
        let outcome: Result<Void, any Error>
        do {
            let stage = try ChangeoverStage(
                name, url: try replacing(database: name, in: given), seed: seed, reading: source)
            outcome = .success(try await stage.live(body))
        } catch { outcome = .failure(error) }
        let dropped = await Task {
            try await server.with { try await $0.execute("drop database \(name) with (force)") }
        }
        .result
        try outcome.get()
        try dropped.get()
    }

    private static func replacing(database: String, in url: String) throws -> String {
        var parts = try #require(URLComponents(string: url))
        parts.path = "/\(database)"
        return try #require(parts.string)
    }

    private init(_ name: String, url: String, seed: UInt64, reading source: RoundPlan.Source) throws {
        self.source = source
        observer = Observer(url: url)
        var environment = [
            "LOCKSTEP_DATABASE_URL": url, "LOCKSTEP_TOPIC_PARTITIONS": "\(World.lanes)",
            "LOCKSTEP_SERVE_LEASE_SECONDS": "\(World.leaseSeconds)", "LOCKSTEP_SERVE_DRAIN_SECONDS": "10",
            "LOCKSTEP_PROJECTOR_SOURCE": source.rawValue,
        ]
        if source == .topic {
            let brokers: String = try #require(ProcessInfo.processInfo.environment["LOCKSTEP_KAFKA"])
            environment["LOCKSTEP_KAFKA"] = brokers
            environment["LOCKSTEP_TOPIC_PREFIX"] = name
        }
        self.environment = environment
        let silence = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/null"))
        let samples = try WorkflowSamples(checkout: URL(fileURLWithPath: ProjectFiles.root))
        writer = Writer(
            workload: Workload(writer: 0, seed: seed, samples: samples), environment: environment, log: silence)
        projectors = (0..<2).map {
            Member("projector-\($0)", .projector, environment: environment, log: silence)
        }
        publishers =
            source == .log ? [] : [Member("publisher-0", .publisher, environment: environment, log: silence)]
        watch = ReaderWatch(observer)
    }

    private var members: [Member] { publishers + projectors }

    /// The least lane that is asked about. What keeps one checkpoint, with lane -1, is not fed from the topic.
    var leastLane: Int32 { source == .topic ? 0 : -1 }

    private func live(_ body: @escaping @Sendable (ChangeoverStage) async throws -> Void) async throws {
        let migration = try Child(Program.path, ["migrate", "up"], environment: environment)
        #expect(await migration.ended() == 0)
        try await observer.with { connection in
            for script in [ReaderWatch.script, CheckpointWatch.script, StopWatch.script, ChangeoverGate.script] {
                try await connection.execute(script)
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            group.addTask { await watch.run() }
            for member in members {
                group.addTask { #expect(await member.run() == 0, "\(member.name) did not end in order") }
            }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(self)) } catch { outcome = .failure(error) }
            watch.close()
            writer.close()
            for member in members { member.close() }
            try await group.waitForAll()
            try outcome.get()
        }
    }

    /// Waits until every append has its answer and every generation is at the head.
    func settled() async throws {
        writer.feed(false)
        try await Patience.until("every append is answered") { writer.isIdle }
        do {
            try await Patience.until("every generation is at the head") {
                try await observer.number(
                    """
                    select case when count(distinct consumer) = \(source == .log ? World.projections : ChangeoverPlan.projections.count)
                        and min(position) = max(head) then 1::bigint else 0::bigint end
                    from lockstep.consumer_progress where kind in ('projector', 'previous') and lane >= \(leastLane)
                    """) == 1
            }
        } catch let exhausted as Patience.Exhausted {
            throw Flawed(flaws: try await [exhausted.description] + observer.texts(Stragglers.question))
        }
    }
}
