import EventModel
import Testing
import WorkflowDomain

@testable import Reconciliation

/// Sides written by hand: `path: value`, with positions that grow.
struct Written {
    private var position: Int64 = 0
    var base = Agreement()
    var workflow = Claims()
    var journey = Claims()

    mutating func say(_ side: Side, _ path: String, _ value: FieldValue) throws {
        position += 1
        let claim = Claim(try FieldPath(path), value, Origin(GlobalPosition(position)))
        switch side {
        case .workflow: workflow.set(claim)
        case .journey: journey.set(claim)
        }
    }

    mutating func agree(_ path: String, _ value: FieldValue) throws { base[try FieldPath(path)] = value }

    var sides: Comparison.Sides { Comparison.Sides(base: base, workflow: workflow, journey: journey) }

    func findings(_ change: (inout Comparison.Sides) -> Void = { _ in }) -> [Finding] {
        var sides = sides
        change(&sides)
        return Comparison(sides).findings
    }
}

@Suite struct `A comparison of the two sides of an execution` {
    @Test func `finds nothing where both say what they agreed on, each in its own words`() throws {
        var written = Written()
        try written.agree("status", .status(.waiting))
        try written.agree("steps/ask", .step(.failed))
        try written.agree("steps/skipped", .step(.skipped))
        try written.agree("outputs/ask", FieldValue(["n": 1]))
        try written.say(.workflow, "status", .status(.waiting))
        try written.say(.workflow, "steps/ask", .step(.failed))
        try written.say(.workflow, "steps/skipped", .step(.skipped))
        try written.say(.workflow, "outputs/ask", FieldValue(["n": 1]))
        try written.say(.journey, "status", .status(.running))
        try written.say(.journey, "steps/ask", .step(.completed))
        #expect(written.findings().isEmpty)
    }

    @Test func `tells a change of one side from a conflict, and both from an agreement`() throws {
        var written = Written()
        for path in ["steps/a", "steps/b", "steps/c", "steps/d"] { try written.agree(path, .step(.started)) }
        try written.say(.workflow, "steps/a", .step(.completed))
        try written.say(.journey, "steps/a", .step(.started))
        try written.say(.workflow, "steps/b", .step(.started))
        try written.say(.journey, "steps/b", .step(.completed))
        try written.say(.workflow, "steps/c", .step(.completed))
        try written.say(.journey, "steps/c", .step(.completed))
        try written.say(.workflow, "steps/d", .step(.skipped))
        try written.say(.journey, "steps/d", .step(.completed))
        let findings = written.findings()
        #expect(findings.map(\.kind) == [.changed, .changed, .agreed, .conflict])
        #expect(findings.map(\.side) == [.workflow, .journey, nil, nil])
        #expect(findings[3].journeyOrigin?.position == GlobalPosition(8))
        #expect(
            findings[3].description
                == "both sides have moved steps/d from started: the workflow to skipped, the journey to completed")
    }

    @Test func `what one side has no words for is told, and no divergence`() throws {
        var written = Written()
        try written.agree("status", .status(.running))
        try written.say(.workflow, "status", .status(.paused))
        try written.say(.journey, "status", .status(.running))
        try written.say(.workflow, "outputs/pay", FieldValue(["paid": true]))
        try written.say(.workflow, "steps/pay", .step(.skipped))
        let findings = written.findings()
        #expect(findings.map(\.kind) == [.told, .told, .told] && findings.allSatisfy { $0.side == .workflow })
        #expect(Comparison(written.sides).isConverged)
    }

    @Test func `the end of one side is a change although the other has another word for it`() throws {
        var written = Written()
        try written.agree("status", .status(.running))
        try written.say(.workflow, "status", .status(.failed))
        try written.say(.journey, "status", .status(.running))
        #expect(written.findings().map(\.kind) == [.changed])
        try written.say(.journey, "status", .status(.cancelled))
        #expect(written.findings().map(\.kind) == [.agreed] && written.findings().first?.side == .workflow)
        try written.say(.journey, "status", .status(.completed))
        #expect(written.findings().map(\.kind) == [.conflict])
    }

    @Test func `changes to different members of one value do not meet`() throws {
        var written = Written()
        try written.agree("variables/customer", FieldValue(["name": "Ada", "home": ["city": "Bern", "street": "A"]]))
        try written.say(
            .workflow, "variables/customer", FieldValue(["name": "Ada L.", "home": ["city": "Bern", "street": "A"]]))
        try written.say(
            .journey, "variables/customer",
            FieldValue(["home": ["street": "A", "city": "Basel"], "name": "Ada", "age": 36]))
        try written.agree("inputs/ask", FieldValue(["home": ["city": "Bern", "street": "A"]]))
        try written.say(.workflow, "inputs/ask", FieldValue(["home": ["city": "Bern", "street": "B"]]))
        try written.say(.journey, "inputs/ask", FieldValue(["home": ["city": "Basel", "street": "A"]]))
        let findings = written.findings().filter { $0.path.root == .variables }
        #expect(
            written.findings().filter { $0.path.root == .inputs }.map(\.path.description)
                == ["inputs/ask/home/city", "inputs/ask/home/street"])
        #expect(findings.map(\.path.description) == ["age", "home", "name"].map { "variables/customer/\($0)" })
        #expect(findings.map(\.side) == [.journey, .journey, .workflow] && findings.allSatisfy { $0.kind == .changed })
    }

    @Test func `the same member changed differently is a conflict, and so is one that was taken away`() throws {
        var written = Written()
        try written.agree("variables/v", FieldValue(["a": 1, "b": ["x": 1], "c": 1]))
        try written.say(.workflow, "variables/v", FieldValue(["a": 2, "b": 7, "c": 1]))
        try written.say(.journey, "variables/v", FieldValue(["a": 3, "b": ["x": 2]]))
        let findings = written.findings()
        #expect(findings.map(\.path.description) == ["variables/v/a", "variables/v/b", "variables/v/c"])
        #expect(findings.map(\.kind) == [.conflict, .conflict, .changed] && findings[2].side == .journey)
    }

    @Test func `numbers and objects are compared by what they mean, not by how they are spelled`() throws {
        let one = FieldValue(try JSONValue(text: #"{"b":1.0,"a":[1e2]}"#))
        #expect(one == FieldValue(try JSONValue(text: #"{"a":[100],"b":1}"#)))
    }

    @Test func `a wait that the conversation has passed, and a block without a state, are kinds of their own`() throws {
        var written = Written()
        try written.agree("steps/ask", .step(.started))
        try written.say(.workflow, "steps/ask", .step(.started))
        try written.say(.journey, "steps/ask", .step(.completed))
        try written.say(.workflow, "steps/note", .step(.completed))
        let findings = written.findings {
            $0.waitsAt = ElementID("ask")
            $0.mappedBlocks = [ElementID("ask")]
        }
        #expect(findings.map(\.kind) == [.waitPassed, .unmapped] && findings.map(\.side) == [.journey, .workflow])
        #expect(findings.map(\.isDivergence) == [true, false])
        written.base = Agreement()
        #expect(written.findings { $0.waitsAt = ElementID("ask") }.first?.kind == .waitPassed, "whatever was agreed on")
    }

    @Test func `what is sealed for whoever compares is not taken for equal, nor for a change`() throws {
        let sealed = FieldValue(["$erased": ["subject": "customer:1"]])
        #expect(sealed == .hidden)
        var written = Written()
        try written.agree("variables/v", FieldValue(1))
        try written.say(.workflow, "variables/v", .hidden)
        try written.say(.journey, "variables/v", FieldValue(1))
        #expect(written.findings().map(\.kind) == [.unreadable])
        try written.say(.journey, "variables/v", .hidden)
        #expect(written.findings().map(\.kind) == [.unreadable])
        try written.agree("variables/v", .hidden)
        #expect(written.findings().isEmpty)
    }

    @Test func `nor is what is sealed inside of data, while the rest of it is compared`() throws {
        func sealed(_ bytes: String) -> JSONValue {
            ["$sealed": ["subject": "customer:1", "key": "k", "ct": .string(bytes)]]
        }
        #expect(sealed("AA").isHidden)
        var written = Written()
        try written.agree("variables/v", FieldValue(["name": sealed("AA"), "city": "Rome"]))
        try written.say(.workflow, "variables/v", FieldValue(["name": sealed("AA"), "city": "Rome"]))
        try written.say(.journey, "variables/v", FieldValue(["name": sealed("BB"), "city": "Rome"]))
        #expect(written.findings().isEmpty)
        try written.say(.journey, "variables/v", FieldValue(["name": sealed("BB"), "city": "Bern"]))
        #expect(written.findings().map(\.path.description) == ["variables/v/city"])
        try written.say(.journey, "variables/v", FieldValue(["name": "Ada", "city": "Rome"]))
        #expect(written.findings().map(\.kind) == [.unreadable])
        try written.say(.journey, "variables/v", FieldValue([sealed("BB")]))
        #expect(written.findings().map(\.kind) == [.unreadable])
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `finds nothing about fields that nothing has happened to, and everything else once`(_ seed: UInt64) {
        var random = RandomSides(seed: seed)
        let sides = random.next()
        let findings = Comparison(sides).findings
        #expect(zip(findings, findings.dropFirst()).allSatisfy { $0.path < $1.path }, "each place once, in order")
        for finding in findings {
            let (workflow, journey) = (finding.workflow, finding.journey)
            #expect(workflow != finding.base || journey != finding.base, "\(finding)")
            if finding.kind == .changed { #expect(workflow != journey, "\(finding)") }
        }
    }
}
