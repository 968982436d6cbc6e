import ArgumentParser
import EventSourcingTesting
import Foundation
import Testing

@testable import lockstep

@Suite("Documented commands") struct DocumentedCommandTests {
    static let root = URL(fileURLWithPath: ProjectFiles.root)

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// What is wrong with a command line; `nil` when the program understands it.
    private func flaw(_ words: [String]) -> String? {
        do {
            _ = try Lockstep.parseAsRoot(words)
            return nil
        } catch {
            return Lockstep.exitCode(for: error) == .success ? nil : Lockstep.message(for: error)
        }
    }

    /// Lines of fenced and indented blocks, and what stands between backquotes and begins with `lockstep`.
    private func commands(inMarkdown text: String) -> [[String]] {
        var isFenced = false
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isFenced.toggle()
            } else if isFenced || line.hasPrefix("    ") {
                lines.append(line)
            } else {
                let spans = line.split(separator: "`", omittingEmptySubsequences: false)
                for (index, span) in spans.enumerated() where index % 2 == 1 && span.hasPrefix("lockstep ") {
                    lines.append(String(span))
                }
            }
        }
        return CommandText.commands(in: lines)
    }

    @Test func `every command of the README is understood`() throws {
        let commands = commands(inMarkdown: try Self.text("README.md"))
        #expect(commands.count >= 12)
        #expect(Set(commands.compactMap(\.first)).isSuperset(of: ["import", "append", "read", "serve", "audit"]))
        for words in commands { #expect(flaw(words) == nil, "lockstep \(words.joined(separator: " "))") }
    }

    @Test func `every example of every --help is understood`() {
        var count = 0
        func examine(_ command: any ParsableCommand.Type) {
            let lines = command.configuration.discussion.split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            for words in CommandText.commands(in: lines.filter { $0.contains("lockstep ") && !$0.contains("`") }) {
                count += 1
                #expect(flaw(words) == nil, "lockstep \(words.joined(separator: " ")) in the help of \(command)")
            }
            command.configuration.subcommands.forEach(examine)
        }
        examine(Lockstep.self)
        #expect(count > 30)
    }

    @Test func `every variable of the README is read by somebody`() async throws {
        let sources = try (["Sources/lockstep", "tools"] as [String]).flatMap { folder in
            let base = Self.root.appendingPathComponent(folder).resolvingSymlinksInPath()
            return try FileManager.default.subpathsOfDirectory(atPath: base.path).compactMap { path in
                try? String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
            }
        }.joined()
        let source = try await SettingsSource(
            file: nil, environment: ["LOCKSTEP_DATABASE_URL": "postgres://h/d", "LOCKSTEP_KAFKA": "b:1"])
        let settings = try SettingsListing(
            source, database: DatabaseOptions.parse([]), kafka: KafkaOptions.parse([]), roles: nil)
        let known = Set(settings.entries.map { SettingsSource.variable($0.key) })
        let text = try Self.text("README.md")
        let names = Set(text.matches(of: /LOCKSTEP_[A-Z_]*[A-Z]/).map { String($0.output) })
        #expect(names.count > 5)
        for name in names where !known.contains(name) && !name.hasPrefix("LOCKSTEP_KAFKA_") {
            let isRead = sources.contains(name)
            #expect(isRead, "\(name)")
        }
    }

    @Test(arguments: [
        ("lockstep read --limit 3 # three", [["read", "--limit", "3"]]),
        (#"lockstep append --data '{"a": 1}' > "x y""#, [["append", "--data", #"{"a": 1}"#]]),
        ("lockstep serve 2> .lockstep/serve.log &", [["serve"]]),
        ("lockstep a || page; x | lockstep b -", [["a"], ["b", "-"]]),
        ("LOCKSTEP_LOG_LEVEL=debug lockstep serve", [["serve"]]), ("# lockstep read", []), ("echo lockstep", []),
        ("kill $!; wait $!", []),
    ]) func `commands are taken out of a line as a shell would`(_ line: String, _ commands: [[String]]) {
        #expect(CommandText.commands(in: [line]) == commands)
    }

    @Test func `a command that has rotted is noticed`() {
        #expect(flaw(["read", "--nonsense"]) != nil)
        #expect(flaw(["reed"]) != nil)
        #expect(flaw(["append", "--stream", "a-1"]) != nil)
    }
}
