import ArgumentParser

/// The program: reads the command line, runs one verb, and ends with a status that scripts can rely on.
@main
struct Lockstep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lockstep",
        abstract: "Keeps workflows and conversations in step: an event log in PostgreSQL, faithfully copied to Kafka.",
        discussion: """
            Examples:
              export LOCKSTEP_DATABASE_URL=postgres://me:secret@127.0.0.1/lockstep
              export LOCKSTEP_KAFKA=127.0.0.1:9092
              lockstep migrate up                         # once, and after updates
              lockstep doctor                             # what is wrong, and why
              lockstep serve                              # publish and project
              lockstep import workflow exports/           # all files of a directory
              lockstep tail --follow --category workflow  # watch what happens
              lockstep read --stream workflow-refund      # one history
              lockstep audit verify                       # nothing was altered

            Answers go to standard output, one JSON object per line with --json;
            errors go to standard error.
            Status: 0 done, 1 the answer is no, 2 not understood, 3 no database or no
            broker, 4 a mistake in this program.
            """,
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, MigrateCommand.self, DoctorCommand.self, ImportCommand.self, ExportCommand.self,
            ConvertCommand.self, ValidateCommand.self, WorkflowCommand.self, IngestCommand.self, ParlantCommand.self,
            AppendCommand.self,
            ReadCommand.self,
            TailCommand.self, ReplayCommand.self, ProjectionsCommand.self, ReconcileCommand.self, PolicyCommand.self,
            AuditCommand.self, EraseCommand.self, KeysCommand.self, SnapshotsCommand.self,
            DemoCommand.self, BenchCommand.self,
        ])

    /// Runs a verb. Errors never reach the parser's own ending, whose statuses are not ours.
    static func main() async {
        ProcessEnding.ignoreBrokenPipes()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let asJSON = arguments.contains("--json")
        var command: any ParsableCommand
        do {
            command = try parseAsRoot(arguments)
        } catch {
            ProcessEnding.end(afterParsing: error, asJSON: asJSON)
        }
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            ProcessEnding.end(.done)
        } catch {
            ProcessEnding.end(after: error, asJSON: asJSON)
        }
    }
}
