import EventModel
import EventSourcing
import FoundationEssentials
import Testing

@testable import Ingest

@Suite("Consuming the inbound topic") struct InboundConsumerTests {
    @Test func `messages become events, poison is kept sealed, and the bookmark stands behind them`() async throws {
        let world = try InboundWorld()
        world.topic.write([.words(["a"]), .text("{"), .words(["b", "no"]), .words(["a"]), .text(nil)])
        let consumer = world.consumer()
        try await world.run([consumer], until: 5)
        #expect(try await world.words() == ["a", "b"])
        #expect(world.ledger.kept.map(\.message.code) == ["not_json", "refused", "empty"])
        #expect(world.topic.told.map(\.id) == world.ledger.kept.map(\.message.id))
        #expect(try await world.content(world.ledger.kept[0]) == "{")
        #expect(!String(decoding: world.ledger.kept[1].message.sealed, as: UTF8.self).contains("notebook"))
        let statistics = consumer.statistics
        #expect(statistics.messages == 5 && statistics.events == 2 && statistics.withoutNews == 1)
        #expect(statistics.rejected == [.notJSON: 1, .refused: 1, .empty: 1])
        #expect(world.ledger.counts == [0: InboundCounts(messages: 5, events: 2, rejected: 3)])
        #expect(world.sharing.holders.isEmpty && world.sharing.members.isEmpty, "everything is given back")
    }

    @Test func `after a death between append and bookmark nothing is appended or kept twice`() async throws {
        let world = try InboundWorld()
        world.topic.write((0..<10).map { .words(["w\($0)"], id: $0 % 2 == 0 ? "\($0)" : nil) } + [.text("{")])
        for _ in 0..<3 {
            world.ledger.expect([.killed])
            let consumer = world.consumer()
            await #expect(throws: StoreError.failed(reason: "killed")) { try await consumer.run() }
        }
        try await world.run([world.consumer()], until: 11)
        #expect(try await world.words() == (0..<10).map { "w\($0)" })
        #expect(world.ledger.kept.map(\.message.place.offset) == [10])
    }

    @Test func `a lost answer and a broker that is away are waited out`() async throws {
        let world = try InboundWorld()
        world.topic.write([.words(["a"], id: "1"), .text("{"), .words(["b"]), .words(["c"])])
        world.ledger.expect([.unavailable, .lostAnswer])
        world.topic.refuseToTell(2)
        try await world.run([world.consumer()], until: 4)
        #expect(try await world.words() == ["a", "b", "c"])
        #expect(Set(world.topic.told.map(\.code)) == ["not_json"], "told at least once")
        #expect(world.ledger.kept.count == 1, "and kept once")
    }

    /// Found by a simulated world whose consumers stood still for ever behind a restart of the broker.
    @Test(arguments: [2, 7])
    func `a session that never tells of anything again is given up for a new one`(_ broken: Int) async throws {
        let world = try InboundWorld()
        world.topic.write([.words(["a"]), .text("{"), .words(["b"])])
        world.topic.breakSessions(broken)
        try await world.run([world.consumer()], until: 3)
        #expect(world.topic.opened.count == broken + 1)
        #expect(try await world.words() == ["a", "b"])
        #expect(world.topic.told.map(\.code) == ["not_json"] && world.ledger.kept.count == 1)
    }

    @Test func `of two messages of one name that are taken in at once, the second is refused and kept`() async throws {
        let world = try InboundWorld()
        world.topic.write([.words(["a"]), .words(["b"], id: "m"), .words(["c"], id: "n")])
        let other = InboundEntry(key: InboundKey(source: "test", id: "m"), fingerprint: InboundFingerprint(of: [1]))
        world.ledger.expect([.rival([other])])
        try await world.run([world.consumer()], until: 3)
        #expect(world.ledger.kept.map(\.message.code) == ["key_reused"])
        #expect(world.ledger.kept.map(\.message.place.offset) == [1])
        #expect(world.topic.told.count == 1, "and it is told of")
        let counts = try #require(world.ledger.counts[0])
        #expect(counts.messages == 3 && counts.rejected == 1)
        #expect(counts.events == 3, "what became events before the contradiction was seen is in the log")
        #expect(try await world.words() == ["a", "b", "c"])
    }

    @Test func `who was superseded moves nothing`() async throws {
        let world = try InboundWorld()
        world.topic.write([.words(["a"])])
        world.ledger.fence(0, 99)
        let consumer = world.consumer()
        try await world.run([consumer]) { world.topic.opened.count >= 3 }
        #expect(world.ledger.bookmarks.isEmpty && consumer.statistics.messages == 0)
    }

    @Test(.timeLimit(.minutes(15)), arguments: [1, 2, 3])
    func `several consumers share the partitions and take each message in once`(_ count: Int) async throws {
        let world = try InboundWorld(partitions: 6)
        for partition in 0..<6 {
            world.topic.write((0..<20).map { .words(["w\($0)"], notebook: "n\(partition)") }, to: partition)
        }
        let consumers = (0..<count).map { world.consumer("c\($0)") }
        try await world.run(consumers) {
            let isShared = Set(world.sharing.holders.values).count == count && world.sharing.holders.count == 6
            return isShared && world.ledger.bookmarks.values.reduce(0) { $0 + $1.next } == 120
        }
        for partition in 0..<6 {
            #expect(try await world.words("n\(partition)") == (0..<20).map { "w\($0)" })
            #expect(world.ledger.counts[Int32(partition)]?.messages == 20, "counted once")
        }
    }

    @Test(.timeLimit(.minutes(15))) func `the partitions of who is gone go to who stays`() async throws {
        let world = try InboundWorld(partitions: 4)
        let gone = world.consumer("gone")
        let task = Task { try await gone.run() }
        while world.sharing.holders.count < 4 { await Task.yield() }
        task.cancel()
        _ = await task.result
        world.sharing.expire("gone")
        for partition in 0..<4 { world.topic.write([.words(["w"], notebook: "n\(partition)")], to: partition) }
        try await world.run([world.consumer("stays")], until: 4)
        #expect(world.ledger.workers.values.allSatisfy { $0 == ["stays"] })
    }

    @Test(.timeLimit(.minutes(15))) func `who cannot read leaves its partitions to others`() async throws {
        let world = try InboundWorld(partitions: 2)
        world.topic.isAway(true)
        try await world.run([world.consumer()]) { world.topic.opened.count > 6 }
        #expect(world.sharing.holders.isEmpty && world.sharing.members.isEmpty)
    }

    @Test(.timeLimit(.minutes(15))) func `when the store is away the consumer begins again once it is back`()
        async throws
    {
        let world = try InboundWorld()
        world.sharing.isAway(true)
        world.topic.write([.words(["a"])])
        let consumer = world.consumer()
        let task = Task { try await world.run([consumer], until: 1) }
        for _ in 0..<100 { await Task.yield() }
        world.sharing.isAway(false)
        try await task.value
        #expect(try await world.words() == ["a"])
    }
}
