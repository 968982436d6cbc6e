import ArgumentParser
import Reconciliation

/// `lockstep reconcile explain`.
struct ReconcileExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell the chain of events and rules behind what an execution is now.",
        discussion: """
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
        let steps = try await options.room { room in
            if let id {
                let history = try await room.history(of: try await room.execution(of: id, in: tenant))
                return Explanation.steps(history, about: history.field(of: id) ?? path)
            }
            guard let named else { return [] }
            try await room.know(named)
            return Explanation.steps(try await room.history(of: named), about: path)
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
