import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Logging
import ServiceLifecycle
import Testing

@testable import Ingest

@Suite("Consuming the inbound topic") struct InboundConsumerTests {
    private let log = InMemoryEventStore()
    private let ledger = InMemoryInboundLedger()
    private let topic = FakeTopic()

    private func consumer() -> InboundConsumer<FakeTopic, InMemoryInboundLedger, InMemoryEventStore> {
        InboundConsumer(
            of: topic, name: "t", for: InboundDesk(of: NotebookSide(), into: log, remembering: ledger), ledger: ledger,
            leases: log, holder: "test-\(UUID())", backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(2)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs a consumer until the bookmark is at `offset`, then shuts it down.
    private func run(until offset: Int) async throws -> InboundStatistics {
        let consumer = consumer()
        let group = ServiceGroup(
            services: [consumer], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while ledger.bookmarks[0]?.next ?? 0 < Int64(offset) { await Task.yield() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        return consumer.statistics
    }

    private func words() async throws -> [String] {
        try await log.read(StreamQuery("notebook-n1")).events.map { try NotebookEvent($0).word }
    }

    @Test func `messages become events, poison is kept, and the bookmark stands behind them`() async throws {
        topic.write([.words(["a"]), .text("{"), .words(["b", "no"], at: 2), .words(["a"], at: 3), .text("", at: 4)])
        let statistics = try await run(until: 5)
        #expect(try await words() == ["a", "b"])
        #expect(topic.kept.map(\.code) == [.notJSON, .refused, .empty])
        #expect(statistics.messages == 5 && statistics.events == 2 && statistics.withoutNews == 1)
        #expect(statistics.rejected == [.notJSON: 1, .refused: 1, .empty: 1])
    }

    @Test func `after a death between append and bookmark nothing is appended twice`() async throws {
        topic.write((0..<10).map { .words(["w\($0)"], id: $0 % 2 == 0 ? "\($0)" : nil, at: Int64($0)) } + [.text("{")])
        for _ in 0..<3 {
            ledger.expect([.killed])
            let consumer = consumer()
            await #expect(throws: StoreError.failed(reason: "killed")) { try await consumer.run() }
        }
        _ = try await run(until: 11)
        #expect(try await words() == (0..<10).map { "w\($0)" })
        #expect(topic.kept == [FakeTopic.Kept(content: "{", code: .notJSON)])
    }

    @Test func `a lost answer and a broker that is away are waited out`() async throws {
        topic.write([.words(["a"], id: "1"), .text("{"), .words(["b"], at: 2), .words(["c"], at: 3)])
        ledger.expect([.unavailable, .lostAnswer])
        topic.refuseToKeep(2)
        _ = try await run(until: 4)
        #expect(try await words() == ["a", "b", "c"])
        #expect(Set(topic.kept.map(\.content)) == ["{"], "kept at least once")
    }

    /// Found by a simulated world whose consumers stood still for ever behind a restart of the broker.
    @Test func `a session that never keeps anything again is given up for a new one`() async throws {
        topic.write([.words(["a"]), .text("{"), .words(["b"], at: 2)])
        topic.breakSessions(2)
        _ = try await run(until: 3)
        #expect(topic.opened.count == 3)
        #expect(try await words() == ["a", "b"])
        #expect(topic.kept == [FakeTopic.Kept(content: "{", code: .notJSON)])
    }

    @Test func `who was superseded moves nothing`() async throws {
        topic.write([.words(["a"])])
        ledger.fence(99)
        let consumer = consumer()
        let work = Task { try await consumer.run() }
        while topic.opened.count < 2 { await Task.yield() }
        #expect(ledger.bookmarks.isEmpty && consumer.statistics.messages == 0)
        work.cancel()
        _ = await work.result
    }

    @Test func `two consumers take each message in once`() async throws {
        topic.write((0..<30).map { .words(["w\($0)"], at: Int64($0)) })
        async let other = run(until: 30)
        _ = try await (run(until: 30), other)
        #expect(try await words() == (0..<30).map { "w\($0)" })
    }
}
