import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import Testing

/// A database of its own on the server of the tests, two reconcilers, the stand-in for Sim, and conversations, scripted ones or those of a real Parlant server;
/// what the engines tell is taken in as it comes.
struct EffectStage: Sendable {
    private static let lanes = 2

    let observer: Observer
    let environment: [String: String]
    let reconcilers: [Member]
    let engine: StandInProcess
    let talks: ScriptedTalks
    private let projector: Member
    /// The real server whose conversations are followed.
    private let parlant: String?

    /// Makes everything, and ends it whatever happens.
    ///
    /// - Parameter parlant: where the real Parlant server is, loaded with our module, whose conversations take the place of the scripted ones.
    static func with(
        parlant: String? = nil, _ body: @escaping @Sendable (EffectStage) async throws -> Void
    ) async throws {
        let given = try #require(ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"])
        let server = Observer(url: given)
        let name = "lockstep_effects_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await server.with { try await $0.execute("create database \(name)") }
        let engine = try await StandInProcess.start(in: folder)
        let outcome: Result<Void, any Error>
        do {
            var parts = try #require(URLComponents(string: given))
            parts.path = "/\(name)"
            let stage = try EffectStage(url: try #require(parts.string), engine, parlant)
            outcome = .success(try await stage.live(body))
        } catch { outcome = .failure(error) }
        await engine.kill()
        let dropped = await Task {
            try await server.with { try await $0.execute("drop database \(name) with (force)") }
        }
        .result
        try? FileManager.default.removeItem(at: folder)
        try outcome.get()
        try dropped.get()
    }

    private init(url: String, _ engine: StandInProcess, _ parlant: String?) throws {
        observer = Observer(url: url)
        self.engine = engine
        self.parlant = parlant
        var random = SystemRandomNumberGenerator()
        var environment = [
            "LOCKSTEP_MASTER_KEY": MasterKey.generate(id: "kill", using: &random),
            "LOCKSTEP_DATABASE_URL": url, "LOCKSTEP_TOPIC_PARTITIONS": "\(Self.lanes)",
            "LOCKSTEP_SERVE_LEASE_SECONDS": "\(World.leaseSeconds)", "LOCKSTEP_SERVE_DRAIN_SECONDS": "10",
            "LOCKSTEP_SIM_URL": engine.url, "LOCKSTEP_SIM_API_KEY": StandInProcess.key,
            "LOCKSTEP_RECONCILER_QUIET_MILLISECONDS": "50", "LOCKSTEP_RECONCILER_PASS_SECONDS": "1",
        ]
        if let parlant {
            environment.merge(["LOCKSTEP_PARLANT_URL": parlant, "LOCKSTEP_PARLANT_POLL_MILLISECONDS": "200"]) { $1 }
        } else {
            environment.merge(
                ["LOCKSTEP_RECONCILER_ORDER_SECONDS": "3", "LOCKSTEP_RECONCILER_EFFECT_SECONDS": "13"]) { $1 }
        }
        self.environment = environment
        let silence = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/null"))
        reconcilers = (0..<2).map { number in
            let name = "reconciler-\(number)"
            var own = environment
            own["LOCKSTEP_DATABASE_URL"] = EffectGate.url(url, as: name)
            return Member(
                name, serving: parlant == nil ? "reconciler" : "reconciler,parlant", environment: own, log: silence)
        }
        projector = Member("projector-0", .projector, environment: environment, log: silence)
        let (observer, taken) = (observer, environment)
        talks = ScriptedTalks(observer) { try await Self.ingest($0, taken) }
    }

    private func live(_ body: @escaping @Sendable (EffectStage) async throws -> Void) async throws {
        let pushing = parlant == nil ? [] : [["parlant", "push", StandInProcess.workflow]]
        for words in [
            ["migrate", "up"], ["convert", "workflow", ProjectFiles.demonstrations + "/demo_refund_export.json"],
        ] + pushing {
            let outcome = try await ChangeoverAttempt(words, environment: environment).outcome()
            #expect(outcome.status == 0, "\(words): \(outcome)")
        }
        try await observer.with { try await $0.execute(EffectGate.script) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for member in reconcilers + [projector] {
                group.addTask { #expect(await member.run() == 0, "\(member.name) did not end in order") }
            }
            if parlant == nil { group.addTask { await talks.obey() } }
            let relay = Task { await self.relay() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(self)) } catch { outcome = .failure(error) }
            relay.cancel()
            talks.close()
            for member in reconcilers + [projector] { member.close() }
            try await group.waitForAll()
            try outcome.get()
        }
    }

    // MARK: What the engines tell

    /// Takes in what the stand-in tells, in order, at least once.
    private func relay() async {
        var taken = 0
        while !Task.isCancelled {
            let lines = ((try? engine.told()) ?? []).dropFirst(taken)
            if !lines.isEmpty, (try? await Self.ingest(Array(lines), environment)) != nil { taken += lines.count }
            await Patience.breathe()
        }
    }

    private static func ingest(_ lines: [String], _ environment: [String: String]) async throws {
        let input = Child.pipe()
        let child = try Child(Program.path, ["ingest", "-"], environment: environment, input: .pipe(input))
        try input.fileHandleForWriting.write(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8))
        try input.fileHandleForWriting.close()
        let status = await child.ended()
        guard status == 0 else { throw Flawed(flaws: ["ingest ended with \(status): \(lines)"]) }
    }

    // MARK: Who works for a run

    /// The process that looks at a run now.
    func reconciler(of run: String) async throws -> Member {
        let lane = ExecutionKey(workspace: .default, execution: run).lane(of: Self.lanes).rawValue
        var holder: Member?
        try await Patience.until("somebody reconciles \(run)") {
            let names = try await observer.texts(
                "select holder from lockstep.leases where name = 'reconciler/\(lane)' and expires_at > clock_timestamp()"
            )
            holder = reconcilers.first { names.contains($0.name) }
            return holder != nil
        }
        return try #require(holder)
    }

    func count(_ type: String, of run: String) async throws -> Int64 {
        try await observer.number(
            "select count(*) from lockstep.event_log where stream = 'reconciliation-\(run)' and type = '\(type)'")
    }
}
