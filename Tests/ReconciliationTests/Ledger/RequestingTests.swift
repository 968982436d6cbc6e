import EventModel
import FoundationEssentials
import Testing

@testable import Reconciliation

/// What the sides are asked to do about what was decided, and when.
@Suite struct `What the sides are told` {
    /// Both sides agree, in what is passed on without a word of the policy.
    private func together() -> ModelWorld {
        ModelWorld.agreeing(
            in: ["v0", "v1"],
            by: Policy(name: "passing", version: 1, rules: [PolicyRule(.everything, .workflowWins)]))
    }

    private func requested(_ world: ModelWorld) -> Int {
        world.log.count { if case .effectRequested = $0 { true } else { false } }
    }

    @Test func `while a side has something to do, what else it is to be told waits, and is told afterwards`() {
        var world = together()
        world.workflow.variables["v0"] = 2
        world.hearAndLook()
        #expect(requested(world) == 1)
        world.workflow.variables["v1"] = 3
        world.report(.workflow)
        #expect(world.look().holds[FieldPath(.variables, ["v1"])] == .effectPending)
        #expect(requested(world) == 1)
        world.attend(.journey, badly: false)
        world.hearAndLook()
        #expect(requested(world) == 2)
    }

    @Test func `what is decided about a field is left alone until that has ended, whatever is said meanwhile`() {
        var world = together()
        world.workflow.variables["v0"] = 2
        world.hearAndLook()
        world.journey.values["v0"] = 9
        world.report(.journey)
        let count = world.log.count
        #expect(world.look().holds[FieldPath(.variables, ["v0"])] == .effectPending)
        #expect(world.log.count == count)
    }

    @Test
    func `what is carried out again and again and changes nothing is a matter for a person, after growing pauses`()
        throws
    {
        var world = together()
        world.workflow.variables["v0"] = 2
        var waits: [Int64] = []
        for _ in 0..<200 {
            world.hearAndLook()
            if let pending = world.ledger.pending.first {
                // It is done, the conversation says so, and its value stays what it was.
                world.journey.echoes.insert(pending.effect.id.uuidString.lowercased())
                waits.append(0)
            }
            world.wait(1)
            if !waits.isEmpty { waits[waits.count - 1] += 1 }
        }
        #expect(requested(world) == world.limits.attempts)
        let conflict = try #require(world.ledger.queue[FieldPath(.variables, ["v0"])])
        #expect(conflict.reason == .unreachable(attempts: world.limits.attempts))
        #expect(zip(waits.dropLast(), waits.dropFirst().dropLast()).allSatisfy { $0 < $1 }, "\(waits)")
    }

    @Test func `both sides back where they were is agreement as well, and begins a new count`() {
        var world = together()
        for round in 0..<20 {
            // The conversation goes its own way, and is brought back.
            world.journey.values["v0"] = 100 + round
            let owned = HandOver(pattern: .everything, owner: .workflow, because: nil)
            if round == 0 { world.decide(.handOver(owned)) }
            for _ in 0..<4 {
                world.hearAndLook()
                world.attend(.journey, badly: false)
                world.wait(200)
            }
            #expect(world.journey.values["v0"] == 1, "round \(round)")
        }
        #expect(world.ledger.queue.isEmpty)
    }

    @Test func `what the workflow alone has said stays its subject's data on the way, and all else is the person's`() {
        func subjects(_ world: ModelWorld) -> [String] {
            world.log.compactMap { if case .effectRequested(_, let subject) = $0 { subject } else { nil } }
        }
        var world = together()
        world.workflow.variables["v0"] = 2
        world.hearAndLook()
        #expect(subjects(world) == ["execution:x"])
        var answered = ModelWorld(seed: 1, policy: world.policy)
        answered.journey.hasSession = true
        answered.workflow.advance()
        answered.journey.steps[1] = .started
        answered.hearAndLook()
        answered.journey.inputs[1] = ["answer": 3]
        answered.journey.move(to: 2)
        answered.policy = Policy(name: "journey", version: 1, rules: [PolicyRule(.everything, .journeyWins)])
        answered.hearAndLook()
        #expect(subjects(answered) == ["customer:c"])
    }

    @Test func `of several who want to send an effect one does, and none behind its time`() throws {
        var world = together()
        world.workflow.variables["v0"] = 2
        world.hearAndLook()
        let effect = try #require(world.ledger.pending.first).effect
        let send = ReconciliationDecider.Command.send(effect: effect.id, times: 1, at: world.now)
        #expect(throws: ReconciliationDecider.Rejection.notSent(effect.id)) {
            try ReconciliationDecider.decide(.send(effect: effect.id, times: 1, at: effect.deadline), world.ledger)
        }
        world.decide(send)
        #expect(throws: ReconciliationDecider.Rejection.notSent(effect.id)) {
            try ReconciliationDecider.decide(send, world.ledger)
        }
        #expect(throws: ReconciliationDecider.Rejection.notSent(effect.id)) {
            try ReconciliationDecider.decide(.send(effect: effect.id, times: 2, at: world.now), world.ledger)
        }
    }

    @Test func `an overdue effect does not ask to be looked at again at once, for ever`() {
        var world = together()
        world.workflow.variables["v0"] = 2
        world.hearAndLook()
        #expect(world.look().again == world.ledger.pending.first?.effect.deadline)
        world.wait(1_000)
        #expect(world.look().again == nil)
    }

    @Test func `more differences than one look may record are recorded by the next ones`() {
        var world = ModelWorld(seed: 1, policy: ModelWorld.manual)
        world.journey.hasSession = true
        world.hearAndLook()
        for number in 0..<950 {
            world.workflow.variables["n\(number)"] = 1
            world.journey.values["n\(number)"] = 2
        }
        world.report(.workflow)
        world.report(.journey)
        for round in 1...2 {
            let examined = world.look()
            #expect(world.ledger.queue.count == min(950, round * LedgerLimits.events))
            #expect((examined.again == world.now) == (round < 2))
        }
    }

    @Test func `what is too large for an event is held, and everything else goes on`() throws {
        var world = together()
        let large = String(repeating: "x", count: LedgerLimits.eventBytes)
        var look = world.examination
        look.sides.workflow.set(
            Claim(FieldPath(.variables, ["v0"]), FieldValue(.string(large)), Origin(GlobalPosition(900))))
        look.sides.workflow.set(Claim(FieldPath(.variables, ["v1"]), FieldValue(2), Origin(GlobalPosition(901))))
        let examined = world.ledger.examine(look)
        #expect(examined.holds[FieldPath(.variables, ["v0"])] == .tooLarge)
        #expect(examined.events.contains { if case .effectRequested = $0 { true } else { false } })
        for event in examined.events { world.record(event) }
        #expect(world.ledger.examine(look).events.isEmpty)
    }

    @Test(arguments: [Otherwise.accept, .manual])
    func `what turns out to be untellable is accepted, or put before a person, by the rule that says so`(
        otherwise: Otherwise
    ) throws {
        let policy = Policy(
            name: "lenient", version: 3,
            rules: [
                PolicyRule(.fields(of: .status), .manual),
                PolicyRule(.data(of: .inputs), .journeyWins, otherwise: otherwise),
            ])
        var world = ModelWorld.agreeing(by: policy)
        // A conversation collects values by name; a plain text is none.
        world.workflow.inputs[1] = "by hand"
        world.hearAndLook()
        let ruling = Receipt.Ruling(rule: .journeyWins, place: 1, policy: "lenient", version: 3)
        let path = FieldPath(.inputs, ["b1"])
        switch otherwise {
        case .accept: #expect(world.ledger.accepted[path]?.ruling == ruling)
        case .manual: #expect(world.ledger.queue[path]?.ruling == ruling)
        }
    }

    @Test func `more differences than may stay are for a person, whatever the rule says`() throws {
        let policy = Policy(
            name: "lenient", version: 1, rules: [PolicyRule(.everything, .journeyWins, otherwise: .accept)])
        var world = ModelWorld.agreeing(by: policy)
        let parties = world.examination.parties
        for number in 0..<LedgerLimits.waiting {
            let finding = Finding(
                path: FieldPath(.inputs, [ElementID("old\(number)")]), kind: .conflict, side: nil, base: nil,
                workflow: .content(1), journey: .content(2), workflowOrigin: nil, journeyOrigin: nil)
            let accepted = AcceptedDivergence(
                id: world.examination.id("\(number)"), finding: finding, ruling: nil, conflict: nil, at: world.now)
            world.record(.divergenceAccepted(accepted, parties))
        }
        world.workflow.inputs[1] = "by hand"
        world.hearAndLook()
        let path = FieldPath(.inputs, ["b1"])
        #expect(world.ledger.accepted.count == LedgerLimits.waiting && world.ledger.accepted[path] == nil)
        let conflict = try #require(world.ledger.queue[path])
        #expect(conflict.reason == .policy(.unsettable) && conflict.ruling?.rule == .journeyWins)
        let count = world.log.count
        #expect(world.look().holds[path] == .queued)
        #expect(world.log.count == count)
    }
}
