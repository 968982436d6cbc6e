import ArgumentParser
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
