import Conversion
import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("Validation of whole definitions") struct JudgedWorkflowsTests {
    @Test(arguments: UInt64(1)...100) func `a well-formed workflow has no errors and no warnings`(_ seed: UInt64) {
        var maker = WellFormedWorkflow(seed: seed)
        let findings = WorkflowValidation.findings(of: maker.workflow()).filter { $0.severity > .remark }
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test(arguments: UInt64(1)...200) func `whatever a workflow holds, it is judged`(_ seed: UInt64) {
        var maker = HostileDefinitions(seed: seed)
        let workflow = maker.workflow()
        let findings = WorkflowValidation.findings(of: workflow)
        #expect(findings == WorkflowValidation.findings(of: workflow))
        // Nothing is left out of what the reader warns of, where it reads such a definition at all.
        if let reading = try? WorkflowFile.read(workflow.canonicalBytes(), name: "x.json") {
            let codes = Set(findings.map(\.code))
            for warning in reading.warnings where !warning.isOfFileOnly {
                let code = Finding(warning).code
                let isFound =
                    codes.contains(code) || (code == .workflowCycle && codes.contains(.workflowCycleInsideLoop))
                #expect(isFound, "\(warning)")
            }
        }
    }

    @Test(arguments: UInt64(1)...200) func `whatever a journey holds, it is judged`(_ seed: UInt64) {
        var maker = HostileDefinitions(seed: seed)
        let journey = maker.journey()
        #expect(JourneyValidation.findings(of: journey) == JourneyValidation.findings(of: journey))
    }

    @Test func `ten thousand blocks in a line, a ring, a star and a nest are judged in linear time`() {
        let count = 10_000
        let ids = (0..<count).map { ElementID("b\($0)") }
        let blocks = ids.map { Judged.block($0, name: "N\($0)", inputs: ["x": "<start.input>"]) }
        let line = zip([ElementID("start")] + ids, ids).map { Judged.edge($0, $1) }
        let codes = { (workflow: WorkflowDefinition) in
            Set(WorkflowValidation.findings(of: workflow).filter { $0.severity > .remark }.map(\.code))
        }
        #expect(codes(Judged.workflow(blocks, line)) == [.workflowLimitExceeded])
        let ring = line + [Judged.edge(ids[count - 1], ids[0])]
        #expect(codes(Judged.workflow(blocks, ring)) == [.workflowLimitExceeded, .workflowCycle])
        let star = ids.map { Judged.edge("start", $0) }
        #expect(codes(Judged.workflow(blocks, star)) == [.workflowLimitExceeded])
        let nest = ids.enumerated().map {
            Judged.block($1, "loop", name: "N\($1)", parent: $0 == 0 ? nil : ids[$0 - 1].text)
        }
        #expect(codes(Judged.workflow(nest)).contains(.workflowLimitExceeded))
    }

    @Test func `ten thousand states in a ring are judged in linear time`() {
        let ids = (0..<10_000).map { ElementID("s\($0)") }
        let ways = zip([ElementID("r")] + ids, ids).map { Judged.way($0, $1) } + [Judged.way(ids[9_999], ids[0])]
        let codes = Set(JourneyValidation.findings(of: Judged.journey(ids.map { Judged.state($0) }, ways)).map(\.code))
        #expect(codes == [.journeyLimitExceeded, .journeyNoWayToEnd])
    }
}

/// Our demonstrations, and real workflows of other people where they lie beside the checkout.
@Suite("Validation of files") struct JudgedFilesTests {
    static let demonstrations = files(ProjectFiles.demonstrations)
    static let samples = files(RealWorkflows.directory)

    static func files(_ directory: String) -> [String] {
        ((try? ProjectFiles.names(in: directory)) ?? []).filter { !$0.hasSuffix(".tsv") && !$0.hasSuffix(".md") }.map {
            directory + "/" + $0
        }
    }

    private func reading(_ path: String) throws -> WorkflowReading {
        try WorkflowFile.read(try ProjectFiles.bytes(path), name: path)
    }

    @Test(arguments: demonstrations) func `our demonstrations have no errors and no warnings`(_ path: String) throws {
        let findings = WorkflowValidation.findings(of: try reading(path).definition)
        #expect(findings.filter { $0.severity > .remark }.isEmpty, "\(findings)")
    }

    /// What is wrong in Sim's own files is wrong on purpose, or because a fixture is a torn-out piece.
    @Test(.enabled(if: !samples.isEmpty)) func `Sim's own workflows have errors only where they are broken`() throws {
        var broken: [String: Set<FindingCode>] = [:]
        for path in Self.samples {
            guard let reading = try? reading(path) else { continue }
            let scope: WorkflowValidation.Scope = reading.format == .yamlFragment ? .fragment : .whole
            let errors = WorkflowValidation.findings(of: reading.definition, scope: scope).filter {
                $0.severity == .error
            }
            if !errors.isEmpty { broken[reading.sourceName] = Set(errors.map(\.code)) }
        }
        #expect(
            broken == [
                // Handles made up to test how edge ids are joined.
                "test__change-set-4.json": [.workflowUnknownHandle],
                // The block that the edge enters is left out on purpose.
                "test__condition-handler-3.json": [.workflowDanglingEdge],
                // Made to be found by Sim's own lint.
                "test__lint-2.json": [.workflowDanglingEdge, .workflowUnknownHandle],
                // The child of the loop does not say that it is one.
                "test__lint-7.json": [.workflowCrossesContainer],
            ])
    }
}
