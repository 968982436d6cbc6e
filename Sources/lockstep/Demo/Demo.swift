import Audit
import EventModel
import EventSourcing
import Ingest
import Logging
import PostgresDriver
import PostgresEventStore

/// The whole way of a change, from a file to the read models and to a consumer of Kafka, with checks at every station.
struct Demo: Sendable {
    let settings: Deployment
    let kafka: KafkaSettings
    let report: DemoReport

    /// - Parameter isBesideOthers: whether the log may hold events that are not the demonstration's.
    func run(besideOthers isBesideOthers: Bool) async throws {
        report.say("The log:  \(try settings.database.postgres())")
        report.say("The copy: Kafka at \(kafka.bootstrap), topic \(kafka.topic)")
        // What is missing is said before anything is appended.
        try await Readiness(settings, logger: Logger(label: "lockstep.demo")).confirm(kafka)
        if !isBesideOthers { try await UsedLog.refuse(settings.database) }
        try await migrate()
        report.heading("Workflow files become events")
        let workflows = try DemoWorkflow.all()
        let imports = try await OpenLog.forAppending(settings.database) { store in
            let imports = try await DemoImports(workflows, into: store).run(report)
            report.heading("What must not happen does not happen")
            try await ConflictCheck(imports: imports).run(on: store, report)
            return imports
        }
        try await OpenLog.connection(settings.database) { connection in
            try await ImmutabilityCheck.run(on: connection, report)
        }
        report.heading("Every event is published to \(kafka.topic), folded into read models, and digested")
        let head = try await CatchUp(settings: settings).run(report)
        let copy = try await compareCopy(through: head)
        let rows = try await OpenLog.connection(settings.database) { connection in
            try await ViewComparison(imports: imports, head: head).run(on: connection, report)
        }
        try await verify()
        if !report.asJSON { DemoTable.show(workflows.map(\.name), imports, copy, rows) }
        report.summarise()
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

    private func compareCopy(through head: GlobalPosition) async throws -> CopyComparison {
        let copy = try await OpenLog.forReading(settings.database) { store in
            try await CopyComparison.run(store, kafka, through: head)
        }
        report.check(
            "an independent consumer of \(kafka.topic) found the \(head) events of the log, each once, in order, byte for byte",
            copy.flaw == nil,
            copy.flaw
                ?? "\(copy.places.count) records in \(copy.partitions) partitions, \(copy.ignored) repeated records ignored"
        )
        return copy
    }

    /// The verification that `lockstep audit verify` makes.
    private func verify() async throws {
        report.heading("The log is what was written")
        let found = try await OpenLog.forReading(settings.database) { try await LogVerifier($0).verify() }
        report.check(
            "\(found.events) events in \(found.streams) streams have the digests that were recorded",
            found.isSound && found.digestsCompared > 0,
            found.findings.first?.description ?? "recorded digests that agree: \(found.digestsCompared)"
        )
    }
}
