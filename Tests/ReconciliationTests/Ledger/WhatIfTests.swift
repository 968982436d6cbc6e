import EventModel
import FoundationEssentials
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `What another policy would have done` {
    /// A look at both sides, and what another policy makes of it.
    private func look(_ world: inout ModelWorld, under other: Policy) -> [WhatIf.Answer] {
        for side in Side.allCases { world.report(side) }
        let before = world.ledger
        let events = world.look().events
        var look = world.examination
        look.policy = other
        return WhatIf.answers(to: events, at: look, knowing: before)
    }

    @Test(arguments: ConvergenceTests.policies.indices)
    func `the same policy tried on what is on record changes nothing, and leaves nothing out`(_ index: Int) {
        let policy = ConvergenceTests.policies[index]
        var words: [String: Int] = [:]
        for seed in 0..<60 {
            var world = ModelWorld(seed: UInt64(seed), policy: policy)
            for _ in 0..<50 {
                world.act()
                for answer in look(&world, under: policy) {
                    guard case .tried(let retrial) = answer, !retrial.isChanged else {
                        Issue.record("seed \(seed): \(answer)")
                        return
                    }
                    #expect(retrial.was.ruling == retrial.wouldBe.ruling || retrial.was.ruling == nil, "\(retrial)")
                    words[retrial.was.word, default: 0] += 1
                }
                world.attend(world.chance(50) ? .workflow : .journey, badly: true)
                if world.chance(30) { world.wait(40) }
            }
        }
        #expect((words["workflow"] ?? 0) + (words["journey"] ?? 0) > 100, "\(words)")
        #expect((words["a person"] ?? 0) + (words["accepted"] ?? 0) > 30, "\(words)")
        #expect(index != 0 || words["accepted"] != nil, "\(words)")
    }

    /// Both sides have changed a variable, each otherwise: no run can be told of it.
    private func contradicting(
        _ rules: [PolicyRule], insteadOf first: Policy = ModelWorld.manual
    ) throws -> WhatIf.Retrial {
        var world = ModelWorld.agreeing(by: first)
        world.workflow.variables["v0"] = 2
        world.journey.values["v0"] = 3
        let answers = look(&world, under: Policy(name: "other", version: 2, rules: rules))
        #expect(answers.count == 1)
        guard case .tried(let retrial)? = answers.first else { throw Missing() }
        return retrial
    }

    private struct Missing: Error {}

    @Test func `what would have come out is said with the rule that was asked and the one that would be`() throws {
        let retrial = try contradicting([
            PolicyRule(.fields(of: .steps), .manual), PolicyRule(.everything, .workflowWins),
        ])
        #expect(retrial.isChanged && retrial.was.word == "a person" && retrial.wouldBe.word == "workflow")
        #expect(retrial.was.ruling == Receipt.Ruling(rule: .manual, place: 0, policy: "manual", version: 1))
        #expect(retrial.wouldBe.ruling == Receipt.Ruling(rule: .workflowWins, place: 1, policy: "other", version: 2))
        #expect(retrial.path == FieldPath(.variables, ["v0"]))
    }

    @Test func `no side wins that the other could not be told of then`() throws {
        let retrial = try contradicting([PolicyRule(.everything, .journeyWins)])
        #expect(!retrial.isChanged && retrial.wouldBe.word == "a person")
        #expect(retrial.wouldBe.ruling?.rule == .journeyWins)
    }

    @Test func `what waits because a side cannot be told, and what is accepted, is asked again too`() throws {
        let journey = Policy(name: "journey", version: 1, rules: [PolicyRule(.everything, .journeyWins)])
        let waiting = try contradicting([PolicyRule(.everything, .workflowWins)], insteadOf: journey)
        #expect(waiting.isChanged && waiting.was.word == "a person" && waiting.wouldBe.word == "workflow")
        let letting = Policy(
            name: "letting", version: 1, rules: [PolicyRule(.everything, .journeyWins, otherwise: .accept)])
        let accepted = try contradicting([PolicyRule(.everything, .journeyWins)], insteadOf: letting)
        #expect(accepted.isChanged && accepted.was.word == "accepted" && accepted.wouldBe.word == "a person")
        let workflow = Policy(name: "workflow", version: 1, rules: [PolicyRule(.everything, .workflowWins)])
        let decided = try contradicting(
            [PolicyRule(.everything, .latest, owner: .journey, otherwise: .accept)], insteadOf: workflow)
        #expect(decided.isChanged && decided.was.word == "workflow" && decided.wouldBe.word == "accepted")
    }

    @Test func `another value is a change although neither side wins, and another rule alone is none`() {
        func retrial(_ was: WhatIf.Outcome.Standing, _ wouldBe: WhatIf.Outcome.Standing) -> WhatIf.Retrial {
            WhatIf.Retrial(
                id: UUID(), path: .status, was: WhatIf.Outcome(standing: was, ruling: nil),
                wouldBe: WhatIf.Outcome(
                    standing: wouldBe, ruling: Receipt.Ruling(rule: .refuse, place: 0, policy: "p", version: 1)))
        }
        let (merged, base) = (FieldValue([1, 2]), FieldValue([1]))
        #expect(retrial(.stands(merged, winner: nil), .stands(base, winner: nil)).isChanged)
        #expect(retrial(.stands(base, winner: nil), .stands(nil, winner: nil)).isChanged)
        #expect(retrial(.stands(base, winner: .workflow), .stands(base, winner: .journey)).isChanged)
        #expect(!retrial(.stands(base, winner: nil), .stands(base, winner: nil)).isChanged)
        #expect(retrial(.waits, .held(.ahead)).isChanged && !retrial(.waits, .waits).isChanged)
    }

    @Test func `what a person has decided, or let be, is no rule's and not tried`() throws {
        let other = Policy(name: "other", version: 2, rules: [PolicyRule(.everything, .workflowWins)])
        for choice in [ReconciliationDecider.Choice.take(.workflow), .accept] {
            let (world, conflict) = try ModelWorld.inConflict()
            let events = try world.settle(conflict.id, choice)
            var look = world.examination
            look.policy = other
            #expect(WhatIf.answers(to: events, at: look, knowing: world.ledger) == [])
            #expect(WhatIf.look(by: events) == nil)
        }
        var world = ModelWorld.contradicting(by: other)
        let receipt = try #require(world.receipts.first)
        world.wait(1)
        world.attend(.journey, badly: false)
        world.hearAndLook()
        let flipped = try world.flip(receipt, apart: true)
        #expect(flipped.contains { if case .divergenceAccepted = $0 { true } else { false } })
        #expect(WhatIf.look(by: flipped) == nil)
    }

    @Test func `what nobody can read any more is left out and said to be hidden`() throws {
        let (world, conflict) = try ModelWorld.inConflict()
        let finding = conflict.finding
        let erased = Finding(
            path: finding.path, kind: finding.kind, side: finding.side, base: finding.base, workflow: finding.workflow,
            journey: .hidden, workflowOrigin: finding.workflowOrigin, journeyOrigin: finding.journeyOrigin)
        let event = ReconciliationEvent.conflictQueued(
            QueuedConflict(
                id: conflict.id, finding: erased, reason: conflict.reason, ruling: conflict.ruling, at: conflict.at),
            world.examination.parties)
        #expect(
            WhatIf.answers(to: [event], at: world.examination, knowing: Ledger())
                == [.untried(conflict.id, finding.path, .hidden)])
    }

    /// As an event is read when everything personal in it was erased.
    private func erased(_ event: ReconciliationEvent) throws -> ReconciliationEvent {
        func hide(_ value: JSONValue, _ key: String = "") -> JSONValue {
            switch value {
            case _ where ["value", "members", "input", "told"].contains(key): ["$erased": ["subject": "customer:c"]]
            case .object(let object):
                .object(JSONObject(omittingNil: object.members.map { ($0.key, hide($0.value, $0.key)) }))
            case .array(let elements): .array(elements.map { hide($0) })
            case .null, .bool, .number, .string: value
            }
        }
        return try ReconciliationEvent(
            payload: PayloadReader(hide(event.payload)), type: event.type, schemaVersion: event.schemaVersion)
    }

    private func erased(_ claims: Claims) -> Claims {
        Claims(
            claims.all.map { claim in
                if case .content = claim.value { Claim(claim.path, .hidden, claim.origin) } else { claim }
            })
    }

    @Test(arguments: ConvergenceTests.policies.indices)
    func `the same policy changes nothing once everything personal was erased, and what hides is counted`(
        _ index: Int
    ) throws {
        let policy = ConvergenceTests.policies[index]
        var (tried, hidden) = (0, 0)
        for seed in 0..<30 {
            var world = ModelWorld(seed: UInt64(seed), policy: policy)
            var (ledger, count) = (Ledger(), 0)
            for _ in 0..<50 {
                world.act()
                for side in Side.allCases { world.report(side) }
                for event in world.log[count...] { ledger.receive(try erased(event)) }
                count = world.log.count
                let events = try world.look().events.map(erased)
                var look = world.examination
                look.sides.workflow = erased(look.sides.workflow)
                look.sides.journey = erased(look.sides.journey)
                for answer in WhatIf.answers(to: events, at: look, knowing: ledger) {
                    switch answer {
                    case .tried(let retrial):
                        tried += 1
                        #expect(!retrial.isChanged, "seed \(seed): \(retrial)")
                    case .untried(_, _, let reason):
                        hidden += 1
                        #expect(reason == .hidden, "seed \(seed): \(answer)")
                    }
                }
                world.attend(world.chance(50) ? .workflow : .journey, badly: true)
            }
        }
        #expect(tried > 30 && hidden > 30, "\(tried) \(hidden)")
    }

    @Test func `what the sides do not show any more is left out and not guessed`() throws {
        var (world, conflict) = try ModelWorld.inConflict()
        let event = try #require(world.log.last { if case .conflictQueued = $0 { true } else { false } })
        world.workflow.variables["v0"] = 9
        world.report(.workflow)
        #expect(
            WhatIf.answers(to: [event], at: world.examination, knowing: Ledger())
                == [.untried(conflict.id, conflict.finding.path, .unknown)])
    }

    @Test func `a policy holds where its scope is`() throws {
        let (shop, other) = (try Workspace("shop"), try Workspace("other"))
        let refund = WorkflowID("refund")
        #expect(PolicyScope().holds(for: shop, nil) && PolicyScope().holds(for: shop, refund))
        #expect(PolicyScope(workspace: shop).holds(for: shop, nil))
        #expect(!PolicyScope(workspace: shop).holds(for: other, refund))
        #expect(PolicyScope(workflow: refund).holds(for: other, refund))
        #expect(!PolicyScope(workflow: refund).holds(for: shop, WorkflowID("order")))
        #expect(!PolicyScope(workflow: refund).holds(for: shop, nil), "nobody has said which workflow it is")
        #expect(!PolicyScope(workspace: shop, workflow: refund).holds(for: other, refund))
    }
}
