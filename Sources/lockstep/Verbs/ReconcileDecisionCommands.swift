import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials
import Reconciler
import Reconciliation

/// `lockstep reconcile explain`.
struct ReconcileExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell the chain of events and rules behind what an execution is now.",
        discussion: """
            Examples:
              lockstep reconcile explain run-17
              lockstep reconcile explain run-17 --field variables/amount --json
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The execution.")
    var execution: String
    @Option(name: .long, help: "Only what concerns this field, or what is inside of it.")
    var field: String?

    func run() async throws {
        let key = try options.key(execution)
        let path = try field.map { text throws(Failure) in try Self.path(text) }
        let steps = try await options.room { room in
            try await room.know(key)
            return Explanation.steps(try await room.history(of: key), about: path)
        }
        for step in steps { if options.answer.json { step.line() } else { step.show() } }
        if steps.isEmpty, !options.answer.json {
            let what = field.map { " of \(Table.printable($0, cutAt: 60))" } ?? ""
            StandardOutput.shared.write("Nothing has been decided or agreed\(what) yet.")
        }
    }

    static func path(_ text: String) throws(Failure) -> FieldPath {
        guard text.utf8.count <= 1_000 else {
            throw Failure(
                .usage, "the path of --field has \(text.utf8.count) bytes, the limit is 1000",
                hint: "see `lockstep reconcile explain --help`")
        }
        do throws(FieldPathFlaw) { return try FieldPath(text) } catch {
            throw Failure(.usage, describing: error.description, otherwise: "see `lockstep reconcile explain --help`")
        }
    }
}

/// One step of what has led to the present.
struct Explanation: Sendable {
    let entry: RecordedReconciliation
    let sentence: String
    let fields: [FieldPath]

    /// What is on record, in order; of one field, also what became of the effects that were to settle it.
    static func steps(_ history: [RecordedReconciliation], about path: FieldPath?) -> [Explanation] {
        var effects: [UUID: [FieldPath]] = [:]
        return history.compactMap { entry in
            if case .effectRequested(let effect, _) = entry.event { effects[effect.id] = effect.fields }
            let (sentence, named) = told(entry.event)
            let fields = entry.event.effect.flatMap { effects[$0] } ?? named
            guard isMeant(entry.event, fields, path) else { return nil }
            return Explanation(entry: entry, sentence: sentence, fields: fields)
        }
    }

    private static func isMeant(_ event: ReconciliationEvent, _ fields: [FieldPath], _ path: FieldPath?) -> Bool {
        guard let path else { return true }
        if case .ownershipTaken(let taken) = event { return taken.pattern.matches(path) }
        return fields.contains { $0.field == path.field }
    }

    private static func told(_ event: ReconciliationEvent) -> (String, [FieldPath]) {
        switch event {
        case .agreed(let agreed):
            (
                "both sides agreed on \(agreed.fields.map { "\($0.path)" }.joined(separator: ", "))",
                agreed.fields.map(\.path)
            )
        case .resolved(let receipt, _): (receipt.sentence, [receipt.finding.path])
        case .conflictQueued(let conflict, _): ("handed to a person: \(conflict.sentence)", [conflict.finding.path])
        case .conflictLapsed(let lapsed): ("the conflict about \(lapsed.field) is none any more", [lapsed.field])
        case .divergenceAccepted(let accepted, _): ("accepted as it is: \(accepted.finding)", [accepted.finding.path])
        case .effectRequested(let effect, _):
            (
                "the \(effect.side.rawValue) was to \(effect.action.sentence) (effect \(effect.id.text), try \(effect.attempt))",
                effect.fields
            )
        case .effectSent(let sent): ("effect \(sent.effect.text) was about to be carried out", [])
        case .effectUnknown(let unknown):
            ("nobody knew whether effect \(unknown.effect.text) was carried out: \(unknown.because)", [])
        case .effectConfirmed(let confirmed):
            ("effect \(confirmed.effect.text) was carried out, by its \(confirmed.witness.rawValue)", [])
        case .effectStale(let stale): ("effect \(stale.effect.text) came to nothing: \(stale.because)", [])
        case .ownershipTaken(let taken):
            (
                "\(taken.owner.map { "the \($0.rawValue) has taken over" } ?? "nobody in particular owns") \(taken.pattern)\(taken.because.map { ": \($0)" } ?? "")",
                []
            )
        }
    }

    func line() {
        Answers.object { answer in
            answer.member("position", entry.position.rawValue)
            answer.member("at", "\(entry.at)")
            answer.member("type", entry.event.type.rawValue)
            answer.member("actor", entry.actor)
            answer.member("fields", fields.map { "\($0)" })
            answer.member("message", sentence)
            if case .resolved(let receipt, _) = entry.event {
                answer.key("decision")
                answer.object { receipt.write(to: &$0) }
            }
        }
    }

    func show() {
        let style = Style.output
        StandardOutput.shared.write("\(style.faint("\(entry.position)  \(entry.at)"))  \(Table.printable(sentence))")
    }
}

extension Receipt {
    /// The decision, what it was made of, and by which rule, without data.
    var sentence: String {
        let by: String =
            switch cause {
            case .comparison:
                ruling.map { "decided by rule \($0.place) (\($0.rule.rawValue)) of policy \($0.policy) \($0.version)" }
                    ?? "passed on, as the other side had not changed it"
            case .person: "decided by a person"
            case .flip(let receipt): "decided by taking back resolution \(receipt.text)"
            }
        let said = [(Side.workflow, finding.workflowOrigin), (.journey, finding.journeyOrigin)].compactMap {
            side, origin in
            origin.map { "the \(side.rawValue) at position \($0.position)\($0.actor.map { " by \($0)" } ?? "")" }
        }
        let origins = said.isEmpty ? "" : ", said by " + said.joined(separator: " and ")
        return
            "\(by): \(winner.map { "the \($0.rawValue)'s word stands" } ?? "neither side's word stands") for \(finding.path)\(origins) (resolution \(id.text))"
    }
}

extension ReconciliationEvent {
    /// The effect that this is a later word about.
    fileprivate var effect: UUID? {
        switch self {
        case .effectSent(let sent): sent.effect
        case .effectUnknown(let unknown): unknown.effect
        case .effectConfirmed(let confirmed): confirmed.effect
        case .effectStale(let stale): stale.effect
        case .agreed, .resolved, .conflictQueued, .conflictLapsed, .divergenceAccepted, .effectRequested,
            .ownershipTaken:
            nil
        }
    }
}

/// `lockstep reconcile resolve`.
struct ReconcileResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Settle a conflict that waits for a person.",
        discussion: """
            Refused, with status 1, when the sides have moved on since the conflict was shown, or when a side cannot be told what is to stand.

            Examples:
              lockstep reconcile resolve run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --take journey --actor ada
              lockstep reconcile resolve run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --value '"a@example.org"'
              lockstep reconcile resolve run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --accept
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The execution.")
    var execution: String
    @Argument(help: "The conflict, as `lockstep reconcile status` names it.")
    var conflict: String
    @Option(name: .long, help: "Whose word stands: workflow or journey.")
    var take: String?
    @Option(name: .long, help: "Another value that stands, as JSON.")
    var value: String?
    @Flag(name: .long, help: "The difference stays.")
    var accept = false

    func validate() throws {
        guard [take != nil, value != nil, accept].count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of --take, --value and --accept.")
        }
    }

    func run() async throws {
        let (key, id) = (
            try options.key(execution), try ReconcilingOptions.id(conflict, of: "conflict", toldBy: "status")
        )
        let choice = try choice()
        let report = try await options.room { try await $0.desk.settle(id, of: key, choice) }
        let answer = ExecutionAnswer(report: report, isDryRun: false)
        if options.answer.json { answer.line() } else { answer.show(.output) }
    }

    private func choice() throws(Failure) -> ReconciliationDecider.Choice {
        if accept { return .accept }
        if let take {
            guard let side = Side(rawValue: take) else {
                throw Failure(.usage, "--take \(Table.printable(take)) is no side", hint: "choose workflow or journey")
            }
            return .take(side)
        }
        do throws(JSONFlaw) { return .value(FieldValue(try JSONValue(text: value ?? "null"))) } catch {
            throw Failure(.usage, "--value is no JSON: \(error)", hint: "a text needs quotes of its own: '\"text\"'")
        }
    }
}

/// `lockstep reconcile flip`.
struct ReconcileFlipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flip", abstract: "Take a decision back: the loser's word stands from now on.",
        discussion: """
            A new decision against what is so now, with winner and loser exchanged. Refused, with status 1, when the sides have moved on since, or \
            when a side cannot be told. With --dry-run what would follow is listed, and what of it cannot be taken back.

            Examples:
              lockstep reconcile flip run-17 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01 --dry-run
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The execution.")
    var execution: String
    @Argument(help: "The decision, as `lockstep reconcile explain` names it.")
    var resolution: String
    @Flag(name: .long, help: "Only show what would follow.")
    var dryRun = false

    func run() async throws {
        let (key, id) = (
            try options.key(execution),
            try ReconcilingOptions.id(resolution, of: "decision", toldBy: "explain EXECUTION")
        )
        let events = try await options.room { room in
            guard let receipt = try await room.history(of: key).receipt(id) else {
                throw Failure(
                    .no, "execution \(execution) has no decision \(id.text)",
                    hint: "see `lockstep reconcile explain \(execution)`")
            }
            return dryRun
                ? try await room.desk.previewFlip(receipt, of: key)
                : try await room.desk.flip(receipt, of: key).events
        }
        for event in events { show(event) }
    }

    private func show(_ event: ReconciliationEvent) {
        let style = Style.output
        switch event {
        case .resolved(let receipt, _):
            if options.answer.json {
                Answers.object { answer in
                    receipt.write(to: &answer)
                    answer.member("dry_run", dryRun)
                }
            } else {
                StandardOutput.shared.write("\(dryRun ? "would be " : "")\(Table.printable(receipt.sentence))")
            }
        case .effectRequested(let effect, _):
            if options.answer.json {
                Answers.object { answer in
                    effect.write(to: &answer)
                    answer.member("reversible", effect.action.isReversible)
                    answer.member("dry_run", dryRun)
                }
            } else {
                let note = effect.action.isReversible ? "" : style.bad("  cannot be taken back")
                StandardOutput.shared.write(
                    "  → \(effect.side.rawValue): \(Table.printable(effect.action.sentence))\(note)")
            }
        default: break
        }
    }
}

/// `lockstep reconcile what-if`.
struct ReconcileWhatIfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Try another policy on recorded decisions and conflicts, without writing anything.",
        discussion: """
            Every decision and every conflict that is on record is settled once more by the policy of FILE. Shown is what would have come out \
            otherwise. Without executions, all open ones are looked at. Status 1 when something changes.

            Examples:
              lockstep reconcile what-if house.yaml
              lockstep reconcile what-if house.yaml run-17 --json
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The policy.")
    var file: String
    @Argument(help: "Executions.")
    var executions: [String] = []

    func run() async throws {
        let judgements = try PolicyJudgement.all([file])
        guard let judgement = judgements.first, let policy = judgement.policy, judgement.isValid else {
            throw Failure(
                .usage, "the policy in \(Table.printable(file)) cannot be used",
                hint: "run `lockstep policy check \(file)`")
        }
        let keys = try executions.map { try options.key($0) }
        let tenant = options.workspace == nil ? nil : try options.tenant()
        let outcomes = try await options.room { room in
            var outcomes: [(ExecutionKey, WhatIf.Outcome)] = []
            func look(_ key: ExecutionKey) async throws {
                let history = try await room.history(of: key).map(\.event)
                outcomes += WhatIf.outcomes(of: history, under: policy).map { (key, $0) }
            }
            for key in keys {
                try await room.know(key)
                try await look(key)
            }
            if keys.isEmpty { try await room.forEachOpen(in: tenant) { try await look($0) } }
            return outcomes
        }
        for (key, outcome) in outcomes where outcome.isChanged { show(key, outcome) }
        let changed = outcomes.count { $0.1.isChanged }
        if options.answer.json {
            Answers.object { answer in
                answer.member("decisions", outcomes.count)
                answer.member("changed", changed)
                answer.member("policy", policy.name)
                answer.member("version", policy.version)
            }
        } else {
            StandardOutput.shared.write(
                "\(changed) of \(Counted.of(outcomes.count, "decision")) would come out otherwise under \(policy.name) \(policy.version)"
            )
        }
        guard changed == 0 else { throw AnsweredNo() }
    }

    private func show(_ key: ExecutionKey, _ outcome: WhatIf.Outcome) {
        if options.answer.json {
            Answers.object { answer in
                answer.member("workspace", key.workspace.rawValue)
                answer.member("execution", key.execution)
                answer.member("id", outcome.id)
                answer.member("path", "\(outcome.path)")
                answer.member("was", outcome.was)
                answer.member("would_be", outcome.wouldBe)
            }
        } else {
            StandardOutput.shared.write(
                "\(Table.printable(key.execution))  \(Table.printable("\(outcome.path)")): \(outcome.was) → \(Style.output.strong(outcome.wouldBe))"
            )
        }
    }
}

/// `lockstep reconcile drift`.
struct ReconcileDriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Say how far apart the sides are now, by workspace.",
        discussion: """
            Counted are executions of which something differs that nobody has accepted, and such fields. Status 1 when there are any.

            Examples:
              lockstep reconcile drift --json
            """)

    @OptionGroup var options: ReconcilingOptions

    private struct Drift: Sendable {
        var executions = 0
        var differing = 0
        var fields = 0
        var queued = 0
    }

    func run() async throws {
        let tenant = options.workspace == nil ? nil : try options.tenant()
        let drifts = try await options.room { room in
            var drifts: [Workspace: Drift] = [:]
            try await room.forEachOpen(in: tenant) { key in
                let report = try await room.desk.preview(key)
                let fields = report.examined.differences.count
                drifts[key.workspace, default: Drift()].executions += 1
                drifts[key.workspace]?.differing += fields > 0 ? 1 : 0
                drifts[key.workspace]?.fields += fields
                drifts[key.workspace]?.queued += report.ledger.queue.count
            }
            return drifts
        }
        let ordered = drifts.sorted { $0.key.rawValue < $1.key.rawValue }
        if options.answer.json {
            for (workspace, drift) in ordered {
                Answers.object { answer in
                    answer.member("workspace", workspace.rawValue)
                    answer.member("executions", drift.executions)
                    answer.member("differing", drift.differing)
                    answer.member("fields", drift.fields)
                    answer.member("queued", drift.queued)
                }
            }
        } else if ordered.isEmpty {
            StandardOutput.shared.write("No execution is open.")
        } else {
            var table = Table([
                ("WORKSPACE", .left), ("OPEN", .right), ("DIFFERING", .right), ("FIELDS", .right),
                ("WAIT FOR A PERSON", .right),
            ])
            for (workspace, drift) in ordered {
                table.add([
                    workspace.rawValue, "\(drift.executions)", "\(drift.differing)", "\(drift.fields)",
                    "\(drift.queued)",
                ])
            }
            table.print()
        }
        guard drifts.values.allSatisfy({ $0.differing == 0 }) else { throw AnsweredNo() }
    }
}
