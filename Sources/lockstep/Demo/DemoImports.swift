import EventModel
import EventSourcing
import Ingest
import WorkflowDomain

/// Imports the built-in workflows, one of them changed, and everything once more.
struct DemoImports: Sendable {
    /// Who appends, as it is recorded; by this the demonstration knows its own events.
    static let actor = "demo"

    private let workflows: [DemoWorkflow]
    private let store: SealedLog
    private let importer: WorkflowImporter<SealedLog>

    init(_ workflows: [DemoWorkflow], into store: SealedLog) {
        self.workflows = workflows
        self.store = store
        importer = WorkflowImporter(into: store, actor: Self.actor)
    }

    /// - Returns: the newest event of each workflow, in the order of the files.
    func run(_ report: DemoReport) async throws -> [WorkflowImport] {
        let changed = try await DemoWorkflow.changed(workflows)
        let isFirstRun = try await !knows(changed)
        var latest: [WorkflowImport] = []
        for workflow in workflows {
            // On a later run the log holds the revision already, and the shipped file would be a step back.
            let file = !isFirstRun && workflow.name == changed.name ? changed : workflow
            latest.append(try await importer.run(try file.reading()))
        }
        report.check(
            "\(workflows.count) workflow files in \(Set(latest.map { $0.reading.format.rawValue }).count) formats are in the log",
            latest.count == workflows.count && latest.allSatisfy { $0.position > .start },
            isFirstRun ? DemoTable.counts(latest) : "an earlier run has imported them")
        let revision = try await importer.run(try changed.reading())
        report.check(
            isFirstRun
                ? "\(changed.name) was changed: that is a new version of the same stream"
                : "the changed \(changed.name) of the first run is known",
            revision.outcome == (isFirstRun ? .revised : .unchanged) && revision.version >= StreamVersion(2),
            "\(revision.stream) is \(revision.outcome.rawValue) at version \(revision.version), position \(revision.position)"
        )
        latest = latest.map { $0.stream == revision.stream ? revision : $0 }
        try await importAgain(changed, report)
        return latest
    }

    private func importAgain(_ changed: DemoWorkflow, _ report: DemoReport) async throws {
        let before = try await store.head().position
        var again: [WorkflowImport] = []
        for workflow in workflows {
            again.append(try await importer.run(try (workflow.name == changed.name ? changed : workflow).reading()))
        }
        let after = try await store.head().position
        report.check(
            "importing all of them again appends nothing",
            before == after && again.allSatisfy { $0.outcome == .unchanged },
            "\(DemoTable.counts(again)), the log ends at position \(after) as before")
    }

    /// Whether this is what the log holds of the workflow now.
    private func knows(_ workflow: DemoWorkflow) async throws -> Bool {
        let reading = try workflow.reading()
        let state = try await JointHandler(store).state(
            of: try DemoStream.workflow(reading.id.text), by: WorkflowDecider.self)
        guard case .present(let current) = state else { return false }
        return current.digest == reading.digest
    }
}
