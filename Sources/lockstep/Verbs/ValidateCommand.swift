import ArgumentParser
import Ingest

/// `lockstep validate FILE…`.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Say everything that is wrong with workflows and journeys.",
        discussion: """
            What a file holds is told by its content; each file of an archive is judged by itself. An error is something that cannot run, or that the editor refuses; a warning runs, but \
            probably not as it was meant; a remark is worth knowing. The status is 1 when a file has an error, with --strict also when it \
            has a warning. No database is needed.

            Examples:
              lockstep validate refund.json
              lockstep validate exports/ journeys/ --strict
              lockstep validate workspace.zip
              lockstep validate --json - < refund.json
            """)

    @OptionGroup var answer: AnswerOptions

    @Flag(name: .long, help: "A warning is as bad as an error.")
    var strict = false
    @Argument(
        help: ArgumentHelp(
            "Files, directories of *.json, *.yaml, *.yml and *.zip, and - for standard input.", valueName: "file"))
    var files: [String]

    func validate() throws {
        guard files.count(where: { $0 == FileValidation.standardInput }) < 2 else {
            throw ValidationError("standard input can be read once only")
        }
    }

    func run() async throws {
        let paths = files.flatMap { $0 == FileValidation.standardInput ? [$0] : WorkflowFiles.expand([$0]) }
        let isAllYes = try await Interruption.cancels {
            try await FileValidation(isStrict: strict, asJSON: answer.json).run(paths)
        }
        guard isAllYes else { throw AnsweredNo() }
    }
}
