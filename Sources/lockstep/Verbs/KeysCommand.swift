import ArgumentParser
import EventModel
import EventSourcing
import PostgresEventStore

/// `lockstep keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Look after the keys that personal data is sealed with.",
        discussion: """
            Every subject of personal data has a key of its own in the database, wrapped by a master key that is not in the database: it \
            comes from LOCKSTEP_MASTER_KEY_FILE (lines id:base64, the current key first) or LOCKSTEP_MASTER_KEY.

            What is personal in Lockstep's own events is sealed always. LOCKSTEP_PERSONAL marks it in events of your own, as \
            type@version:/path=/subject, separated by commas: note.written@1:/lines/[*]/text=/author. Every process that appends must \
            have the same marks.

            Examples:
              lockstep keys generate >> master.keys
              lockstep keys status
              lockstep keys rotate --dry-run
            """,
        subcommands: [KeysStatusCommand.self, KeysRotateCommand.self, KeysGenerateCommand.self])
}

/// `lockstep keys status`.
struct KeysStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the master keys, and how many keys each of them wraps.",
        discussion: """
            With --json, one object for each master key, and a last one, whose master_key is null, for the keys that were destroyed. Status \
            1 when a master key that is in use is not configured.

            Examples:
              lockstep keys status
              lockstep keys status --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let settings = try await database.settings()
        let masterKeys = try settings.sealing.masterKeys()
        let keys = try await OpenLog.forReading(settings) { store in
            KeysAnswer(try await store.keyCensus(), masterKeys)
        }
        if answer.json { keys.lines() } else { keys.table() }
        guard keys.isComplete else { throw AnsweredNo() }
    }
}

/// `lockstep keys rotate`.
struct KeysRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Wrap every key anew, under the current master key.",
        discussion: """
            Put the new master key first in LOCKSTEP_MASTER_KEY_FILE and keep the old ones behind it, restart every process with it, then \
            rotate. When "keys status" shows that an old one wraps nothing, take it out and destroy it: what backups and the write-ahead log \
            still hold of destroyed keys cannot be opened any more. Nothing that is sealed changes. Safe to interrupt and to repeat.

            Examples:
              lockstep keys rotate --dry-run
              lockstep keys rotate
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Flag(name: .long, help: "Only say how many keys would be wrapped anew.")
    var dryRun = false

    func run() async throws {
        let settings = try await database.settings()
        guard let masterKeys = try settings.sealing.masterKeys() else { throw Failure(StoreError.keys(.noMasterKey)) }
        let count = try await Interruption.cancels {
            try await OpenLog.forReading(settings) { store in
                let rotation = KeyRotation(store, to: masterKeys)
                return dryRun ? try await rotation.pending() : try await rotation.run()
            }
        }
        guard !answer.json else {
            return Answers.object { object in
                object.member("master_key", masterKeys.current.id)
                object.member("keys", count)
                object.member("dry_run", dryRun)
            }
        }
        let keys = Counted.of(count, "key")
        StandardOutput.shared.write(
            dryRun
                ? "\(keys) would be wrapped anew, under \(masterKeys.current.id)"
                : "\(keys) wrapped anew, under \(masterKeys.current.id)")
    }
}

/// `lockstep keys generate`.
struct KeysGenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Print a new master key, id:base64.",
        discussion: """
            Keep it where the database is not, with a copy: without it nobody reads personal data again. With --json, one object with \
            master_key, its name, and line, which is what goes into the file.

            Examples:
              lockstep keys generate --id 2026-01 > master.keys
            """)

    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "Its name: letters, digits, '.', '_' or '-'. Default: key- and random digits.")
    var id: String?

    func run() throws {
        var random = SystemRandomNumberGenerator()
        let name = id ?? "key-\(String(UInt32.random(in: .min ... .max, using: &random), radix: 16))"
        guard MasterKey.isID(name) else {
            throw Failure(
                .usage, "--id must have 1 to \(MasterKey.idLimit) letters, digits, '.', '_' or '-'",
                hint: "see `lockstep keys generate --help`")
        }
        let line = MasterKey.generate(id: name, using: &random)
        guard answer.json else { return StandardOutput.shared.write(line) }
        Answers.object { object in
            object.member("master_key", name)
            object.member("line", line)
        }
    }
}
