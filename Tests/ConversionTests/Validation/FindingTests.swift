import Conversion
import EventModel
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("What validation finds") struct FindingTests {
    @Test(arguments: WorkflowCase.all) func `in a workflow is found where it is, and not where it is not`(
        _ it: WorkflowCase
    ) {
        let findings = WorkflowValidation.findings(of: it.bad)
        let found = findings.filter { $0.code == it.code && "\($0.place)" == it.place }
        #expect(found.map(\.severity) == [it.severity], "\(findings)")
        #expect(found.allSatisfy { !$0.message.isEmpty && !$0.message.hasSuffix(".") })
        let elsewhere = WorkflowValidation.findings(of: it.good).filter { $0.code == it.code }
        #expect(elsewhere.isEmpty, "\(elsewhere)")
    }

    @Test(arguments: JourneyCase.all) func `in a journey is found where it is, and not where it is not`(
        _ it: JourneyCase
    ) {
        let findings = JourneyValidation.findings(of: it.bad)
        let found = findings.filter { $0.code == it.code && "\($0.place)" == it.place }
        #expect(found.map(\.severity) == [it.severity], "\(findings)")
        let elsewhere = JourneyValidation.findings(of: it.good).filter { $0.code == it.code }
        #expect(elsewhere.isEmpty, "\(elsewhere)")
    }

    @Test func `has a case for every code`() {
        let tested = Set(WorkflowCase.all.map(\.code) + JourneyCase.all.map(\.code) + [.journeySharedStateID])
        let ofFiles = FindingCode.allCases.filter { $0.rawValue.hasPrefix("file.") }
        #expect(Set(FindingCode.allCases).subtracting(tested) == Set(ofFiles))
    }

    @Test func `has stable names`() {
        for code in FindingCode.allCases {
            let parts = code.rawValue.split(separator: ".")
            #expect(parts.count == 2 && ["file", "workflow", "journey"].contains(parts[0]))
            #expect(parts[1].utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x5F })
        }
        #expect(FindingCode.allCases.count == 72)
    }

    @Test(arguments: [Judged.block("n", "note"), Judged.block("n", isEnabled: false)])
    func `does not walk through what no execution passes`(_ between: Block) {
        let workflow = Judged.workflow(
            [Judged.block("s", "start_trigger"), between, Judged.block("behind")],
            [Judged.edge("s", "n"), Judged.edge("n", "behind")])
        let unreachable = WorkflowValidation.findings(of: workflow).filter { $0.code == .workflowUnreachableBlock }
        #expect(unreachable.map { "\($0.place)" } == ["$.blocks.behind"])
    }

    @Test func `of what could be read of a workflow does not hold against it what may be there`() {
        let part = WorkflowDefinition(
            blocks: [Judged.block("a", inputs: ["x": "<before.output>"]), Judged.block("r", "router")],
            edges: [Judged.edge("a", "behind")])
        let findings = WorkflowValidation.findings(of: part, scope: .readable)
        let all = WorkflowValidation.findings(of: part)
        #expect(findings.count < all.count && findings.allSatisfy(all.contains))
        #expect(!findings.contains { $0.code == .workflowDanglingEdge })
    }

    @Test func `is everything at once`() {
        let workflow = Judged.workflow(
            [Judged.block("a", parent: "gone"), Judged.block("b", "Bad Type", inputs: ["x": "<no.where>"])],
            [Judged.edge("a", "a"), Judged.edge("b", "nobody")])
        let codes = Set(WorkflowValidation.findings(of: workflow).map(\.code))
        #expect(
            codes == [
                .workflowMissingParent, .workflowMalformedType, .workflowUnknownReference, .workflowSelfEdge,
                .workflowDanglingEdge, .workflowUnreachableBlock,
            ])
    }

    @Test func `of a part of a workflow does not hold against it what lies outside`() {
        let part = WorkflowDefinition(
            blocks: [Judged.block("a", inputs: ["x": "<before.output>"])], edges: [Judged.edge("a", "behind")])
        #expect(WorkflowValidation.findings(of: part).hasErrors)
        let findings = WorkflowValidation.findings(of: part, scope: .fragment)
        #expect(findings.count == 3 && findings.allSatisfy { $0.severity == .remark })
        let broken = WorkflowDefinition(blocks: [Judged.block("a", "No Type")], edges: [])
        #expect(WorkflowValidation.findings(of: broken, scope: .fragment).hasErrors)
    }

    @Test func `among journeys are states that share an id`() throws {
        let ids = try ["one", "two", "three"].map { try #require(JourneyID($0)) }
        let other = Judged.journey([Judged.state("z")], [Judged.way("r", "z"), Judged.way("z", "end")])
        let findings = JourneyValidation.sharedStates(among: [
            (ids[0], Judged.sound), (ids[1], other), (ids[2], Judged.sound),
        ])
        #expect(findings.map { $0.map(\.code) } == [[.journeySharedStateID], [], [.journeySharedStateID]])
        #expect(findings[0][0].message.contains("three") && "\(findings[0][0].place)" == "$.nodes.a")
        // Two files of one journey are two versions of it.
        let same = JourneyValidation.sharedStates(among: [(ids[0], Judged.sound), (ids[0], Judged.sound)])
        #expect(same == [[], []])
    }

    @Test func `from a reader keeps the place in the file`() {
        let problem = Finding(WorkflowProblem(.duplicateID("a", first: .root["blocks"]["a"]), at: .root["blocks"]["b"]))
        #expect(
            problem.code == .workflowDuplicateID && problem.severity == .error && "\(problem.place)" == "$.blocks.b")
        #expect(Finding(WorkflowWarning(.selfEdge, at: .root)).code == .workflowSelfEdge)
        #expect(Finding(JourneyProblem(.unknownRoot("r"), at: .root)).code == .journeyMissingStart)
        #expect(Finding(JourneyWarning(.unknownKind("x"), at: .root)).severity == .warning)
        #expect(
            WorkflowWarning(.missingName, at: .root).isOfFileOnly && !WorkflowWarning(.selfEdge, at: .root).isOfFileOnly
        )
    }
}

@Suite("References in texts") struct SimReferenceTests {
    @Test(arguments: [
        ("<start.input>", ["<start.input>"]), ("x<a.b>y<c.d.e[0]>z", ["<a.b>", "<c.d.e[0]>"]), ("<start>", ["<start>"]),
        ("<My Block.content>", ["<My Block.content>"]), ("a < b > c", []), ("a <b> c", ["<b>"]), ("1 <2> 3", []),
        ("a<b && c>d", ["<b && c>"]), ("<a.b c>", []), ("<>", []), ("< a.b>", []), ("<<a.b>>", ["<a.b>"]), ("<a.b", []),
        ("a.b>", []), ("<a.b+1>", []), ("</div>", []), ("{{SECRET}}", []), ("<a=b.c>", []),
        ("if x <= <a.b> then", ["<a.b>"]),
    ]) func `are what Sim takes for one`(_ text: String, _ references: [String]) {
        #expect(SimReference.all(in: text).map(\.text) == references)
    }

    @Test func `are compared without case and space`() {
        #expect(BlockName.normalized(" My\tBlock 1\u{a0}") == "myblock1")
        #expect(SimReference.all(in: "<My Block.x>").first?.normalizedName == "myblock")
    }

    @Test func `are found in linear time of hostile text`() {
        let text = String(repeating: "<a.", count: 200_000) + String(repeating: ">", count: 200_000)
        #expect(SimReference.all(in: text).map(\.text) == ["<a.>"])
    }
}
