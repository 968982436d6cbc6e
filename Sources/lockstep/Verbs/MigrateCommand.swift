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
        let settings = try await database.settings()
        let done = try await SchemaUpgrade.up(try settings.postgres())
        let (standings, flaws) = try await OpenLog.connection(settings) { connection in
            (try await ReadModelStanding.all(on: connection), try await SchemaIntegrity.flaws(on: connection))
        }
        if answer.json {
            MigrationAnswer.lines(done)
        } else if done.isEmpty {
            StandardOutput.shared.write("nothing to do: the schema is at version \(Migrator.currentVersion)")
        } else {
            MigrationAnswer.table(done)
        }
        if !answer.json { ReadModelStanding.advise(standings) }
        guard flaws.isEmpty else {
            throw Failure(
                .no, "the schema is at version \(Migrator.currentVersion), but \(flaws.joined(separator: "; "))",
                hint: "restore what is missing from a backup, or rebuild it; see `lockstep doctor`")
        }
    }
}

/// `lockstep migrate status`.
struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say where each migration and each read model stands; status 1 unless all migrations are applied.",
        discussion: """
            Versions side by side: those of the schema, of this program's read models, and of the generations that readers see and that are \
            being built beside them. A read model that is older than the program, or that a migration has marked, is to be rebuilt.

            Examples:
              lockstep migrate status
              lockstep migrate status --json && echo ready
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        let settings = try await database.settings()
        let all = try await Migrator(try settings.postgres()).status()
        let isReady = all.allSatisfy { $0.state == .applied }
        // A schema that is not this program's may have no registry, or another one.
        let standings =
            isReady ? try await OpenLog.connection(settings) { try await ReadModelStanding.all(on: $0) } : []
        if answer.json {
            MigrationAnswer.lines(all)
            standings.forEach { $0.line() }
        } else {
            MigrationAnswer.table(all)
            if isReady {
                StandardOutput.shared.write("")
                ReadModelStanding.table(standings)
            }
        }
        guard isReady else { throw AnsweredNo() }
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
