import Conversion
import Converting
import EventModel
import EventSourcing
import Ingest
import JourneyDomain
import WorkflowDomain

/// A workflow of the demonstration as a journey, as the log has it.
struct DemoConversion: Sendable {
    /// The name of the workflow's file.
    let file: String
    let workflow: WorkflowDefinition
    let journey: JourneyDefinition
    let mapping: Mapping
    /// The number of the mapping among those of its workflow.
    let version: Int

    /// What an execution of the workflow pins.
    var pin: MappingPin { MappingPin(mapping: mapping.workflowID, version: version) }
}

/// Converts every workflow into a journey, goes the way back, and asks for all of it once more.
struct DemoConversions: Sendable {
    let workflows: [DemoWorkflow]
    let imports: [WorkflowImport]
    let store: SealedLog

    func run(_ report: DemoReport) async throws -> [DemoConversion] {
        let answers = try await convertAll()
        var conversions: [DemoConversion] = []
        for (imported, (workflow, answer)) in zip(imports, zip(workflows, answers)) {
            conversions.append(try await read(workflow.name, imported.reading.id.text, answer.completed))
        }
        let isNew = answers.contains { $0.outcome == .converted }
        let tally = ConversionTally(answers.map(\.completed.report))
        report.check(
            "\(conversions.count) workflows are journeys now: \(tally.sizes)",
            answers.count == workflows.count && !answers.isEmpty,
            isNew ? tally.withoutForm : "an earlier run has converted them; \(tally.withoutForm)")
        let lost = try conversions.filter { try !Self.comesBack($0) }.map(\.file)
        report.check(
            "each journey, turned back, is the workflow that it came from", lost.isEmpty,
            lost.isEmpty
                ? "\(conversions.count) definitions are equal, down to the last setting of a block"
                : "different: \(lost.joined(separator: ", "))")
        try await convertAgain(report)
        return conversions
    }

    private func convertAll() async throws -> [ConversionAnswer] {
        let service = ConversionService(store, actor: DemoImports.actor)
        var answers: [ConversionAnswer] = []
        for imported in imports {
            answers.append(try await service.run(ConversionRequest(.toJourney, of: imported.reading.id.text)))
        }
        return answers
    }

    private func convertAgain(_ report: DemoReport) async throws {
        let before = try await store.head().position
        let again = try await convertAll()
        let after = try await store.head().position
        report.check(
            "converting all of them again appends nothing",
            before == after && again.allSatisfy { $0.outcome == .unchanged },
            "\(again.count { $0.outcome == .unchanged }) unchanged, the log ends at position \(after) as before")
    }

    /// What the streams hold of a conversion.
    private func read(_ file: String, _ id: String, _ completed: ConversionCompleted) async throws -> DemoConversion {
        let streams = JointHandler(store)
        let workflow = try await streams.state(of: try DemoStream.workflow(id), by: WorkflowDecider.self)
        let journey = try await streams.state(of: try DemoStream.journey(completed.resultID), by: JourneyDecider.self)
        let mappings = try await streams.state(of: try DemoStream.mapping(id), by: MappingDecider.self)
        guard case .present(let current) = workflow, case .defined(let standing) = journey,
            let mapping = mappings.version(completed.mappingVersion)?.mapping
        else {
            throw Failure(
                .no, "the conversion of \(id) is recorded, and its journey or its mapping is not in the log",
                hint: "run `lockstep audit verify`")
        }
        return DemoConversion(
            file: file, workflow: current.definition, journey: standing.content.definition, mapping: mapping,
            version: completed.mappingVersion)
    }

    private static func comesBack(_ conversion: DemoConversion) throws -> Bool {
        let back = try JourneyToWorkflow.convert(conversion.journey, id: conversion.mapping.journeyID)
        return back.workflow == conversion.workflow && back.workflowID == conversion.mapping.workflowID
    }
}

/// The streams that the demonstration looks into.
enum DemoStream {
    static func workflow(_ id: String) throws -> StreamName { try name(WorkflowEvent.category, id) }
    static func journey(_ id: String) throws -> StreamName { try name(JourneyEvent.category, id) }
    static func mapping(_ id: String) throws -> StreamName { try name(MappingEvent.category, id) }
    static func execution(_ id: String) throws -> StreamName { try name(ExecutionEvent.category, id) }
    /// A conversation.
    static func conversation(_ id: String) throws -> StreamName { try name(ParlantSessions.category, id) }
    /// The journey's side of an execution.
    static func session(_ execution: String) throws -> StreamName { try name(JourneySessions.category, execution) }

    private static func name(_ category: String, _ key: String) throws -> StreamName {
        try StreamName(category: Category(category), key: key)
    }
}

/// What conversions have counted, together.
private struct ConversionTally {
    private var states = 0
    private var transitions = 0
    private var blocks = 0
    private var edges = 0
    private var remarks: [String: Int] = [:]

    init(_ reports: [JSONValue]) {
        for report in reports {
            func count(_ name: String) -> Int { report["counts"]?[name]?.int ?? 0 }
            blocks += count("blocks")
            edges += count("edges")
            states += count("states")
            transitions += count("transitions")
            for remark in report["remarks"]?.array ?? [] { remarks[remark["code"]?.string ?? "other", default: 0] += 1 }
        }
    }

    var sizes: String { "\(blocks) blocks ⇄ \(states) states, \(edges) edges ⇄ \(transitions) transitions" }

    var withoutForm: String {
        let parts = remarks.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { code, count in
            "\(count) \(code.replacing("_", with: " "))\(count == 1 ? "" : "s")"
        }
        guard !parts.isEmpty else { return "everything has a native form" }
        return "without a native form, and kept all the same: \(parts.joined(separator: ", "))"
    }
}
