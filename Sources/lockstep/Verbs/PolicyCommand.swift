import ArgumentParser
import Ingest
import Schemas

/// `lockstep policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract:
            "Look at policies, and put them on record: how differences between the two sides of an execution are settled.",
        discussion: """
            What one side alone has changed is passed on to the other. Where both have changed a field, or the other cannot be told, the \
            first rule of the policy decides whose path matches. Where no other policy is in force, the default one is.

            Examples:
              lockstep policy default > house.yaml   # to begin with
              lockstep policy check house.yaml
              lockstep policy schema > policy.v1.json
              lockstep policy publish house.yaml
              lockstep policy list
            """,
        subcommands: [
            PolicyCheckCommand.self, PolicyPublishCommand.self, PolicyListCommand.self, PolicyDefaultCommand.self,
            PolicySchemaCommand.self,
        ])
}

/// `lockstep policy check FILE…`.
struct PolicyCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with policies, and show what each of them would do.",
        discussion: """
            A policy is refused when a rule of it is not understood, can never be reached, or can never be carried out, because Sim or \
            Parlant cannot be told what is to stand. What can be told at times only is a warning. Files are also held against each other: two \
            for the same executions, and a version that was edited, are refused. Then situations made up for the purpose are shown, with what \
            the policy makes of them. The status is 1 when a file is refused. No database is needed.

            Examples:
              lockstep policy check house.yaml
              lockstep policy check Schemas/policies/default.yaml Schemas/policies/order_desk.yaml
              lockstep policy default | lockstep policy check --json -
            """)

    @OptionGroup var answer: AnswerOptions
    @Argument(
        help: ArgumentHelp("Policies as YAML or JSON, and - for standard input.", valueName: "file"))
    var files: [String]

    func validate() throws {
        guard files.count(where: { $0 == FileValidation.standardInput }) < 2 else {
            throw ValidationError("standard input can be read once only")
        }
    }

    func run() throws {
        let judgements = try PolicyJudgement.all(files)
        if answer.json {
            for judgement in judgements { StandardOutput.shared.write(judgement.json) }
        } else {
            PolicyTable.show(judgements)
        }
        try StandardOutput.shared.flushOrStop()
        guard judgements.allSatisfy(\.isValid) else { throw AnsweredNo() }
    }
}

/// `lockstep policy default`.
struct PolicyDefaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "default",
        abstract: "Print the policy that is in force where no other one is, with its reasons.",
        discussion: """
            Examples:
              lockstep policy default > house.yaml
            """)

    func run() throws {
        StandardOutput.shared.write(Schemas.defaultPolicy.droppingLastLineBreak)
        try StandardOutput.shared.flushOrStop()
    }
}

/// `lockstep policy schema`.
struct PolicySchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of policies, for editors.",
        discussion: """
            Examples:
              lockstep policy schema > policy.v1.json
            """)

    func run() throws {
        StandardOutput.shared.write(Schemas.policySchema.droppingLastLineBreak)
        try StandardOutput.shared.flushOrStop()
    }
}

extension [UInt8] {
    /// The output ends every line itself.
    fileprivate var droppingLastLineBreak: [UInt8] { last == UInt8(ascii: "\n") ? Array(dropLast()) : self }
}
