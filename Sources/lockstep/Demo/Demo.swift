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
    /// What there is of engines to work with; `nil` where none is named.
    let engines: DemoEngineOptions?
    let report: DemoReport

    /// - Parameter isBesideOthers: whether the log may hold events that are not the demonstration's.
    func run(besideOthers isBesideOthers: Bool) async throws {
        report.say("The log:  \(try settings.database.postgres())")
        report.say("The copy: Kafka at \(kafka.bootstrap), topic \(kafka.topic)")
        // What is missing is said before anything is appended.
        guard try settings.database.sealing.masterKeys() != nil else {
            throw Failure(
                .environment, "people's data is sealed, and no master key is configured to seal it with",
                hint: "`lockstep keys generate > master.keys`, then set LOCKSTEP_MASTER_KEY_FILE to that file")
        }
        try await Readiness(settings, logger: Logger(label: "lockstep.demo")).confirm(kafka)
        if !isBesideOthers { try await UsedLog.refuse(settings.database) }
        try await migrate()
        let workflows = try DemoWorkflow.all()
        let recordings = try DemoRecording.all()
        let (imports, conversions) = try await fill(workflows, recordings)
        report.heading("Every event is published to \(kafka.topic), folded into read models, and digested")
        let head = try await CatchUp(settings: settings).run(report)
        let copy = try await compareCopy(through: head)
        let rows = try await OpenLog.forReading(settings.database) { store in
            try await OpenLog.connection(settings.database) { connection in
                try await ViewComparison(imports: imports, head: head).run(on: connection, against: store, report)
            }
        }
        let (pairs, walks) = try await compareSides(recordings, conversions)
        try await protect(workflows, recordings, copy)
        let lastWords = try await workOnEngines(conversions)
        try await verify()
        if !report.asJSON {
            DemoTable.show(workflows.map(\.name), imports, copy, rows)
            SideBySide.show(pairs)
            walks.first { $0.conversion.file == Self.shownClosely }.map { StepTable(walk: $0).show() }
            try await lastWords?.say()
        }
        report.summarise()
    }

    /// The workflow whose execution is shown step by step, and whose customer an erasure is surveyed for.
    private static let shownClosely = "demo_refund_export.json"

    /// Everything that is appended.
    private func fill(
        _ workflows: [DemoWorkflow], _ recordings: [DemoRecording]
    ) async throws -> ([WorkflowImport], [DemoConversion]) {
        report.heading("Workflow files become events")
        let filled = try await OpenLog.forAppendingRaw(settings.database) { store in
            let log = try SealedLog(store, settings.database.sealing)
            let imports = try await DemoImports(workflows, into: log).run(report)
            report.heading("Workflows become journeys, and nothing is lost on the way")
            let conversions = try await DemoConversions(workflows: workflows, imports: imports, store: log).run(report)
            report.heading("Sim tells of executions, Parlant of conversations")
            try await DemoIngest(recordings: recordings, conversions: conversions, log: log, ledger: store).run(report)
            report.heading("What must not happen does not happen")
            try await ConflictCheck(imports: imports).run(on: log, report)
            return (imports, conversions)
        }
        try await OpenLog.connection(settings.database) { connection in
            try await ImmutabilityCheck.run(on: connection, report)
        }
        return filled
    }

    /// Many executions on two engines at once.
    private func workOnEngines(_ conversions: [DemoConversion]) async throws -> DemoLastWords? {
        guard let engines else {
            report.say("")
            report.say(
                "Left out: many executions on two engines at once, because LOCKSTEP_SIM_URL and LOCKSTEP_PARLANT_URL name none. tools/demo starts stand-ins for both."
            )
            return nil
        }
        guard let conversion = conversions.first(where: { $0.file == EnginesDemo.workflowFile }) else { return nil }
        return try await EnginesDemo(options: engines, kafka: kafka, conversion: conversion, report: report).run()
    }

    /// Both sides of every recorded execution, from the read models and from the log.
    private func compareSides(
        _ recordings: [DemoRecording], _ conversions: [DemoConversion]
    ) async throws -> ([SidePair], [DemoWalk]) {
        report.heading("Executions and conversations are in step")
        let runs = try recordings.map(DemoRun.init)
        let walks = try await OpenLog.forReading(settings.database) { store in
            var walks: [DemoWalk] = []
            for run in runs {
                guard let conversion = conversions.first(where: { $0.file == run.workflow }) else { continue }
                walks.append(try await .read(run.execution, session: run.session, conversion, from: store))
            }
            return walks
        }
        let sides = SideBySide(executions: runs.map(\.execution))
        let pairs = try await OpenLog.connection(settings.database) { try await sides.read(on: $0) }
        sides.compare(pairs, walks, report)
        try OrderCheck(recordings: recordings, walks: walks).run(report)
        return (pairs, walks)
    }

    private func protect(
        _ workflows: [DemoWorkflow], _ recordings: [DemoRecording], _ copy: CopyComparison
    ) async throws {
        report.heading("What people said stays theirs")
        guard let surveyed = recordings.first(where: { $0.workflow == Self.shownClosely }) else {
            throw Failure(
                .internal, "this program carries no recording of \(Self.shownClosely)",
                hint: "build it from a complete checkout")
        }
        let check = try PrivacyCheck(recordings, besides: workflows, surveying: surveyed)
        try await OpenLog.forReading(settings.database) { store in
            let opened = try SealedLog(store, settings.database.sealing)
            try await OpenLog.connection(settings.database) { connection in
                try await check.run(topic: copy.values, sealed: store, opened: opened, on: connection, report)
            }
        }
    }

    private func migrate() async throws {
        report.heading("The database gets this program's schema")
        let migrator = Migrator(try settings.database.postgres())
        let done = try await SchemaUpgrade.up(try settings.database.postgres())
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
