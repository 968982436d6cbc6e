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

    private func lease(_ store: PostgresEventStore, _ partition: Int32, _ holder: String = "a") async throws -> Lease {
        let answer = try await store.acquire(Self.topic.lease(of: partition), holder: holder, for: .seconds(60))
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
        try await StoreKind.withIdleStore { store, _ in
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

    private func move(
        _ partition: Int32, _ from: InboundBookmark?, _ to: InboundBookmark, _ lease: Lease
    ) -> InboundMove {
        let counts = InboundCounts(messages: 3, events: 2, rejected: 1)
        return InboundMove(partition: partition, from: from, to: to, counts: counts, under: lease)
    }

    @Test func `bookmarks and messages move together, from where they were, under the newest leases`() async throws {
        try await StoreKind.withIdleStore { store, _ in
            let (lease, third) = (try await lease(store, 0), try await self.lease(store, 3))
            let (generation, second) = (UUID(), UUID())
            func advance(_ moves: [InboundMove], _ entries: [InboundEntry] = []) async throws -> InboundAdvance {
                try await store.advance(InboundStep(moves, remembering: [.default: entries]), of: Self.topic)
            }
            let first = [
                move(0, nil, bookmark(5, generation), lease), move(3, nil, bookmark(7, generation, last: nil), third),
            ]
            #expect(try await advance(first, [entry("1", "a")]) == .advanced)
            #expect(try await advance(first, [entry("2", "a")]) != .advanced, "it is there already")
            let kept = try await store.bookmarks(of: Self.topic)
            #expect(kept == [0: bookmark(5, generation), 3: bookmark(7, generation, last: nil)])
            let ahead = move(0, bookmark(6, generation), bookmark(9, generation), lease)
            #expect(try await advance([ahead]) == .moved(partition: 0))
            let wrongTopic = move(0, bookmark(5, second), bookmark(9, second), lease)
            #expect(try await advance([wrongTopic]) == .moved(partition: 0))
            let anew = move(0, bookmark(5, generation), bookmark(1, second), lease)
            #expect(try await advance([anew]) == .advanced, "a new topic begins at its beginning")
            #expect(try await advance([], [entry("3", "a")]) == .advanced)
            let keys = ["1", "2", "3"].map { InboundKey(source: "s", id: $0) }
            #expect(Set(try await store.fingerprints(of: keys, in: .default).keys) == [keys[0], keys[2]])
            try await store.release(lease)
            let newer = try await self.lease(store, 0, "b")
            let pair = [
                move(0, bookmark(1, second), bookmark(2, second), lease),
                move(3, bookmark(7, generation), bookmark(8, generation), third),
            ]
            #expect(try await advance(pair, [entry("4", "a")]) == .fenced(partition: 0))
            #expect(try await store.bookmarks(of: Self.topic)[3]?.next == 7, "one that is fenced keeps all back")
            #expect(try await advance([move(0, bookmark(1, second), bookmark(2, second), newer)]) == .advanced)
            #expect(try await store.bookmarks(of: InboundTopicName(cluster: "c2", topic: "lockstep.inbound")).isEmpty)
        }
    }

    @Test func `messages of several workspaces are remembered in one step`() async throws {
        try await StoreKind.withIdleStore { store, _ in
            let other = try Workspace("other")
            let step = InboundStep([], remembering: [.default: [entry("1", "a")], other: [entry("1", "b")]])
            #expect(try await store.advance(step, of: Self.topic) == .advanced)
            let key = InboundKey(source: "s", id: "1")
            #expect(try await store.fingerprints(of: [key], in: other)[key] == entry("1", "b").fingerprint)
            #expect(try await store.fingerprints(of: [key], in: .default)[key] == entry("1", "a").fingerprint)
        }
    }

    @Test func `a step that remembers a name which is known with other content moves nothing and keeps nothing`()
        async throws
    {
        try await StoreKind.withIdleStore { store, _ in
            let lease = try await lease(store, 0)
            try await store.remember([entry("1", "a")], in: .default)
            let to = bookmark(3, UUID())
            func advance(_ entries: [InboundEntry], keeping rejections: [RejectedMessage]) async throws
                -> InboundAdvance
            {
                let step = InboundStep(
                    [move(0, nil, to, lease)], remembering: [.default: entries], keeping: rejections)
                return try await store.advance(step, of: Self.topic)
            }
            #expect(
                try await advance([entry("1", "b"), entry("2", "c")], keeping: [try rejected(0)]) == .contradicted)
            #expect(try await store.bookmarks(of: Self.topic).isEmpty)
            #expect(try await store.rejections(RejectionQuery(.all)).isEmpty)
            #expect(try await advance([entry("1", "a"), entry("2", "c")], keeping: [try rejected(0)]) == .advanced)
            #expect(try await store.rejections(RejectionQuery(.all)).count == 1)
        }
    }

    @Test func `of two steps that remember one name at once with other contents, one is contradicted`() async throws {
        try await StoreKind.withIdleStore { store, _ in
            let other = try Workspace("other")
            let answers = try await withThrowingTaskGroup(of: InboundAdvance.self) { group in
                for content in ["a", "b"] {
                    group.addTask {
                        let step = InboundStep([], remembering: [other: (0..<200).map { self.entry("\($0)", content) }])
                        return try await store.advance(step, of: Self.topic)
                    }
                }
                return try await group.reduce(into: Set<InboundAdvance>()) { $0.insert($1) }
            }
            #expect(answers == [.advanced, .contradicted])
        }
    }

    private func rejected(_ offset: Int64, _ code: InboundRejection.Code = .malformed) throws -> RejectedMessage {
        let place = InboundPlace(topic: Self.topic, generation: UUID(), partition: 0, offset: offset)
        return RejectedMessage(
            InboundRejection(code, "reason \(offset)").on("session"), workspace: .default, place: place, bytes: 3,
            sealed: [1, 2])
    }

    @Test func `what is refused is kept once, with the bookmark, and marked when it is accepted`() async throws {
        try await StoreKind.withIdleStore { store, _ in
            let lease = try await lease(store, 0)
            let messages = [try rejected(0), try rejected(1, .notJSON), try rejected(2)]
            let to = bookmark(3, UUID())
            let stale = InboundStep([move(0, to, to, lease)], keeping: messages)
            #expect(try await store.advance(stale, of: Self.topic) != .advanced)
            #expect(try await store.rejections(RejectionQuery(.all)).isEmpty, "not without the bookmark")
            #expect(
                try await store.advance(InboundStep([move(0, nil, to, lease)], keeping: messages), of: Self.topic)
                    == .advanced)
            #expect(try await store.advance(InboundStep([], keeping: messages), of: Self.topic) == .advanced)
            let all = try await store.rejections(RejectionQuery(.all))
            #expect(
                Set(all.map(\.message)) == Set(messages) && all.allSatisfy { $0.attempts == 1 && $0.acceptedAt == nil })
            let page = try await store.rejections(RejectionQuery(limit: 2))
            let last = try #require(page.last)
            let rest = try await store.rejections(RejectionQuery(after: (last.rejectedAt, last.message.id)))
            #expect(page + rest == all)
            #expect(try await store.rejections(RejectionQuery(code: "not_json")).map(\.message) == [messages[1]])
            #expect(try await store.rejections(RejectionQuery(workspace: try Workspace("other"))).isEmpty)
            let id = messages[0].id
            #expect(try await store.record(.refused(InboundRejection(.refused, "again")), of: id))
            #expect(try await store.rejection(id)?.message.reason == "again")
            #expect(try await store.record(.accepted(events: 4), of: id))
            #expect(try await store.record(.accepted(events: 9), of: id) == false, "once")
            let accepted = try #require(try await store.rejection(id))
            #expect(accepted.events == 4 && accepted.attempts == 3 && accepted.acceptedAt != nil)
            #expect(try await store.rejections(RejectionQuery(.accepted)).map(\.message.id) == [id])
            #expect(try await store.record(.accepted(events: 1), of: UUID()) == false)
            #expect(try await store.rejection(UUID()) == nil)
        }
    }
}
