import EventModel
import EventSourcing
import Ingest
import Logging
import PostgresDriver
import PostgresEventStore
import ReadModels

/// The whole way of a change, from a file to the read models and to a consumer of Kafka, with checks at every station.
struct Demo: Sendable {
    let settings: Deployment
    let report: DemoReport

    func run() async throws {
        try await migrate()
        report.heading("Workflow files become events")
        let workflows = try DemoWorkflow.all()
        let imports = try await OpenLog.forAppending(settings.database) { store in
            try await importAll(workflows, into: store)
        }
        guard let kafka = settings.kafka else { return }
        report.heading("Every event is published to \(kafka.topic) and folded into read models")
        let head = try await CatchUp(settings: settings).run(report)
        let copy = try await OpenLog.forReading(settings.database) { store in
            try await CopyComparison.run(store, kafka, through: head)
        }
        report.check(
            "an independent consumer of \(kafka.topic) found the \(head) events of the log, each once, in order, byte for byte",
            copy.flaw == nil,
            copy.flaw
                ?? "\(copy.places.count) events in \(copy.partitions) partitions, \(copy.ignored) repeated records ignored"
        )
        try await OpenLog.connection(settings.database) { connection in
            try await ViewComparison(imports: imports, head: head).run(on: connection, report)
        }
        if !report.asJSON { DemoTable.show(imports, copy) }
    }

    private func migrate() async throws {
        report.heading("The database gets this program's schema")
        let migrator = Migrator(try settings.database.postgres())
        let done = try await migrator.up()
        let status = try await migrator.status()
        report.check(
            "all \(status.count) migrations are applied", status.allSatisfy { $0.state == .applied },
            done.isEmpty ? "they were before" : "\(done.count) of them now")
    }

    private func importAll(_ workflows: [DemoWorkflow], into store: PostgresEventStore) async throws -> [WorkflowImport]
    {
        let importer = WorkflowImporter(into: store, actor: "demo")
        let changed = try await DemoWorkflow.changed(workflows)
        let isFirstRun = try await !Self.knows(changed, store)
        var latest: [WorkflowImport] = []
        for workflow in workflows {
            // On a later run the log holds the revision already, and the shipped file would be a step back.
            let file = !isFirstRun && workflow.name == changed.name ? changed : workflow
            latest.append(try await importer.run(try file.reading()))
        }
        report.check(
            "\(workflows.count) workflow files in \(Set(latest.map { $0.reading.format.rawValue }).count) formats are in the log",
            latest.count == workflows.count && latest.allSatisfy { $0.position > .start }, DemoTable.counts(latest))
        let revision = try await importer.run(try changed.reading())
        report.check(
            isFirstRun
                ? "a changed file becomes the next version of its stream"
                : "the changed file of the first run is known",
            revision.outcome == (isFirstRun ? .revised : .unchanged) && revision.version >= StreamVersion(2),
            "\(revision.stream) is \(revision.outcome.rawValue) at version \(revision.version)")
        latest = latest.map { $0.stream == revision.stream ? revision : $0 }
        try await repeatAll(workflows, changed, importer)
        return latest
    }

    private func repeatAll(
        _ workflows: [DemoWorkflow], _ changed: DemoWorkflow, _ importer: WorkflowImporter<PostgresEventStore>
    ) async throws {
        var again: [WorkflowImport] = []
        for workflow in workflows {
            again.append(try await importer.run(try (workflow.name == changed.name ? changed : workflow).reading()))
        }
        report.check(
            "importing all of them again appends nothing", again.allSatisfy { $0.outcome == .unchanged },
            DemoTable.counts(again))
    }

    private static func knows(_ workflow: DemoWorkflow, _ store: PostgresEventStore) async throws -> Bool {
        let stream = try StreamName(category: try Category("workflow"), key: try workflow.reading().id.text)
        return try await !store.read(StreamQuery(stream, from: StreamVersion(2), limit: 1)).events.isEmpty
    }
}
