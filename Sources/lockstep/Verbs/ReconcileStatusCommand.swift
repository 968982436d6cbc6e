import ArgumentParser

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
