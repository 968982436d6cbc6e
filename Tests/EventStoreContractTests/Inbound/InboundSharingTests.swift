import EventModel
import EventSourcing
import Foundation
import PostgresDriver
import PostgresEventStore
import Testing

// Needs a server: set LOCKSTEP_DATABASE_URL to one on which the role may create databases.
@Suite("Sharing a topic", .enabled(if: StoreKind.available.contains(.postgres)))
struct InboundSharingTests {
    private static let topic = InboundTopicName(cluster: "c1", topic: "lockstep.inbound")
    private static let partitions: [Int32] = [0, 1, 2]

    private func survey(
        _ store: PostgresEventStore, _ holder: String, _ held: [Int32: Lease] = [:],
        for duration: Duration = .seconds(60)
    ) async throws -> ShareSurvey {
        try await store.takePart(
            in: Self.topic.share, as: holder, parts: Self.partitions, holding: held, for: duration)
    }

    private func lease(
        _ store: PostgresEventStore, _ partition: Int32, _ holder: String, for duration: Duration = .seconds(60)
    )
        async throws -> Lease
    {
        let answer = try await store.acquire(Self.topic.lease(of: partition), holder: holder, for: duration)
        guard case .granted(let lease) = answer else { throw StoreError.failed(reason: "\(answer)") }
        return lease
    }

    @Test func `members see one another and who reads what, until they leave`() async throws {
        try await StoreKind.withIdleStore { store, _ in
            #expect(try await survey(store, "a") == ShareSurvey(members: ["a"], leases: [:]))
            let lease = try await lease(store, 1, "a")
            #expect(try await survey(store, "b") == ShareSurvey(members: ["a", "b"], leases: [1: lease]))
            try await store.release(lease)
            try await store.leave(Self.topic.share, as: "a")
            #expect(try await survey(store, "b") == ShareSurvey(members: ["b"], leases: [:]))
            let other = InboundTopicName(cluster: "c2", topic: "lockstep.inbound")
            let elsewhere = try await store.takePart(
                in: other.share, as: "x", parts: [1], holding: [:], for: .seconds(60))
            #expect(elsewhere.members == ["x"])
        }
    }

    @Test func `taking part renews what is held, and nothing that somebody else holds by now`() async throws {
        try await StoreKind.withIdleStore { store, _ in
            let short = Duration.milliseconds(1)
            let kept = try await lease(store, 0, "a")
            // On a busy machine it may be over before the answer is made, which grants nothing then.
            var first: Lease?
            while first == nil { first = try? await lease(store, 1, "a", for: short) }
            let lost = try #require(first)
            var taken: Lease?
            while taken == nil { taken = try? await lease(store, 1, "b") }
            let survey = try await survey(store, "a", [0: kept, 1: lost])
            #expect(survey.leases == [0: kept, 1: try #require(taken)])
            #expect(try await store.renew(lost, for: short) == false)
        }
    }

    @Test func `who is silent for too long is gone`() async throws {
        try await StoreKind.withIdleStore { store, _ in
            _ = try await survey(store, "a", for: .milliseconds(1))
            while try await survey(store, "b").members != ["b"] { await Task.yield() }
        }
    }

    @Test func `lag is told by whoever looks from outside`() async throws {
        try await StoreKind.withIdleStore { store, configuration in
            try await store.observe(
                [0: InboundEnds(first: 0, next: 10), 1: InboundEnds(first: 0, next: 0)], of: Self.topic)
            func rows() async throws -> [String] {
                try await PostgresConnection.with(configuration) { connection in
                    let rows = try await connection.query(
                        """
                        select concat_ws(' ', kind, lane, state, position, head, lag_events, lag_seconds > 0, events_handled, parked_keys)
                        from lockstep.consumer_progress where consumer = 'lockstep.inbound' order by lane
                        """)
                    return try (0..<rows.rowCount).map { try rows.text($0, 0) }
                }
            }
            #expect(try await rows() == ["ingest 0 catching-up 0 10 10 t 0 0"], "one without messages says nothing")
            let lease = try await lease(store, 0, "a")
            let from = InboundBookmark(generation: UUID(), next: 4, last: nil)
            func move(_ from: InboundBookmark?, _ to: InboundBookmark, _ messages: Int64) -> InboundStep {
                InboundStep([
                    InboundMove(
                        partition: 0, from: from, to: to, counts: InboundCounts(messages: messages), under: lease)
                ])
            }
            #expect(try await store.advance(move(nil, from, 4), of: Self.topic) == .advanced)
            try await store.observe([0: InboundEnds(first: 0, next: 12)], of: Self.topic)
            #expect(try await rows() == ["ingest 0 catching-up 4 12 8 t 4 0"])
            let end = InboundBookmark(generation: from.generation, next: 12, last: nil)
            #expect(try await store.advance(move(from, end, 8), of: Self.topic) == .advanced)
            #expect(try await rows() == ["ingest 0 live 12 12 0 f 12 0"])
            try await PostgresConnection.with(configuration) { connection in
                _ = try await connection.query(
                    "update lockstep.inbound_ends set observed_at = observed_at - interval '2 minutes'")
            }
            #expect(try await rows() == ["ingest 0 unwatched 12 12 0 f 12 0"])
        }
    }
}
