import ArgumentParser
import Reconciliation

/// `lockstep policy publish FILE…`.
struct PolicyPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Put policies on record, all of them or none.",
        discussion: """
            Every decision names the policy and the version by which it was taken; published is what that version says. A version that is on record \
            is left as it is, so publishing again does nothing. A version is never edited: another text under a version that is on record is \
            refused, with status 1 and both digests, and so is one that is lower than the latest. Comments, and how the file is written, do not \
            count. `lockstep serve` (role reconciler) publishes the policies that it uses, and so does every verb of \
            `lockstep reconcile` that decides.

            Examples:
              lockstep policy publish house.yaml
              lockstep policy publish house.yaml order_desk.yaml --actor ada --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: ArgumentHelp("Policies as YAML or JSON, and - for standard input.", valueName: "file"))
    var files: [String]
    @Option(name: .long, help: "Who publishes, as it is recorded. Default: operator.")
    var actor: String = "operator"

    func validate() throws {
        guard files.count(where: { $0 == FileValidation.standardInput }) < 2 else {
            throw ValidationError("standard input can be read once only")
        }
    }

    func run() async throws {
        try ReconcilingOptions.check(actor: actor, of: "lockstep policy publish")
        let policies = try PolicyFiles(files).publications
        let outcomes = try await OpenLog.forAppending(try await database.settings()) { [actor] log in
            try await PolicyPublishing(log: log, actor: actor).publish(policies)
        }
        for (file, outcome) in zip(files, outcomes) {
            if answer.json { outcome.line(file) } else { outcome.show() }
        }
        try StandardOutput.shared.flushOrStop()
    }
}

extension PolicyPublishing.Outcome {
    fileprivate func line(_ file: String) {
        Answers.object { answer in
            answer.member("file", file)
            answer.member("outcome", isNew ? "published" : "known")
            answer.member("policy", policy.name)
            answer.member("version", policy.version)
            answer.member("digest", policy.digest.hexadecimal)
            answer.member("workspace", policy.scope.workspace?.rawValue)
            answer.member("workflow", policy.scope.workflow?.text)
            answer.member("superseded", superseded)
        }
    }

    fileprivate func show() {
        let style = Style.output
        let name = "\(policy.name) \(policy.version)"
        let more = superseded.map { ", in the place of version \($0)" } ?? ""
        StandardOutput.shared.write(
            isNew
                ? "\(style.good("published"))  \(style.strong(name)) for \(Table.printable("\(policy.scope)"))\(more)"
                : "\(style.faint("on record"))  \(style.strong(name)), as it is")
    }
}
