import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials
import Reconciler
import Reconciliation

/// `lockstep reconcile`.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Find executions whose two sides have decided differently, and settle that, on the record.",
        discussion: """
            The workflow and the journey of an execution are held against what both agreed on last. What one side alone has changed is passed on \
            to the other; what both have changed is decided by a policy, or by a person. Every decision is an event of reconciliation-<execution> \
            with both sides, the rule and the loser. What the sides are told is carried out by `lockstep serve --roles reconciler`.

            Examples:
              lockstep reconcile run --dry-run
              lockstep reconcile run --execution run-17
              lockstep reconcile status
              lockstep reconcile explain run-17 --field variables/amount
              lockstep reconcile resolve run-17 CONFLICT --take journey
              lockstep reconcile flip run-17 RESOLUTION --dry-run
              lockstep reconcile what-if house.yaml run-17
              lockstep reconcile drift
            """,
        subcommands: [
            ReconcileRunCommand.self, ReconcileStatusCommand.self, ReconcileExplainCommand.self,
            ReconcileResolveCommand.self, ReconcileFlipCommand.self, ReconcileWhatIfCommand.self,
            ReconcileDriftCommand.self,
        ])
}

/// What every verb of reconciliation is told.
struct ReconcilingOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Option(
        name: .long,
        help:
            "A policy's file besides the default policy; may be given several times. Default: LOCKSTEP_RECONCILER_POLICIES."
    )
    var policy: [String] = []
    @Option(name: .long, help: "Who decides, as it is recorded. Default: operator.")
    var actor: String = "operator"

    func tenant() throws(Failure) -> Workspace {
        do throws(NameFlaw) {
            return try workspace.map { text throws(NameFlaw) in try Workspace(text) } ?? .default
        } catch {
            throw Failure(.usage, describing: error.description, otherwise: "check --workspace")
        }
    }

    func key(_ execution: String) throws(Failure) -> ExecutionKey {
        do throws(NameFlaw) {
            for category in ReconcilingRoom.categories {
                _ = try StreamName(category: Category(category), key: execution)
            }
        } catch {
            throw Failure(.usage, describing: error.description, otherwise: "name an execution")
        }
        return ExecutionKey(workspace: try tenant(), execution: execution)
    }

    func room<R: Sendable>(_ body: sending (ReconcilingRoom) async throws -> R) async throws -> R {
        try checkActor()
        let source = try await database.source()
        let files = policy.isEmpty ? source.list("reconciler.policies") ?? [] : policy
        return try await ReconcilingRoom.with(
            try await database.settings(), policies: try PolicyBook.read(files), actor: actor, body)
    }

    /// - Parameter verb: which verb of reconciliation tells such ids.
    static func id(_ text: String, of thing: String, toldBy verb: String) throws(Failure) -> UUID {
        guard let id = UUID(uuidString: text) else {
            throw Failure(
                .usage, "\"\(Table.printable(text, cutAt: 60))\" is no id of a \(thing)",
                hint: "see `lockstep reconcile \(verb)`")
        }
        return id
    }

    /// Every event would be refused otherwise.
    private func checkActor() throws(Failure) {
        guard (1...AppendLimits.actorBytes).contains(actor.utf8.count),
            !actor.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else {
            throw Failure(
                .usage, "--actor must have 1 to \(AppendLimits.actorBytes) bytes and no control characters",
                hint: "see `lockstep reconcile --help`")
        }
    }
}

/// `lockstep reconcile run`.
struct ReconcileRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Compare executions and record what follows.",
        discussion: """
            Without --execution every execution is looked at of which a side can still move, as the read model sync_state shows. With --dry-run \
            nothing is recorded. It may be run at any time, beside serving processes and again: nothing is decided twice. Status 1 when something \
            differs that is neither agreed on nor accepted, or when nothing was heard of an execution that was named.

            Examples:
              lockstep reconcile run --dry-run
              lockstep reconcile run --execution run-17 --execution run-18 --json
            """)

    @OptionGroup var options: ReconcilingOptions
    @Option(name: .long, help: "This execution; may be given several times.")
    var execution: [String] = []
    @Flag(name: .long, help: "Only show what would be recorded.")
    var dryRun = false

    func run() async throws {
        let keys = try execution.map { try options.key($0) }
        let tenant = options.workspace == nil ? nil : try options.tenant()
        var tally = ReconcilingTally()
        tally = try await options.room { room in
            var tally = ReconcilingTally()
            for key in keys {
                try await room.know(key)
                try await look(key, room, &tally)
            }
            if keys.isEmpty { try await room.forEachOpen(in: tenant) { try await look($0, room, &tally) } }
            return tally
        }
        if options.answer.json { tally.line(isDryRun: dryRun) } else { tally.show(isDryRun: dryRun) }
        guard tally.differing == 0 else { throw AnsweredNo() }
    }

    private func look(_ key: ExecutionKey, _ room: ReconcilingRoom, _ tally: inout ReconcilingTally) async throws {
        let report = dryRun ? try await room.desk.preview(key) : try await room.desk.examine(key)
        let answer = ExecutionAnswer(report: report, isDryRun: dryRun)
        tally.add(answer)
        // Of many, only those that there is something to say about.
        guard !execution.isEmpty || answer.standing != .converged || report.positions != nil else { return }
        if options.answer.json { answer.line() } else { answer.show(.output) }
    }
}

/// How many executions stand how.
struct ReconcilingTally: Sendable {
    private(set) var executions = 0
    private(set) var counts: [ExecutionAnswer.Standing: Int] = [:]
    private(set) var resolutions = 0
    private(set) var effects = 0

    var differing: Int { executions - counts[.converged, default: 0] }

    mutating func add(_ answer: ExecutionAnswer) {
        executions += 1
        counts[answer.standing, default: 0] += 1
        resolutions += answer.resolutions.count
        effects += answer.effects.count
    }

    func line(isDryRun: Bool) {
        Answers.object { answer in
            answer.member("executions", executions)
            answer.member("converged", counts[.converged, default: 0])
            answer.member("under_way", counts[.underWay, default: 0])
            answer.member("held", counts[.held, default: 0])
            answer.member("queued", counts[.queued, default: 0])
            answer.member("resolutions", resolutions)
            answer.member("effects", effects)
            answer.member("dry_run", isDryRun)
        }
    }

    func show(isDryRun: Bool) {
        StandardOutput.shared.write(text(Style.output, isDryRun: isDryRun))
    }

    /// One line, with what there is of it.
    func text(_ style: Style, isDryRun: Bool) -> String {
        guard executions > 0 else {
            return "No execution is open. One that is not projected yet is named by --execution."
        }
        let stand = [
            (ExecutionAnswer.Standing.converged, "converged"),
            (.underWay, isDryRun ? "would be brought together" : "being brought together"), (.held, "held"),
            (.queued, "waiting for a person"),
        ].compactMap { standing, word in counts[standing].map { "\($0) \(word)" } }
        return
            "\(style.strong(Counted.of(executions, "execution"))): \(stand.joined(separator: ", ")); \(Counted.of(resolutions, "decision")), \(Counted.of(effects, "effect"))\(isDryRun ? " (nothing was recorded)" : "")"
    }
}

/// `lockstep reconcile status`.
struct ReconcileStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the conflicts that wait for a person, and the effects that are under way.",
        discussion: """
            Status 1 when a conflict waits.

            Examples:
              lockstep reconcile status
              lockstep reconcile status --execution run-17 --json
            """)

    @OptionGroup var options: ReconcilingOptions
    @Option(name: .long, help: "This execution; may be given several times. Default: all open ones.")
    var execution: [String] = []

    func run() async throws {
        let keys = try execution.map { try options.key($0) }
        let tenant = options.workspace == nil ? nil : try options.tenant()
        let found = try await options.room { room in
            var found: [PendingWork] = []
            for key in keys {
                try await room.know(key)
                found += PendingWork.all(try await room.desk.preview(key))
            }
            if keys.isEmpty {
                try await room.forEachOpen(in: tenant) { found += PendingWork.all(try await room.desk.preview($0)) }
            }
            return found
        }
        if options.answer.json { found.forEach { $0.line() } } else { PendingWork.show(found) }
        guard !found.contains(where: \.isConflict) else { throw AnsweredNo() }
    }
}

/// A conflict that waits, or an effect that is under way.
struct PendingWork: Sendable {
    private enum Kind: Sendable {
        case conflict(QueuedConflict)
        case effect(Ledger.Pending)
    }

    private let key: ExecutionKey
    private let kind: Kind

    var isConflict: Bool { if case .conflict = kind { true } else { false } }

    static func all(_ report: ReconcilingDesk<SealedLog>.Report) -> [PendingWork] {
        report.ledger.queue.values.sorted { $0.finding.path < $1.finding.path }.map {
            PendingWork(key: report.key, kind: .conflict($0))
        } + report.ledger.pending.map { PendingWork(key: report.key, kind: .effect($0)) }
    }

    func line() {
        Answers.object { answer in
            answer.member("workspace", key.workspace.rawValue)
            answer.member("execution", key.execution)
            switch kind {
            case .conflict(let conflict): conflict.write(to: &answer)
            case .effect(let pending):
                pending.effect.write(to: &answer)
                answer.member("progress", pending.word)
            }
        }
    }

    static func show(_ found: [PendingWork]) {
        guard !found.isEmpty else { return StandardOutput.shared.write("Nothing waits, and nothing is under way.") }
        var table = Table([
            ("EXECUTION", .left), ("FIELD", .left), ("STATE", .left), ("WHEN", .left), ("CONFLICT OR EFFECT", .left),
            ("WHAT", .left),
        ])
        let style = Style.output
        for work in found {
            switch work.kind {
            case .conflict(let conflict):
                table.add([
                    .init(text: work.key.execution), .init(text: "\(conflict.finding.path)"),
                    .init(text: "waits", paint: style.bad), .init(text: "since \(conflict.at)"),
                    .init(text: conflict.id.text),
                    .init(text: conflict.reason.sentence),
                ])
            case .effect(let pending):
                table.add([
                    .init(text: work.key.execution),
                    .init(text: pending.effect.fields.map { "\($0)" }.joined(separator: ", ")),
                    .init(text: pending.word, paint: style.warning), .init(text: "until \(pending.effect.deadline)"),
                    .init(text: pending.effect.id.text),
                    .init(text: "\(pending.effect.side.rawValue): \(pending.effect.action.sentence)"),
                ])
            }
        }
        table.print()
        guard found.contains(where: \.isConflict) else { return }
        StandardOutput.shared.write(
            "\(style.faint("next:")) lockstep reconcile resolve EXECUTION CONFLICT --take workflow|journey")
    }
}

extension Ledger.Pending {
    /// How far it has come, in one word.
    var word: String {
        switch progress {
        case .requested: "requested"
        case .sent: "sent"
        case .unknown: "unknown"
        }
    }
}
