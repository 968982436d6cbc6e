import ArgumentParser
import EventModel
import EventSourcing
import WorkflowDomain

/// `lockstep workflow`.
struct WorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow",
        abstract: "Publish, archive or rename a workflow of the log.",
        discussion: """
            What is so already is left alone, so saying it again is safe.

            Examples:
              lockstep workflow publish refund --label 2026-03
              lockstep workflow rename refund "Refund a customer"
              lockstep workflow archive refund --json
            """,
        subcommands: [
            PublishWorkflowCommand.self, UnpublishWorkflowCommand.self, ArchiveWorkflowCommand.self,
            RestoreWorkflowCommand.self, RenameWorkflowCommand.self,
        ])
}

/// What all of them take.
struct WorkflowDirectionOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Option(name: .long, help: "Who says so, as it is recorded.")
    var actor: String?
    @Argument(help: "The workflow's id.")
    var id: String

    func run(_ command: WorkflowDecider.Command) async throws {
        let settings = try await database.settings()
        let workspace = try Workspace(option: workspace)
        let direction = WorkflowDirection(id: id, workspace: workspace, actor: actor)
        try await Interruption.cancels {
            let isYes = try await OpenLog.forAppending(settings) { [answer] store in
                let done = try await direction.run(command, in: store)
                if answer.json { StandardOutput.shared.write(done.json) } else { done.show() }
                return done.isYes
            }
            guard isYes else { throw AnsweredNo() }
        }
    }
}

/// `lockstep workflow publish ID`.
struct PublishWorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Make the present revision of a workflow the one that runs.",
        discussion: """
            Examples:
              lockstep workflow publish refund
              lockstep workflow publish refund --label "spring release" --actor ada
            """)
    @OptionGroup var options: WorkflowDirectionOptions
    @Option(name: .long, help: "What people call the revision.")
    var label: String?

    func run() async throws { try await options.run(.publish(label: label)) }
}

/// `lockstep workflow unpublish ID`.
struct UnpublishWorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpublish",
        abstract: "Let no revision of a workflow run.",
        discussion: """
            Examples:
              lockstep workflow unpublish refund
            """)
    @OptionGroup var options: WorkflowDirectionOptions

    func run() async throws { try await options.run(.unpublish) }
}

/// `lockstep workflow archive ID`.
struct ArchiveWorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Put a workflow away: it can be read, and nothing else until it is restored.",
        discussion: """
            Examples:
              lockstep workflow archive refund --actor ada
            """)
    @OptionGroup var options: WorkflowDirectionOptions

    func run() async throws { try await options.run(.archive) }
}

/// `lockstep workflow restore ID`.
struct RestoreWorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Take an archived workflow out again.",
        discussion: """
            Examples:
              lockstep workflow restore refund
            """)
    @OptionGroup var options: WorkflowDirectionOptions

    func run() async throws { try await options.run(.restore) }
}

/// `lockstep workflow rename ID NAME`.
struct RenameWorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Give a workflow another name. Its id stays.",
        discussion: """
            Examples:
              lockstep workflow rename refund "Refund a customer"
            """)
    @OptionGroup var options: WorkflowDirectionOptions
    @Argument(help: "The name.")
    var name: String

    func run() async throws { try await options.run(.rename(name)) }
}
