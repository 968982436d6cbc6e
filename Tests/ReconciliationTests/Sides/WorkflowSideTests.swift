import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `The workflow's side` {
    @Test(arguments: 0..<120 as Range<UInt64>)
    func `says after every event what all that is known amounts to, and where that was said last`(_ seed: UInt64) throws
    {
        let heard = try HeardExecution(RandomExecution(seed: seed, count: 60).reports)
        var (side, state) = (WorkflowSide(), ExecutionState())
        for (event, origin) in heard.events {
            let before = side.claims
            side.receive(event, at: origin)
            state.receive(event)
            try #require(side.claims.values == naiveClaims(of: state), "seed \(seed) at \(origin.position)")
            let misplaced = side.claims.misplaced(behind: before, at: origin)
            #expect(misplaced == nil, "seed \(seed) at \(origin.position)")
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `says the same in whatever order and however often it is told`(_ seed: UInt64) throws {
        let reports = RandomExecution(seed: seed).reports
        let expected = try HeardExecution(reports).side
        var random = SeededGenerator(seed: seed)
        for _ in 0..<4 {
            let shuffled = (reports + reports.shuffled(using: &random).prefix(10)).shuffled(using: &random)
            let side = try HeardExecution(shuffled).side
            #expect(side.claims.values == expected.claims.values, "seed \(seed)")
            #expect(side.inputHidden == nil ? expected.inputHidden == nil : expected.inputHidden != nil)
        }
    }

    @Test func `an event that was heard already moves nothing`() throws {
        let heard = try HeardExecution(RandomExecution(seed: 5, count: 80).reports)
        var side = heard.side
        for (event, _) in heard.events.shuffled() { side.receive(event, at: Origin(GlobalPosition(9_999))) }
        #expect(side == heard.side)
    }

    @Test func `of a loop says how the round stands that is at work, else the one that ended last, by numbers`() throws
    {
        var heard = try HeardExecution()
        let output = FieldPath(.outputs, ["b"])
        for round in 0..<12 {
            let visit = BlockVisit("b", in: [.loop("l", index: round)])
            try heard.tell(.blockStarted(BlockFact(visit)))
            #expect(heard.side.claims[.step("b")]?.value == .step(.started))
            #expect(heard.side.claims[output] == nil, "the round has not answered yet")
            // All at one time: the number of the round decides.
            try heard.tell(.blockCompleted(BlockFact(visit)), output: .number(JSONNumber(round)), at: second(0))
            #expect(heard.side.claims[.step("b")]?.value == .step(.completed))
        }
        #expect(heard.side.claims[output]?.value == FieldValue(11))
        try heard.tell(
            .blockFailed(BlockFact(BlockVisit("b", in: [.loop("l", index: 3)])), handled: true), at: second(1))
        #expect(heard.side.claims[.step("b")]?.value == .step(.failed), "it ended last")
    }

    @Test func `of a parallel says that it is at work until its last branch has ended`() throws {
        var heard = try HeardExecution()
        let branches = (0..<3).map { BlockVisit("b", in: [.parallel("p", index: $0)]) }
        for branch in branches { try heard.tell(.blockStarted(BlockFact(branch))) }
        for branch in branches {
            #expect(heard.side.claims[.step("b")]?.value == .step(.started))
            #expect(
                heard.side.claims[.step("b")]?.origin.position == heard.events[1].origin.position, "since the first")
            try heard.tell(.blockCompleted(BlockFact(branch)))
        }
        #expect(heard.side.claims[.step("b")]?.value == .step(.completed))
        #expect(heard.side.claims[.step("b")]?.origin.position.rawValue == heard.position)
    }

    @Test func `of a block that is tried again says how the last attempt stands`() throws {
        var heard = try HeardExecution()
        func attempt(_ number: Int) -> BlockFact { BlockFact(BlockVisit("b"), attempt: number) }
        try heard.tell(.blockStarted(attempt(1)))
        try heard.tell(.blockFailed(attempt(1), handled: false), output: "half")
        #expect(heard.side.claims[.step("b")]?.value == .step(.failed))
        try heard.tell(.blockStarted(attempt(2)))
        #expect(heard.side.claims[.step("b")]?.value == .step(.started))
        #expect(heard.side.claims[FieldPath(.outputs, ["b"])] == nil)
        try heard.tell(.blockCompleted(attempt(2)), output: "whole")
        #expect(heard.side.claims[FieldPath(.outputs, ["b"])]?.value == FieldValue("whole"))
    }

    @Test func `leaves out what happens in child workflows`() throws {
        var heard = try HeardExecution()
        try heard.tell(.childWorkflowStarted(BlockFact(BlockVisit("run", order: 6), instance: "k")))
        try heard.tell(.blockFailed(BlockFact(BlockVisit("inner", in: [.child("k")])), handled: false))
        #expect(heard.side.claims.all.map(\.path) == [.status, .step("run")])
    }

    @Test func `knows at which block it waits for a person, and with what it was resumed there`() throws {
        var heard = try HeardExecution()
        try heard.tell(.waitStarted(WaitFact(kind: .time, context: "t", blockedOn: "pause")))
        #expect(heard.side.waitsAt == nil && heard.side.openWait?.kind == .time)
        try heard.tell(.resumed(context: "t"))
        for (round, answer) in ["yes", "no"].enumerated() {
            try heard.tell(.waitStarted(WaitFact(kind: .human, context: "c\(round)", blockedOn: "ask")))
            #expect(heard.side.waitsAt == "ask" && heard.side.openWait?.context == "c\(round)")
            try heard.tell(.resumed(context: "c\(round)"), input: ["answer": .string(answer)])
            #expect(heard.side.waitsAt == nil)
            #expect(heard.side.claims[FieldPath(.inputs, ["ask"])]?.value == FieldValue(["answer": .string(answer)]))
        }
        try heard.tell(.waitStarted(WaitFact(context: "u", blockedOn: "sign")))
        #expect(heard.side.waitsAt == "sign", "nothing but a person would end it")
    }

    @Test func `a wait whose block becomes known later has its answer moved there`() throws {
        var heard = try HeardExecution()
        try heard.tell(.resumed(context: "c"), input: 1)
        #expect(heard.side.claims.all.map(\.path) == [.status])
        try heard.tell(.waitStarted(WaitFact(context: "c", blockedOn: "b2")), at: .earliest)
        #expect(heard.side.claims[FieldPath(.inputs, ["b2"])]?.origin.position.rawValue == heard.position)
        try heard.tell(.waitStarted(WaitFact(context: "c", blockedOn: "b1")), at: .earliest)
        #expect(heard.side.claims.all.filter { $0.path.root == .inputs }.map(\.path) == [FieldPath(.inputs, ["b1"])])
    }

    @Test func `takes variables from an object only, and forgets those that another input does not have`() throws {
        var heard = try HeardExecution()
        try heard.tell(.started(ExecutionStart()), input: ["a": 1, "b": "x"])
        let first = heard.side.claims[FieldPath(.variables, ["a"])]
        #expect(first?.value == FieldValue(1))
        // Longer, so it is the form that counts.
        try heard.tell(.started(ExecutionStart()), input: ["a": 1, "c": "and more"])
        let paths = heard.side.claims.all.map(\.path)
        #expect(paths == [.status, FieldPath(.variables, ["a"]), FieldPath(.variables, ["c"])])
        #expect(heard.side.claims[FieldPath(.variables, ["a"])] == first, "repeated, so its origin stays")
        try heard.tell(.started(ExecutionStart()), input: .string(String(repeating: "long", count: 20)))
        #expect(heard.side.claims.all.map(\.path) == [.status])
    }

    @Test func `says of what is sealed or erased that it is hidden`() throws {
        var heard = try HeardExecution()
        let erased = SealedValue.erased(subject: "customer:7")
        try heard.tell(.started(ExecutionStart()), input: ["a": 1])
        try heard.tell(.waitStarted(WaitFact(kind: .human, context: "c", blockedOn: "ask")))
        try heard.tell(.resumed(context: "c"), input: erased)
        try heard.tell(.blockCompleted(BlockFact(BlockVisit("b"))), output: erased)
        try heard.tell(.failed(code: "X"), error: erased)
        for path in [FieldPath(.inputs, ["ask"]), FieldPath(.outputs, ["b"]), FieldPath(.error)] {
            #expect(heard.side.claims[path]?.value == .hidden, "\(path)")
        }
        #expect(heard.side.inputHidden == nil)
        try heard.tell(.started(ExecutionStart()), input: erased)
        #expect(heard.side.inputHidden?.position.rawValue == heard.position)
        #expect(!heard.side.claims.all.contains { $0.path.root == .variables })
    }

    @Test func `knows what it is a side of`() throws {
        var heard = try HeardExecution()
        #expect(
            heard.side.execution == nil && !heard.side.hasStarted && !heard.side.isOver && heard.side.claims == Claims()
        )
        let pin = MappingPin(mapping: "refund", version: 2)
        try heard.tell(.started(ExecutionStart()), pin: pin)
        #expect(heard.side.execution == execution && heard.side.workflow == workflow && heard.side.pin == pin)
        #expect(heard.side.hasStarted && !heard.side.isOver)
        try heard.tell(.cancelled)
        #expect(heard.side.isOver && heard.side.claims[.status]?.value == .status(.cancelled))
    }

    /// Rounds of one block end in order here; looking at all of them for each event would take 20 000 × 10 000 looks.
    @Test func `an event costs its block, not the length of the execution`() throws {
        var heard = try HeardExecution()
        for round in 0..<10_000 {
            let visit = BlockVisit("b", in: [.loop("l", index: round)])
            try heard.tell(.blockStarted(BlockFact(visit)))
            try heard.tell(.blockCompleted(BlockFact(visit)))
        }
        var side = WorkflowSide()
        let time = ContinuousClock().measure { for (event, origin) in heard.events { side.receive(event, at: origin) } }
        #expect(side.claims[.step("b")]?.value == .step(.completed))
        #expect(time < .seconds(20), "\(time)")
    }
}
