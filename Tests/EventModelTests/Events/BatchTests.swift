import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `Batches, digests and lanes` {
    /// Events with every combination of present and absent fields.
    private func events(_ count: Int) async throws -> EventBatch {
        let store = InMemoryEventStore()
        for number in 0..<count {
            let draft = EventDraft.draft(
                number % 2 == 0 ? "account.opened" : "account.closed", data: #"{"n":\#(number)}"#,
                metadata: number % 3 == 0 ? "{}" : #"{"trace":"\#(number)"}"#,
                correlation: number % 2 == 0 ? SequentialIDs.id(1) : nil,
                causation: number % 3 == 0 ? SequentialIDs.id(2) : nil,
                actor: number % 5 == 0 ? "ada" : nil)
            _ = try await store.append(
                AppendRequest([draft], to: try StreamName("account-\(number % 4)"), expecting: .any))
        }
        return try await store.read(EventQuery()).events
    }

    @Test func `a slice of a batch shares its events`() async throws {
        let batch = try await events(20)
        let slice = batch[5..<9]
        #expect(slice.count == 4)
        #expect(slice.map(\.position.rawValue) == [6, 7, 8, 9])
        #expect(slice.first?.dataText == #"{"n":5}"#)
        #expect(EventBatch.empty.isEmpty)
    }

    @Test func `a batch that was built from another one holds the same events`() async throws {
        let batch = try await events(20)
        var builder = EventBatchBuilder()
        for event in batch { builder.append(event) }
        #expect(builder.count == 20 && builder.lastPosition == GlobalPosition(20))
        let copy = builder.finish()
        var (first, second) = (EventDigest.empty, EventDigest.empty)
        for (left, right) in zip(batch, copy) {
            first = EventDigest.chain(first, left)
            second = EventDigest.chain(second, right)
            #expect(left.actor == right.actor && left.metadata == right.metadata && left.kind == right.kind)
        }
        #expect(first == second && first != EventDigest.empty)
    }

    @Test func `the completeness digest does not depend on the order, but on every event`() async throws {
        let batch = try await events(50)
        var generator = SeededGenerator(seed: 5)
        var straight = CompletenessDigest()
        for event in batch { straight.add(event) }
        for _ in 0..<20 {
            var shuffled = CompletenessDigest()
            for index in batch.indices.shuffled(using: &generator) { shuffled.add(batch[index]) }
            #expect(shuffled == straight)
            #expect(CompletenessDigest(bytes: shuffled.bytes) == straight)
        }
        for missing in batch.indices {
            var other = CompletenessDigest()
            for index in batch.indices where index != missing { other.add(batch[index]) }
            #expect(other != straight)
        }
        var twice = straight
        twice.add(batch[0])
        #expect(twice != straight)
        #expect(CompletenessDigest(bytes: [1, 2, 3]) == nil)
    }

    /// Hashes as Apache Kafka's own tests publish them.
    static let murmur2: [(String, Int32)] = [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ]

    @Test(arguments: murmur2, [1, 3, 12, 97])
    func `a lane is the partition that Kafka's default partitioner chooses`(
        _ vector: (key: String, hash: Int32), _ count: Int
    ) {
        let lane = Array(vector.key.utf8).withUnsafeBytes { Lane(of: $0, count: count) }
        #expect(Int(lane.rawValue) == Int(UInt32(bitPattern: vector.hash) & 0x7fff_ffff) % count)
    }

    @Test func `streams of one key share a lane whatever their category`() async throws {
        let store = InMemoryEventStore()
        for category in ["workflow_execution", "journey_session", "reconciliation"] {
            _ = try await store.append(
                AppendRequest([.draft()], to: try StreamName("\(category)-exec-1"), expecting: .any))
        }
        let lanes = try await store.read(EventQuery()).events.map { Lane(of: $0, count: 12) }
        #expect(Set(lanes).count == 1)
    }
}
