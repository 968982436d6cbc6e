import ArgumentParser
import PostgresEventStore

/// `lockstep migrate up|status|down`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database to this program's schema.",
        discussion: """
            Migrations carry checksums, run one at a time under a lock, each in a transaction: any number of processes may try at once.

            Examples:
              lockstep migrate up
              lockstep migrate status --json
              lockstep migrate down
            """,
        subcommands: [MigrateUpCommand.self, MigrateStatusCommand.self, MigrateDownCommand.self])
}

/// `lockstep migrate up`.
struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Apply everything that is missing.",
        discussion: """
            Examples:
              lockstep migrate up
              lockstep migrate up --database postgres://owner:secret@db/lockstep --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let done = try await SchemaUpgrade.up(try await database.settings().postgres())
        if answer.json { return MigrationAnswer.lines(done) }
        guard !done.isEmpty else {
            return StandardOutput.shared.write("nothing to do: the schema is at version \(Migrator.currentVersion)")
        }
        MigrationAnswer.table(done)
    }
}

/// `lockstep migrate status`.
struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say where each migration stands; status 1 unless all are applied.",
        discussion: """
            Examples:
              lockstep migrate status
              lockstep migrate status --json && echo ready
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let all = try await Migrator(try await database.settings().postgres()).status()
        if answer.json { MigrationAnswer.lines(all) } else { MigrationAnswer.table(all) }
        guard all.allSatisfy({ $0.state == .applied }) else { throw AnsweredNo() }
    }
}

/// `lockstep migrate down`.
struct MigrateDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Take the newest migration back, where that loses nothing that matters.",
        discussion: """
            Example:
              lockstep migrate down
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let migrator = Migrator(try await database.settings().postgres())
        do {
            guard let undone = try await migrator.down() else {
                if !answer.json { StandardOutput.shared.write("nothing to do: no migration has been applied") }
                return
            }
            if answer.json { MigrationAnswer.lines([undone]) } else { MigrationAnswer.table([undone]) }
        } catch let error as MigrationError {
            guard case .irreversible = error else { throw error }
            throw Failure(.no, describing: error.description, otherwise: "restore a backup")
        }
    }
}

/// How migrations are shown.
private enum MigrationAnswer {
    static func lines(_ migrations: [MigrationStatus]) {
        for migration in migrations {
            Answers.object { object in
                object.member("version", migration.version)
                object.member("name", migration.name)
                object.member("state", migration.state.rawValue)
                object.member("reversible", migration.isReversible)
            }
        }
    }

    static func table(_ migrations: [MigrationStatus]) {
        let style = Style.output
        var table = Table([("VERSION", .right), ("NAME", .left), ("STATE", .left), ("REVERSIBLE", .left)])
        for migration in migrations {
            let paint: @Sendable (String) -> String = {
                migration.state == .applied ? style.good($0) : style.warning($0)
            }
            table.add([
                .init(text: "\(migration.version)"), .init(text: migration.name),
                .init(text: migration.state.rawValue, paint: paint), .init(text: migration.isReversible ? "yes" : "no"),
            ])
        }
        table.print()
    }
}
