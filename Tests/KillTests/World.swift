import Foundation
import Testing

/// Everything that runs during the suite.
struct World: Sendable {
    static let lanes = 4
    static let leaseSeconds = 2
    /// The read models of this version: workflows, journeys, mappings, executions, sessions, sync_state, divergences, effects, policies, timeline,
    /// activity_by_hour.
    static let projections = 11
    private static let prefix = "kill"
    static let topic = "\(prefix).events"

    /// Where the projectors read.
    let source: RoundPlan.Source
    let services: PrivateServices
    let observer: Observer
    let writers: [Writer]
    let members: [Member]
    let environment: [String: String]

    /// Starts everything, and ends it whatever happens.
    static func with(
        seed: UInt64, reading source: RoundPlan.Source, _ body: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        let services = try await PrivateServices.start()
        let outcome: Result<Void, any Error>
        do {
            let world = try World(services, seed: seed, reading: source)
            outcome = .success(try await world.live(body))
        } catch { outcome = .failure(error) }
        let stopped = await Task { try await services.stop() }.result
        try outcome.get()
        try stopped.get()
    }

    private init(_ services: PrivateServices, seed: UInt64, reading source: RoundPlan.Source) throws {
        self.source = source
        self.services = services
        observer = Observer(url: services.databaseURL)
        let environment = [
            "LOCKSTEP_DATABASE_URL": services.databaseURL, "LOCKSTEP_KAFKA": services.brokers,
            "LOCKSTEP_TOPIC_PREFIX": Self.prefix, "LOCKSTEP_TOPIC_PARTITIONS": "\(Self.lanes)",
            "LOCKSTEP_SERVE_LEASE_SECONDS": "\(Self.leaseSeconds)", "LOCKSTEP_SERVE_DRAIN_SECONDS": "10",
            "LOCKSTEP_PROJECTOR_SOURCE": source.rawValue,
        ]
        self.environment = environment
        let samples = try WorkflowSamples(checkout: services.checkout)
        writers = try (0..<2).map { number in
            Writer(
                workload: Workload(writer: number, seed: seed, samples: samples), environment: environment,
                log: try services.log("writer-\(number)"))
        }
        members = try [Victim.Role.publisher, .projector].flatMap { role in
            try (0..<2).map { number in
                let name = "\(role)-\(number)"
                return Member(name, role, environment: environment, log: try services.log(name))
            }
        }
    }

    /// The least lane that is asked about. What keeps one checkpoint, with lane -1, is not fed from the topic: it stands still, and says so.
    var leastLane: Int32 { source == .topic ? 0 : -1 }

    var acknowledged: Int { writers.reduce(0) { $0 + $1.acknowledged } }

    func feed(_ wanted: Bool) { for writer in writers { writer.feed(wanted) } }

    private func live(_ body: @escaping @Sendable (World) async throws -> Void) async throws {
        let migration = try Child(Program.path, ["migrate", "up"], environment: environment)
        #expect(await migration.ended() == 0)
        try await observer.with { connection in
            for script in [CheckpointWatch.script, StopWatch.script] { try await connection.execute(script) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in writers { group.addTask { await writer.run() } }
            for member in members {
                group.addTask {
                    let status = await member.run()
                    #expect(status == 0, "\(member.name) did not end in order")
                }
            }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(self)) } catch { outcome = .failure(error) }
            for writer in writers { writer.close() }
            for member in members { member.close() }
            // Whoever does not end in order is ended.
            let insist = Task {
                for _ in 0..<1_200 where !Task.isCancelled { await Patience.breathe() }
                if !Task.isCancelled { for member in members { member.signal(SIGKILL) } }
            }
            try await group.waitForAll()
            insist.cancel()
            try outcome.get()
        }
    }

    /// Follows the topic from its beginning while `body` runs.
    func following<R: Sendable>(_ body: (TopicFollower) async throws -> R) async throws -> R {
        let follower = TopicFollower(topic: Self.topic, lanes: Self.lanes, brokers: services.brokers)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await follower.run() }
            let outcome: Result<R, any Error>
            do { outcome = .success(try await body(follower)) } catch { outcome = .failure(error) }
            follower.close()
            try await group.waitForAll()
            return try outcome.get()
        }
    }
}
