/// The commands of `lockstep` in a text, as a shell would hand them over.
enum CommandText {
    /// The words behind `lockstep` of every command in `lines`, variables left as they stand.
    static func commands(in lines: [String]) -> [[String]] {
        joined(lines).flatMap(simpleCommands).compactMap { words in
            words.first == "lockstep" || words.first?.hasSuffix("/lockstep") == true ? Array(words.dropFirst()) : nil
        }
    }

    /// A backslash at the end of a line joins it with the next.
    private static func joined(_ lines: [String]) -> [String] {
        lines.reduce(into: []) { joined, line in
            if let last = joined.last, last.hasSuffix("\\") {
                joined[joined.count - 1] = last.dropLast() + line
            } else {
                joined.append(line)
            }
        }
    }

    /// The commands of a line between `|`, `&` and `;`, without assignments, redirections and comments.
    private static func simpleCommands(_ line: String) -> [[String]] {
        var scanner = ShellWords(line)
        return scanner.commands().map { words in
            var isTarget = false
            return words.filter { word in
                defer { isTarget = word.isRedirection }
                return !word.isRedirection && !isTarget
            }.map(\.text).drop(while: { $0.contains("=") && $0.hasPrefix("LOCKSTEP_") }).map { $0 }
        }
    }
}

/// Splits a line into words: quotes, comments, operators; nothing is expanded.
private struct ShellWords {
    struct Word {
        var text: String
        var isRedirection = false
    }

    private let characters: [Character]
    private var commandsSoFar: [[Word]] = [[]]
    private var word: String?
    private var quote: Character?

    init(_ line: String) {
        characters = Array(line)
    }

    mutating func commands() -> [[Word]] {
        loop: for character in characters {
            switch (quote, character) {
            case (character, _): quote = nil
            case (.some, _): word?.append(character)
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (nil, "#") where word == nil: break loop
            case (nil, " "), (nil, "\t"): endWord()
            case (nil, "|"), (nil, "&"), (nil, ";"):
                endWord()
                commandsSoFar.append([])
            case (nil, ">"), (nil, "<"):
                // The digit before it belongs to the redirection.
                if let digits = word, digits.allSatisfy(\.isNumber) { word = nil }
                endWord()
                commandsSoFar[commandsSoFar.count - 1].append(Word(text: ">", isRedirection: true))
            default: word = (word ?? "") + String(character)
            }
        }
        endWord()
        return commandsSoFar.filter { !$0.isEmpty }
    }

    private mutating func endWord() {
        guard let text = word else { return }
        word = nil
        commandsSoFar[commandsSoFar.count - 1].append(Word(text: text))
    }
}
