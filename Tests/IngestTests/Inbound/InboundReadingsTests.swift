import EventModel
import EventSourcing
import FoundationEssentials
import Testing

@testable import Ingest

@Suite("Readings side by side") struct InboundReadingsTests {
    private typealias Readings = InboundReadings<FakeTopic, InMemoryInboundLedger>

    private func leases(_ partitions: Range<Int32>) -> [Int32: Lease] {
        Dictionary(
            uniqueKeysWithValues: partitions.map { ($0, Lease(name: "p\($0)", holder: "a", token: 1)) })
    }

    @Test(arguments: [(1, 2, [1]), (2, 2, [1, 1]), (5, 2, [3, 2]), (3, 8, [1, 1, 1]), (4, 0, [4])])
    func `each reading has as many partitions as any other, or one more`(
        _ partitions: Int32, _ limit: Int, _ counts: [Int]
    ) {
        let parts = Readings.parts(of: leases(0..<partitions), atMost: limit)
        #expect(parts.map(\.count) == counts)
        #expect(parts.flatMap(\.keys).sorted() == Array(0..<partitions))
    }

    @Test func `a process reads its partitions in two sessions, and takes each message in once and in order`()
        async throws
    {
        let world = try InboundWorld(partitions: 5)
        for partition in 0..<5 {
            world.topic.write((0..<20).map { .words(["w\($0)"], notebook: "n\(partition)") }, to: partition)
        }
        try await world.run([world.consumer()], until: 100)
        #expect(world.topic.opened.suffix(2).map(Set.init).contains([0, 2, 4]))
        #expect(world.topic.opened.suffix(2).map(Set.init).contains([1, 3]))
        for partition in 0..<5 {
            #expect(try await world.words("n\(partition)") == (0..<20).map { "w\($0)" })
            #expect(world.ledger.counts[Int32(partition)]?.messages == 20, "counted once")
        }
    }

    @Test func `messages about one thing in two partitions are all taken in, although both are read at once`()
        async throws
    {
        let world = try InboundWorld(partitions: 2)
        for partition in 0..<2 { world.topic.write((0..<40).map { .words(["p\(partition)w\($0)"]) }, to: partition) }
        try await world.run([world.consumer()], until: 80)
        let words = try await world.words()
        #expect(words.count == 80)
        for partition in 0..<2 {
            #expect(words.filter { $0.hasPrefix("p\(partition)") } == (0..<40).map { "p\(partition)w\($0)" })
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `when one reading has lost its partition, the other ends as well and what is left is read anew`() async throws
    {
        let world = try InboundWorld(partitions: 2)
        world.ledger.fence(0, 99)
        for partition in 0..<2 { world.topic.write([.words(["w"], notebook: "n\(partition)")], to: partition) }
        try await world.run([world.consumer()]) {
            world.ledger.bookmarks[1]?.next == 1 && world.topic.opened.count >= 4
        }
        #expect(world.ledger.bookmarks[0] == nil)
        #expect(try await world.words("n1") == ["w"])
    }

    @Test func `what waiting does not help is told before what it does, and a loss before what is only reassigned`()
        throws
    {
        struct Odd: Error {}
        let away = Result<InboundEnd, any Error>.failure(InboundTopicError.unavailable(reason: "a test"))
        #expect(throws: Odd.self) { try Readings.end(of: [away, .failure(Odd()), .success(.finished)]) }
        #expect(throws: InboundTopicError.self) { try Readings.end(of: [.success(.finished), away]) }
        #expect(try Readings.end(of: [.success(.reassigned), .success(.lost(3))]) == .lost(3))
        #expect(try Readings.end(of: [.success(.finished), .success(.reassigned)]) == .finished)
    }
}
