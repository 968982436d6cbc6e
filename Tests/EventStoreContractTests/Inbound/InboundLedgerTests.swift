import EventModel
import EventSourcing
import Foundation
import PostgresDriver
import PostgresEventStore
import Testing

// Needs a server: set LOCKSTEP_DATABASE_URL to one on which the role may create databases.
@Suite("What is remembered of inbound messages", .enabled(if: StoreKind.available.contains(.postgres)))
struct InboundLedgerTests {
    private static let topic = InboundTopicName(cluster: "c1", topic: "lockstep.inbound")

    private func with(_ body: @escaping @Sendable (PostgresEventStore) async throws -> Void) async throws {
        try await StoreKind.withDatabase { _, configuration in
            let store = PostgresEventStore(configuration)
            do { try await body(store) } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }

    private func lease(_ store: PostgresEventStore, _ holder: String = "a") async throws -> Lease {
        let answer = try await store.acquire("ingest:t", holder: holder, for: .seconds(60))
        guard case .granted(let lease) = answer else { throw StoreError.failed(reason: "\(answer)") }
        return lease
    }

    private func bookmark(_ next: Int64, _ generation: UUID, last: UInt8? = 1) -> InboundBookmark {
        InboundBookmark(generation: generation, next: next, last: last.map { InboundFingerprint(of: [$0]) })
    }

    private func entry(_ id: String, _ content: String) -> InboundEntry {
        InboundEntry(key: InboundKey(source: "s", id: id), fingerprint: InboundFingerprint(of: Array(content.utf8)))
    }

    @Test func `a message is remembered with its first content, in its workspace`() async throws {
        try await with { store in
            let other = try Workspace("other")
            try await store.remember([entry("1", "a"), entry("2", "b")], in: .default)
            try await store.remember([entry("2", "c"), entry("2", "d"), entry("3", "e")], in: .default)
            try await store.remember([], in: .default)
            let keys = ["1", "2", "3", "4"].map { InboundKey(source: "s", id: $0) }
            let known = try await store.fingerprints(of: keys + keys, in: .default)
            #expect(known.count == 3 && known[keys[1]] == entry("2", "b").fingerprint)
            #expect(try await store.fingerprints(of: keys, in: other).isEmpty)
            #expect(try await store.fingerprints(of: [], in: .default).isEmpty)
        }
    }

    @Test func `bookmarks and messages move together, from where they were, under the newest lease`() async throws {
        try await with { store in
            let lease = try await lease(store)
            let (generation, second) = (UUID(), UUID())
            let first = [
                InboundMove(partition: 0, from: nil, to: bookmark(5, generation)),
                InboundMove(partition: 3, from: nil, to: bookmark(7, generation, last: nil)),
            ]
            func advance(_ moves: [InboundMove], _ entries: [InboundEntry] = [], under lease: Lease) async throws
                -> InboundAdvance
            {
                try await store.advance(
                    moves, of: Self.topic, remembering: entries, in: .default, under: lease)
            }
            #expect(try await advance(first, [entry("1", "a")], under: lease) == .advanced)
            #expect(try await advance(first, [entry("2", "a")], under: lease) != .advanced, "it is there already")
            let kept = try await store.bookmarks(of: Self.topic)
            #expect(kept == [0: bookmark(5, generation), 3: bookmark(7, generation, last: nil)])
            let ahead = InboundMove(partition: 0, from: bookmark(6, generation), to: bookmark(9, generation))
            #expect(try await advance([ahead], under: lease) == .moved(partition: 0))
            let wrongTopic = InboundMove(partition: 0, from: bookmark(5, second), to: bookmark(9, second))
            #expect(try await advance([wrongTopic], under: lease) == .moved(partition: 0))
            let anew = InboundMove(partition: 0, from: bookmark(5, generation), to: bookmark(1, second))
            #expect(try await advance([anew], under: lease) == .advanced, "a new topic begins at its beginning")
            #expect(try await advance([], [entry("3", "a")], under: lease) == .advanced)
            let keys = ["1", "2", "3"].map { InboundKey(source: "s", id: $0) }
            #expect(Set(try await store.fingerprints(of: keys, in: .default).keys) == [keys[0], keys[2]])
            try await store.release(lease)
            let newer = try await self.lease(store, "b")
            let next = InboundMove(partition: 0, from: bookmark(1, second), to: bookmark(2, second))
            #expect(try await advance([next], under: lease) == .fenced(current: newer.token))
            #expect(try await advance([next], under: newer) == .advanced)
            #expect(try await store.bookmarks(of: InboundTopicName(cluster: "c2", topic: "lockstep.inbound")).isEmpty)
        }
    }
}
