import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing
import WorkflowDomain

@testable import Reconciliation

/// An execution and its conversation, walked together: whatever one does, the other does next.
struct WalkInStep {
    let names: MappedNames
    private let blocks: [ElementID]
    private(set) var base = Agreement()
    private(set) var findings: [Finding] = []
    private var execution: HeardExecution
    private var conversation: HeardConversation
    private var random: SeededGenerator
    private var position: Int64 = 0
    private var offset = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        blocks = (0..<2 + random.below(5)).map { ElementID("b\($0)") }
        var states: [ElementID: [ElementID]] = [:]
        for block in blocks { states[block] = (0...random.below(2)).map { ElementID("refund.\(block).\($0)") } }
        names = MappedNames(
            workflowID: "refund", journeyID: "refund", states: states, keys: ["total": "sum", "who": "customer"],
            graph: blocks.last.flatMap { states[$0] }.map { last in JourneyGraph(last.map { ($0, JourneyState.end) }) })
        execution = try HeardExecution()
        conversation = try HeardConversation()
    }

    var sides: Comparison.Sides {
        Comparison.Sides(base: base, workflow: execution.side, journey: conversation.side, names: names)
    }

    /// Both sides have done the same: nothing is left to do, and what they say now is agreed on.
    private mutating func agree() {
        let plan = Plan(sides, under: Policy(name: "none", version: 1, rules: []))
        findings += plan.settlements.map(\.finding).filter(\.isDivergence)
        base = plan.agreement
    }

    private mutating func work(
        _ fact: ExecutionFact, input: JSONValue? = nil, output: JSONValue? = nil
    ) throws {
        execution.position = max(execution.position, conversation.position)
        try execution.tell(fact, input: input, output: output)
    }

    private mutating func talk(_ content: EventContent, turn: String? = nil) throws {
        conversation.position = max(execution.position, conversation.position)
        offset += 1
        try conversation.say(content, at: offset, turn: turn)
    }

    private mutating func stand(in state: ElementID?) throws {
        let positions = [StatePosition(journey: "refund", state: state)]
        let turn = "turn-\(offset)"
        try talk(.status(StatusContent(status: "ready", stage: "completed", positions: positions)), turn: turn)
    }

    mutating func walk() throws {
        let values: JSONValue = ["total": 7, "who": "Ada", "unmapped": [1]]
        try work(.started(ExecutionStart()), input: values)
        try talk(.custom(["lockstep": ["values": ["sum": 7, "customer": "Ada"]]]))
        agree()
        for block in blocks { try visit(block) }
        let isCancelled = random.below(3) == 0
        try work(isCancelled ? .cancelled : .completed)
        if isCancelled {
            try talk(.message(MessageContent(text: "too late")))
            try conversation.decide(.close(SessionClosing(reason: .executionEnded, at: second(99))))
        } else {
            try stand(in: nil)
        }
        agree()
    }

    private mutating func visit(_ block: ElementID) throws {
        for round in 0...random.below(3) {
            let visit = BlockVisit(block, in: round == 0 ? [] : [.loop("l", index: round)])
            try work(.blockStarted(BlockFact(visit)))
            for state in names.states(of: block) { try stand(in: state) }
            agree()
            if random.below(2) == 0 {
                let context = "c\(execution.position)"
                try work(.waitStarted(WaitFact(kind: .human, context: context, blockedOn: block)))
                agree()
                let answer: JSONValue = .number(JSONNumber(random.below(100)))
                let state = names.states(of: block).last
                try talk(.input(CollectedInput(name: "answer", value: answer, journey: "refund", state: state)))
                try work(.resumed(context: context), input: ["answer": answer])
                agree()
            }
            if random.below(4) == 0 { try retry(visit) }
            try work(.blockCompleted(BlockFact(visit, attempt: 2)), output: ["round": .number(JSONNumber(round))])
            // The customer is asked again only once there is another block to go to.
            if block == blocks.last { continue }
            try stand(in: "refund.between")
            agree()
        }
    }

    /// A failed attempt is followed by another: the conversation does not move.
    private mutating func retry(_ visit: BlockVisit) throws {
        try work(.blockFailed(BlockFact(visit, attempt: 1), handled: false))
        try work(.blockStarted(BlockFact(visit, attempt: 2)))
        agree()
    }
}

@Suite struct `An execution and its conversation` {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `that walk in step do not diverge`(_ seed: UInt64) throws {
        var walk = try WalkInStep(seed: seed)
        try walk.walk()
        #expect(walk.findings.isEmpty, "seed \(seed): \(walk.findings.map(\.description))")
        #expect(Comparison(walk.sides).findings.isEmpty, "everything is agreed on")
    }

    @Test func `of which one is ahead differ in what it has done, and in nothing else`() throws {
        var execution = try HeardExecution()
        var conversation = try HeardConversation()
        try execution.tell(.blockStarted(BlockFact(BlockVisit("ask"))))
        try conversation.stand(in: "refund.ask", at: 1)
        func sides(_ base: Agreement) -> Comparison.Sides {
            Comparison.Sides(base: base, workflow: execution.side, journey: conversation.side, names: names)
        }
        let policy = Policy(name: "none", version: 1, rules: [])
        let base = Plan(sides(Agreement()), under: policy).agreement
        try execution.tell(.waitStarted(WaitFact(kind: .human, context: "c", blockedOn: "ask")))
        try conversation.stand(in: "refund.pay", at: 2)
        #expect(sides(base).waitsAt == "ask")
        let found = Comparison(sides(base)).findings.filter(\.isDivergence)
        #expect(found.map(\.kind) == [.waitPassed, .changed] && found.map(\.side) == [.journey, .journey])
        #expect(found.map(\.path) == [.step("ask"), .step("pay")])
        try execution.tell(.resumed(context: "c"))
        try execution.tell(.blockCompleted(BlockFact(BlockVisit("ask"))))
        try execution.tell(.blockStarted(BlockFact(BlockVisit("pay"))))
        #expect(Comparison(sides(base)).isConverged)
    }

    @Test func `agree on an end that the conversation was brought to from outside`() throws {
        for (fact, status) in [(ExecutionFact.cancelled, ExecutionStatus.cancelled), (.completed, .completed)] {
            var execution = try HeardExecution()
            try execution.tell(.blockStarted(BlockFact(BlockVisit("ask"))))
            var conversation = try HeardConversation()
            try conversation.stand(in: "refund.ask", at: 1)
            func sides() -> Comparison.Sides {
                Comparison.Sides(base: Agreement(), workflow: execution.side, journey: conversation.side, names: names)
            }
            let left = StateLeft(journey: "refund", state: "refund.ask", next: nil, turn: "effect", cause: .path)
            conversation.hear(.stateLeft(left), Origin(GlobalPosition(90)))
            #expect(sides().journey[.status]?.value == .status(.completed), "the workflow goes on")
            try execution.tell(fact)
            #expect(sides().journey[.status]?.value == .status(status))
            #expect(Comparison(sides()).isConverged, "\(status): the block was left at work by both")
        }
    }

    @Test func `cannot be compared where one of them cannot be read any more`() throws {
        let erased = SealedValue.erased(subject: "customer:7")
        var (execution, conversation) = (try HeardExecution(), try HeardConversation())
        try execution.tell(.started(ExecutionStart()), input: erased)
        try conversation.say(.custom(["lockstep": ["values": ["total": 2]]]), at: 1)
        var sides = Comparison.Sides(
            base: Agreement([.init(FieldPath(.variables, ["who"]), FieldValue("Ada"))]), workflow: execution.side,
            journey: conversation.side, names: names)
        #expect(
            Comparison(sides).findings.filter { $0.path.root == .variables }.map(\.kind) == [.unreadable, .unreadable])
        // And the other way round: what was agreed on was not taken away by erasing who has said it.
        conversation.hear(.reported(said(.custom(erased), at: 2)), Origin(GlobalPosition(7)))
        var plain = try HeardExecution()
        try plain.tell(.started(ExecutionStart()), input: ["total": 2, "who": "Ada"])
        sides = Comparison.Sides(base: sides.base, workflow: plain.side, journey: conversation.side, names: names)
        let found = Comparison(sides).findings.filter { $0.path.root == .variables }
        #expect(found.map(\.kind) == [.agreed, .unreadable] && found.last?.path == FieldPath(.variables, ["who"]))
    }

    @Test func `are compared by their status only, where no mapping is pinned`() throws {
        var (execution, conversation) = (try HeardExecution(), try HeardConversation())
        try execution.tell(.started(ExecutionStart()), input: ["a": 1])
        try execution.tell(.blockCompleted(BlockFact(BlockVisit("ask"))))
        try execution.tell(.completed)
        try conversation.stand(in: "refund.pay", at: 1)
        let sides = Comparison.Sides(
            base: Agreement(), workflow: execution.side, journey: conversation.side, names: nil)
        let findings = Comparison(sides).findings
        #expect(findings.filter(\.isDivergence).map(\.path) == [.status])
        #expect(Set(findings.map(\.kind)) == [.conflict, .unmapped])
        #expect(sides.journey.all.map(\.path) == [.status])
    }
}
