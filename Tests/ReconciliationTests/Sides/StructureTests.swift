import EventModel
import JourneyDomain
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `The structure of the two sides` {
    private let pin = MappingPin(mapping: "refund", version: 2)

    private func workflow(pinned: Bool = true, _ facts: ExecutionFact...) throws -> WorkflowSide {
        var heard = try HeardExecution()
        for fact in facts { try heard.tell(fact, pin: pinned ? pin : nil) }
        return heard.side
    }

    private func journey(_ bindings: (session: String, version: Int?)..., closed: Bool = false) -> JourneySide {
        var side = JourneySide()
        for (index, bound) in bindings.enumerated() {
            let binding = SessionBinding(
                execution: "e1", session: bound.session,
                mapping: bound.version.map { MappingReference(id: "refund", version: $0) })
            side.receive(.bound(binding), at: Origin(GlobalPosition(Int64(index + 1))))
        }
        if closed {
            side.receive(.closed(SessionClosing(reason: .deleted, at: second(9))), at: Origin(GlobalPosition(9)))
        }
        return side
    }

    private func findings(_ workflow: WorkflowSide, _ journey: JourneySide, _ names: MappedNames? = names)
        -> [StructuralFinding]
    {
        Structure.findings(workflow: workflow, journey: journey, names: names)
    }

    private let started = ExecutionFact.started(ExecutionStart())

    @Test func `is sound when one session walks for the execution by the mapping that it has pinned`() throws {
        let walking = try workflow(started, .blockStarted(BlockFact(BlockVisit("ask"))))
        #expect(findings(walking, journey(("s1", 2))).isEmpty)
        #expect(findings(walking, journey(("s1", nil))).isEmpty, "an engine that names executions names no mapping")
        #expect(findings(WorkflowSide(), JourneySide()).isEmpty)
    }

    @Test func `misses a session where the execution waits for a person`() throws {
        let waiting = try workflow(
            started, .blockCompleted(BlockFact(BlockVisit("check"))),
            .waitStarted(WaitFact(kind: .human, context: "c", blockedOn: "ask")))
        let found = findings(waiting, JourneySide())
        #expect(found == [StructuralFinding(.missingSession, block: "ask", isWaiting: true, pinned: pin)])
        #expect(found.first?.kind.rawValue == "missing_session")
        #expect(
            found.first?.description
                == "the execution waits for a person at block ask, and no session walks for it: bind one")
        #expect(findings(waiting, JourneySide(), nil).isEmpty, "nobody knows which blocks are walked")
    }

    @Test func `misses a session where the execution has come to a block that is walked`() throws {
        let block = { (name: ElementID) in BlockFact(BlockVisit(name)) }
        let walking = try workflow(started, .blockCompleted(block("ask")), .blockStarted(block("pay")))
        #expect(findings(walking, JourneySide()).map(\.block) == ["pay"])
        #expect(
            findings(walking, JourneySide()).first?.description
                == "the execution has come to block pay, and no session walks for it: bind one")
        #expect(findings(try workflow(started, .blockCompleted(block("note"))), JourneySide()).isEmpty, "no state")
        #expect(findings(try workflow(started, .blockSkipped(block("ask"))), JourneySide()).isEmpty)
        #expect(findings(try workflow(pinned: false, started, .blockCompleted(block("ask"))), JourneySide()).isEmpty)
        #expect(
            findings(try workflow(started, .blockCompleted(block("ask")), .completed), JourneySide()).isEmpty, "over")
    }

    @Test func `misses an execution that a session walks for`() {
        let found = findings(WorkflowSide(), journey(("s1", 2)))
        #expect(found.map(\.kind.rawValue) == ["missing_execution"])
        #expect(
            found.first?.description
                == "session s1 walks for an execution of which nothing was heard: report the execution, or close the session"
        )
        #expect(findings(WorkflowSide(), journey(("s1", 2), closed: true)).isEmpty)
    }

    @Test func `has one session too many when a second claims the execution`() throws {
        let found = findings(try workflow(started), journey(("s1", 2), ("s2", 2), ("s1", 2)))
        #expect(found.map(\.kind.rawValue) == ["surplus_session"] && found.first?.sessions == ["s2"])
        #expect(
            found.first?.description
                == "session s2 claims an execution that another session walks for: close one of them")
        var side = journey(("s1", 2))
        let described = SessionDescription(engine: "acme", session: "s1", observedAt: second(1))
        side.receive(.described(described), at: Origin(GlobalPosition(5)))
        #expect(side.sessions.map(\.engine) == ["parlant", "acme"], "another engine's session is another session")
        for number in 0..<100 {
            let other = SessionDescription(engine: "acme", session: "x\(number)", observedAt: second(1))
            side.receive(.described(other), at: Origin(GlobalPosition(6)))
        }
        #expect(side.sessions.count == SideLimits.sessions)
    }

    @Test func `goes by different mappings when the session was bound by another, or by another version`() throws {
        let found = findings(try workflow(started), journey(("s1", 1)))
        #expect(found.map(\.kind.rawValue) == ["stale_mapping"])
        #expect(
            found.first?.description
                == "session s1 is bound by mapping refund version 1, the execution goes by mapping refund version 2: bind the session anew"
        )
        #expect(findings(try workflow(started, .completed), journey(("s1", 1))).isEmpty)
    }

    @Test func `cannot be compared where the execution has pinned no mapping`() throws {
        let found = findings(try workflow(pinned: false, started), journey(("s1", 1)), nil)
        #expect(found.map(\.kind.rawValue) == ["unpinned"])
        #expect(
            found.first?.description
                == "the execution began while no mapping was active, so the steps of session s1 cannot be compared")
        #expect(findings(try workflow(pinned: false, started), JourneySide(), nil).isEmpty, "there is no session")
    }

    @Test func `has names that are stable`() {
        #expect(
            StructuralFinding.Kind.allCases.map(\.rawValue)
                == ["missing_session", "missing_execution", "surplus_session", "stale_mapping", "unpinned"])
    }
}

@Suite struct `Mapped names` {
    @Test func `lead from states to blocks, from keys to variables, and back`() {
        #expect(names.block(of: "refund.pay.2") == "pay" && names.states(of: "pay") == ["refund.pay", "refund.pay.2"])
        #expect(names.block(of: "elsewhere") == nil && names.states(of: "note").isEmpty)
        #expect(names.variable(of: "customer_name") == "who" && names.key(of: "who") == "customer_name")
        #expect(names.variable(of: "who") == nil && names.key(of: "other") == nil)
        #expect(names.mappedBlocks == ["ask", "check", "pay"] && names.mappedVariables == ["total", "who"])
    }

    @Test func `a state or a key of several belongs to the last by name, in every process`() {
        for _ in 0..<20 {
            let shared = MappedNames(
                workflowID: "w", journeyID: "j", states: ["a": ["s"], "c": ["s"], "b": ["s"]],
                keys: ["x": "k", "z": "k", "y": "k"])
            #expect(shared.block(of: "s") == "c" && shared.variable(of: "k") == "z")
        }
    }
}
