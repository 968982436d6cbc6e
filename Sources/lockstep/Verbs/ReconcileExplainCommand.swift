import ArgumentParser
import EventSourcing
import Reconciler
import Reconciliation

/// `lockstep reconcile explain`.
struct ReconcileExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what an execution is now, field by field, and the chain of events and rules behind it.",
        discussion: """
            Of each field: what it is now, who has set it and at which position of the log, what each side says, and what both agreed on last. Then every \
            event between the sides, with both sides, the rule of a decision, and the reason that its policy gives. Words like statuses are always \
            shown, data only with --plain.

            An execution that is over is explained as well. With --decision instead of an execution, the execution of that decision, or of that conflict \
            that waits, is found by the read model divergences, and what concerns its field is told; with --wait-for it first waits until that \
            shows everything up to a position.

            Examples:
              lockstep reconcile explain run-17
              lockstep reconcile explain run-17 --field variables/amount --json
              lockstep reconcile explain --decision 0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The execution.")
    var execution: String?
    @Option(name: .long, help: "Only what concerns this field, or what is inside of it.")
    var field: String?
    @Option(name: .long, help: "Only what concerns the field of this decision or conflict.")
    var decision: String?
    @OptionGroup var data: DataOptions
    @OptionGroup(title: "Waiting") var waiting: WaitOptions

    func validate() throws {
        guard (execution == nil) != (decision == nil) else {
            throw ValidationError("Name an execution, or give --decision.")
        }
        guard field == nil || decision == nil else {
            throw ValidationError("--decision says which field; leave out --field.")
        }
    }

    func run() async throws {
        let named = try execution.map { text throws(Failure) in try options.key(text) }
        let id = try decision.map { text throws(Failure) in
            try ReconcilingOptions.id(text, of: "decision", toldBy: "status")
        }
        let path = try field.map { text throws(Failure) in try Self.path(text) }
        let tenant = try options.tenant()
        try await options.wait(waiting)
        let disclosure = try data.disclosure(try await options.database.settings())
        let (fields, steps) = try await options.room { room in
            let key: ExecutionKey
            if let id {
                key = try await room.execution(of: id, in: tenant)
            } else {
                guard let named else { return ([PresentField](), [Explanation]()) }
                try await room.know(named)
                key = named
            }
            let history = try await room.history(of: key)
            let meant = id.flatMap { history.field(of: $0) } ?? path
            var reasons = room.reasons
            let steps = try await Explanation.steps(history, about: meant, &reasons)
            guard let report = try await Self.preview(key, in: room) else { return ([], steps) }
            return (PresentField.all(report, history, about: meant), steps)
        }
        if options.answer.json {
            for step in steps { step.line(disclosure) }
            for field in fields { field.line(disclosure) }
        } else {
            show(fields, steps, disclosure)
        }
    }

    /// How both sides stand; `nil` where a stream cannot be read, and that is said: what was decided is asked for most where something is wrong.
    private static func preview(
        _ key: ExecutionKey, in room: ReconcilingRoom
    ) async throws -> ReconcilingDesk<SealedLog>.Report? {
        do {
            return try await room.desk.preview(key)
        } catch {
            guard case .unreadable(_, let reason) = error else { throw error }
            StandardError.write(
                Table.printable("note: what the fields are now cannot be told, a stream cannot be read: \(reason)"))
            return nil
        }
    }

    private func show(_ fields: [PresentField], _ steps: [Explanation], _ disclosure: Disclosure) {
        let what = field.map { " of \(Table.printable($0, cutAt: 60))" } ?? ""
        if fields.isEmpty, steps.isEmpty {
            StandardOutput.shared.write("Neither side says anything\(what).")
        } else if !fields.isEmpty {
            PresentField.show(fields, disclosure)
        }
        if steps.isEmpty {
            StandardOutput.shared.write("Nothing has been decided or agreed\(what) yet.")
        } else {
            StandardOutput.shared.write("")
            for step in steps { step.show(disclosure) }
        }
        let isWithheld =
            fields.contains { $0.withholdsData(disclosure) } || steps.contains { $0.withholdsData(disclosure) }
        if isWithheld { StandardOutput.shared.write(DataOptions.note(.output)) }
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
