import Audit
import EventModel
import EventSourcing
import EventSourcingTesting
import Logging
import Testing

@Suite("Digesting the log") struct LogDigesterTests {
    private func run(_ log: AlterableLog, until position: Int64, holder: String = "one") async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await LogDigester(
                    log, holder: holder, time: HastyTimekeeper(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                ).run()
            }
            group.addTask {
                while !Task.isCancelled, log.digests.map(\.position.rawValue).max() ?? 0 < position {
                    await Task.yield()
                }
            }
            _ = try await group.next()
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }

    @Test func `the digest of the end is recorded, and a verification agrees with it`() async throws {
        let log = AlterableLog()
        try await log.fill(2_345)
        try await run(log, until: 2_345)
        let report = try await LogVerifier(log).verify()
        #expect(report.isSound)
        #expect(report.digestsCompared >= 3)
    }

    @Test func `a digester that comes later goes on where the last one stopped`() async throws {
        let log = AlterableLog()
        try await log.fill(30)
        try await run(log, until: 30)
        try await log.fill(30)
        try await run(log, until: 60, holder: "two")
        #expect(try await LogVerifier(log).verify().isSound)
        let progress = try await log.progress(of: ConsumerProgress.Key(consumer: "sealer", kind: "sealer"))
        #expect(progress.map { $0.position.rawValue >= 30 } == true)
    }

    @Test func `a digester that finds another history says so and stops`() async throws {
        let log = AlterableLog()
        try await log.fill(30)
        _ = try await LogVerifier(log).verify()
        log.alter { $0.rewritten[3] = Array("{}".utf8) }
        await #expect(throws: StoreError.self) { try await run(log, until: 31) }
        let progress = try await log.progress(of: ConsumerProgress.Key(consumer: "sealer", kind: "sealer"))
        #expect(progress?.state == "stopped" && progress?.position == .start)
        #expect(progress?.lastError?.contains("position 30") == true)
    }
}

/// A clock on which every sleep is over at once.
private struct HastyTimekeeper: Timekeeper {
    private let system = SystemTimekeeper()

    func now() -> Timestamp { system.now() }
    func steady() -> Duration { system.steady() }
    func sleep(for duration: Duration) async throws(CancellationError) {
        await Task.yield()
        if Task.isCancelled { throw CancellationError() }
    }
}
