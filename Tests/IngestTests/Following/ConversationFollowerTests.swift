import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import JourneyDomain
import Logging
import ServiceLifecycle
import Testing

@testable import Ingest

@Suite("Following conversations") struct ConversationFollowerTests {
    private let log = InMemoryEventStore()
    private let ledger = InMemoryInboundLedger()
    private let server = FakeConversations()
    private static let name = "parlant:test"

    private func follower(
        _ limits: FollowingLimits = FollowingLimits(
            surveyPause: .milliseconds(1), pauseFactor: 0, reportedEvents: 3,
            backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(2)))
    ) -> ConversationFollower<FakeConversations, InMemoryInboundLedger, InMemoryEventStore> {
        ConversationFollower(
            of: server, name: Self.name, for: InboundDesk(of: SessionSide(), into: log, remembering: ledger),
            ledger: ledger, leases: log, holder: "test-\(UUID())", limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func progress() async throws -> FollowingProgress {
        FollowingProgress(server.presentSurvey, try await ledger.bookmarks(ofServer: Self.name))
    }

    /// Runs a follower until `isDone`, then shuts it down.
    private func follow(until isDone: () async throws -> Bool) async throws {
        let group = ServiceGroup(
            services: [follower()], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while try await !isDone() { await Task.yield() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Until everything there is taken in.
    private func follow() async throws { try await follow { try await progress().waiting == 0 } }

    private func types(_ stream: String) async throws -> [String] {
        try await log.read(StreamQuery(StreamName(stream))).events.map {
            String($0.type.rawValue.split(separator: ".")[1])
        }
    }

    private func count(_ type: String, _ stream: String = "parlant_session-s") async throws -> Int {
        try await types(stream).count { $0 == type }
    }

    @Test func `what is said becomes events, once, and is copied for the execution`() async throws {
        server.change("s") { $0.metadata = ["lockstep_execution_id": "run-1"] }
        server.say("s", 7)
        try await follow()
        let first = try await types("parlant_session-s")
        #expect(first.count { $0 == "message_posted" } == 7)
        #expect(try await types("journey_session-run-1").contains("bound"))
        try await follow()
        #expect(try await types("parlant_session-s") == first, "the same again is no news")
        server.say("s")
        try await follow()
        #expect(try await count("message_posted") == 8)
        #expect(server.calls.last == "s@6", "only the end is asked for again")
    }

    @Test func `a follower that dies between append and bookmark repeats nothing and loses nothing`() async throws {
        for id in ["s", "t"] { server.say(id, 8) }
        for round in 0..<6 {
            ledger.expect([.killed])
            let follower = follower()
            await #expect(throws: StoreError.failed(reason: "killed")) { try await follower.run() }
            if round == 3 { server.say("s", 2) }
            server.say("t")
        }
        try await follow()
        #expect(try await count("message_posted") == 10)
        #expect(try await count("message_posted", "parlant_session-t") == 14)
        #expect(try await count("rewound") == 0)
    }

    @Test func `a lost answer of the log and a server that is away are waited out`() async throws {
        server.say("s", 5)
        ledger.expect([.unavailable, .lostAnswer, .lostAnswer])
        server.beSilent(5)
        try await follow()
        server.beSilent(3)
        server.say("s", 4)
        server.say("t", 4)
        try await follow()
        #expect(try await count("message_posted") == 9)
        #expect(try await count("message_posted", "parlant_session-t") == 4)
    }

    @Test func `ready before error is a failure, and was never a completion`() async throws {
        server.say("s")
        server.beginTurn("s", "t1")
        server.beReady("s", "t1", in: nil)
        try await follow()
        #expect(try await count("turn_completed") == 0, "the turn is under way: it may still fail")
        server.fail("s", "t1")
        server.endTurn("s", "t1", at: nil)
        try await follow()
        #expect(try await count("turn_failed") == 1)
        #expect(try await count("turn_completed") == 0)
    }

    @Test func `a turn that matched nothing is over once the engine rests`() async throws {
        server.beginTurn("s", "t1")
        server.beReady("s", "t1", in: nil)
        try await follow()
        #expect(try await count("turn_completed") == 0)
        server.endTurn("s", "t1", at: nil)
        try await follow()
        #expect(try await count("turn_completed") == 1)
    }

    @Test func `a rewind is noticed, also when nothing was said since`() async throws {
        for turn in 1...2 {
            server.beginTurn("s", "t\(turn)")
            server.beReady("s", "t\(turn)", in: "state \(turn)")
            server.endTurn("s", "t\(turn)", at: "\(turn)")
        }
        try await follow()
        #expect(try await count("state_entered") == 2)
        server.rewind("s", to: 3)
        server.change("s") { $0.states.removeLast() }
        try await follow()
        #expect(try await count("rewound") == 1)
        server.say("s", 4)
        try await follow()
        #expect(try await count("rewound") == 1)
        #expect(try await count("message_posted") == 6)
    }

    @Test func `a rewind while nobody looked, with more said since, loses nothing of either`() async throws {
        server.say("s", 6)
        try await follow()
        server.rewind("s", to: 2)
        server.say("s", 5)
        try await follow()
        #expect(try await count("rewound") == 1)
        #expect(try await count("message_posted") == 11)
    }

    @Test func `deleted is recorded once; lost with the server's memory is not`() async throws {
        for id in ["s", "t", "u"] { server.say(id, 2) }
        try await follow()
        server.remove("s")
        try await follow { try await count("closed") == 1 }
        server.restart(forgetting: ["t"])
        try await follow()
        let surveys = server.surveys
        try await follow { server.surveys > surveys + 3 }
        #expect(try await count("closed") == 1)
        #expect(try await count("closed", "parlant_session-t") == 0)
        server.remove("u")
        try await follow { try await count("closed", "parlant_session-u") == 1 }
        #expect(try await count("closed", "parlant_session-t") == 0, "nor after the next deletion")
    }

    @Test func `two followers take everything in once`() async throws {
        for id in 0..<20 { server.say("s\(id)", 5) }
        async let other: Void = follow()
        _ = try await (follow(), other)
        for id in 0..<20 { #expect(try await count("message_posted", "parlant_session-s\(id)") == 5) }
    }

    @Test func `who was superseded moves nothing`() async throws {
        server.say("s")
        ledger.fenceFollowing(99)
        let follower = follower()
        let work = Task { try await follower.run() }
        while server.surveys < 3 { await Task.yield() }
        #expect(try await ledger.bookmarks(ofServer: Self.name).isEmpty)
        work.cancel()
        _ = await work.result
    }

    @Test func `a conversation that cannot be read does not hold up the others`() async throws {
        server.say("bad")
        server.refuse("bad")
        server.say("good", 3)
        try await follow { try await progress().waiting == 1 }
        #expect(try await count("message_posted", "parlant_session-good") == 3)
    }
}
