import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Reconciliation
import Testing
import WorkflowDomain

@testable import Reconciler

@Suite struct RetrospectTests {
    private let engines = TwoEngines()

    private func retrospect(
        _ rules: [PolicyRule], scope: PolicyScope = PolicyScope(), name: String = "test"
    ) -> Retrospect<InMemoryEventStore> {
        Retrospect(
            engines.store, policy: Policy(name: name, version: 1, scope: scope, rules: rules), telling: .engines)
    }

    private func answers(
        of retrospect: Retrospect<InMemoryEventStore>, since: Timestamp = .earliest
    ) async throws -> [WhatIf.Answer] {
        var answers: [WhatIf.Answer] = []
        try await retrospect.tryAgain(engines.key, since: since) { answers.append($0) }
        return answers
    }

    /// A run that was resumed by what a customer has said, a variable that each has changed otherwise, a conversation that was led on, and an end.
    private func live(by rules: [PolicyRule]) async throws {
        let desk = try engines.desk(rules)
        let courier = engines.courier(desk)
        func bring() async throws {
            for _ in 0..<6 {
                let report = try await desk.examine(engines.key)
                _ = try await courier.attend(to: report)
                engines.time.advance(by: .seconds(1))
            }
        }
        try await engines.prepare()
        try await engines.bind()
        try await engines.walk(to: "start")
        try await engines.comeToAsk()
        try await bring()
        try await engines.walk(to: "ask")
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        engines.sim.mood = .elsewhere
        try await bring()
        engines.sim.mood = .willing
        engines.time.advance(by: .seconds(30))
        _ = try await desk.handOver(
            HandOver(pattern: PathPattern("steps/*"), owner: .journey, because: nil), of: engines.key)
        try await bring()
        try await engines.complete("check")
        try await engines.begin("done")
        try await bring()
        try await engines.report(.cancelled)
        try await bring()
    }

    private static let mixed = [
        PolicyRule(.fields(of: .status), .workflowWins, owner: .workflow),
        PolicyRule(.fields(of: .steps), .furthest),
        PolicyRule(.everything, .latest, otherwise: .accept),
    ]

    @Test(arguments: [mixed, TwoEngines.safe, [PolicyRule(.everything, .journeyWins)], []])
    func
        `the same policy changes nothing in what was lived through, out of the log alone, and nothing is written`(
            _ rules: [PolicyRule]
        ) async throws
    {
        try await live(by: rules)
        let head = try await engines.store.head().position
        let answers = try await answers(of: retrospect(rules))
        #expect(answers.count > 3, "\(answers)")
        for answer in answers {
            guard case .tried(let retrial) = answer else {
                Issue.record("\(answer)")
                continue
            }
            #expect(!retrial.isChanged, "\(retrial)")
        }
        #expect(try await engines.store.head().position == head)
    }

    @Test func `another policy is tried on the sides as they were, not as they are`() async throws {
        try await live(by: Self.mixed)
        let answers = try await answers(of: retrospect([PolicyRule(.everything, .manual)], name: "asking"))
        let changed = answers.compactMap { answer -> WhatIf.Retrial? in
            if case .tried(let retrial) = answer, retrial.isChanged { retrial } else { nil }
        }
        // What one side alone has changed is passed on by every policy; what its owner decided has an owner no more.
        #expect(changed.contains { $0.path == .status && $0.was.word == "workflow" } == false, "\(changed)")
        let stopping = try await self.answers(
            of: retrospect([PolicyRule(.fields(of: .status), .latest, owner: .journey, otherwise: .accept)]))
        let status = stopping.compactMap { answer -> WhatIf.Retrial? in
            if case .tried(let retrial) = answer, retrial.path == .status { retrial } else { nil }
        }
        #expect(status.contains { $0.was.word == "workflow" && $0.wouldBe.word == "accepted" }, "\(stopping)")
    }

    @Test func `a policy for others is not tried, and what was recorded before is not asked for`() async throws {
        try await live(by: Self.mixed)
        let all = try await answers(of: retrospect(Self.mixed)).count
        for scope in [
            PolicyScope(workspace: try Workspace("other")), PolicyScope(workflow: WorkflowID("other")),
        ] {
            let outside = try await answers(of: retrospect([PolicyRule(.everything, .manual)], scope: scope))
            #expect(outside.count == all)
            for answer in outside {
                if case .untried(_, _, .outside) = answer { continue }
                Issue.record("\(answer)")
            }
        }
        let own = PolicyScope(workspace: .default, workflow: WorkflowID("refund"))
        #expect(try await answers(of: retrospect(Self.mixed, scope: own)) == answers(of: retrospect(Self.mixed)))
        var last: Timestamp = .earliest
        let page = try await engines.store.read(StreamQuery(StreamName(trusting: "reconciliation-run-1")))
        for event in page.events where event.type.rawValue == "reconciliation.resolved" { last = event.recordedAt }
        let since = try await answers(of: retrospect(Self.mixed), since: last)
        #expect(!since.isEmpty && since.count < all)
        #expect(try await answers(of: retrospect(Self.mixed), since: engines.time.now()).isEmpty)
    }

    @Test func `of an execution that nobody knows there is nothing to try`() async throws {
        #expect(try await answers(of: retrospect(Self.mixed)).isEmpty)
    }
}
