import ArgumentParser

/// Which verb a command line names, as far as it names one.
struct VerbPath {
    private var words = ["lockstep"]
    private var command: any ParsableCommand.Type = Lockstep.self

    init(_ arguments: [String]) {
        for word in arguments {
            guard let next = command.configuration.subcommands.first(where: { Self.name($0) == word }) else { break }
            words.append(word)
            command = next
        }
    }

    /// `lockstep projections status`.
    var text: String { words.joined(separator: " ") }

    /// What may follow.
    var choices: [String] { command.configuration.subcommands.map(Self.name) }

    /// Whether a part of the verb is missing, and nothing else was asked for.
    func isIncomplete(_ arguments: [String]) -> Bool {
        words.count > 1 && arguments.count == words.count - 1 && !choices.isEmpty
            && command.configuration.defaultSubcommand == nil
    }

    private static func name(_ command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}
