import EventModel
import EventSourcing
import Foundation
import PostgresDriver
import PostgresEventStore
import Testing

// Needs a server: set LOCKSTEP_DATABASE_URL to one on which the role may create databases.
@Suite("How far conversations were taken in", .enabled(if: StoreKind.available.contains(.postgres)))
struct ConversationCheckpointTests {
    private static let server = "parlant:one"

    private func lease(_ store: PostgresEventStore, _ holder: String = "a") async throws -> Lease {
        let answer = try await store.acquire("follower:one", holder: holder, for: .seconds(60))
        guard case .granted(let lease) = answer else { throw StoreError.failed(reason: "\(answer)") }
        return lease
    }

    private func bookmark(_ next: Int64, _ generation: UUID, last: UInt8? = 1) -> InboundBookmark {
        InboundBookmark(generation: generation, next: next, last: last.map { InboundFingerprint(of: [$0]) })
    }

    @Test func `bookmarks move together, from where they were, under the newest lease`() async throws {
        try await StoreKind.withIdleStore { store, _ in
            let lease = try await lease(store)
            let (generation, second) = (UUID(), UUID())
            func advance(_ moves: [ConversationMove], _ lease: Lease) async throws -> ConversationAdvance {
                try await store.advance(moves, of: Self.server, under: lease)
            }
            let first = [
                ConversationMove("s", from: nil, to: bookmark(5, generation)),
                ConversationMove("", from: nil, to: bookmark(0, generation, last: nil)),
            ]
            #expect(try await advance(first, lease) == .advanced)
            #expect(try await advance([first[0]], lease) == .moved(conversation: "s"), "it is there already")
            let kept = try await store.bookmarks(ofServer: Self.server)
            #expect(kept == ["s": bookmark(5, generation), "": bookmark(0, generation, last: nil)])
            let pair = [
                ConversationMove("", from: bookmark(0, generation), to: bookmark(0, generation, last: 9)),
                ConversationMove("s", from: bookmark(6, generation), to: bookmark(9, generation)),
            ]
            #expect(try await advance(pair, lease) == .moved(conversation: "s"))
            #expect(try await store.bookmarks(ofServer: Self.server) == kept, "one that is elsewhere keeps all back")
            let rewound = ConversationMove("s", from: bookmark(5, generation), to: bookmark(1, second))
            #expect(try await advance([rewound], lease) == .advanced, "another history begins at its beginning")
            #expect(try await advance([], lease) == .advanced)
            try await store.release(lease)
            let newer = try await self.lease(store, "b")
            let next = [ConversationMove("s", from: bookmark(1, second), to: bookmark(2, second))]
            #expect(try await advance(next, lease) == .fenced(current: newer.token))
            #expect(try await advance(next, newer) == .advanced)
            #expect(try await store.bookmarks(ofServer: "parlant:two").isEmpty)
        }
    }

    @Test func `they are no consumers of a topic`() async throws {
        try await StoreKind.withIdleStore { store, configuration in
            let move = ConversationMove("s", from: nil, to: bookmark(5, UUID()))
            #expect(try await store.advance([move], of: Self.server, under: lease(store)) == .advanced)
            let topic = InboundTopicName(cluster: Self.server, topic: "s")
            #expect(try await store.bookmarks(of: topic).isEmpty)
            let connection = try await PostgresConnection.connect(configuration)
            let rows = try await connection.query("select count(*) from lockstep.consumer_progress")
            #expect(try rows.int64(0, 0) == 0)
            await connection.close()
        }
    }
}
