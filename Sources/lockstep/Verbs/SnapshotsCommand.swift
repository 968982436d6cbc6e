import ArgumentParser
import EventModel
import EventSourcing
import PostgresEventStore

/// `lockstep snapshots`.
struct SnapshotsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots",
        abstract: "Look after the snapshots of long streams.",
        discussion: """
            Whoever decides over a stream of more than 500 events, or reads its present state, begins at a snapshot and folds only what came \
            behind it; who had to fold more than 1000 leaves a new one behind. Snapshots are of workflows and of executions. They are never \
            the truth: all of them may be dropped at any time, which costs time once.

            A snapshot is used only by the fold that made it, as far as samples of every event show; when its bytes are whole; and when the \
            log holds its last event. One load of 64 is checked against the fold of all events afterwards. A mismatch drops what the same fold \
            has made, is logged and stays on record: see "list" and "doctor".

            Examples:
              lockstep snapshots list
              lockstep snapshots verify --fold workflow
              lockstep snapshots drop --stream workflow-refund
            """,
        subcommands: [SnapshotsListCommand.self, SnapshotsVerifyCommand.self, SnapshotsDropCommand.self])
}

/// Which snapshots.
struct SnapshotOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "Of this tenant only. Default: of all.")
    var workspace: String?
    @Option(name: .long, help: "Of this stream only.")
    var stream: String?
    @Option(name: .long, help: "Of this fold only: workflow or workflow_execution.")
    var fold: String?

    func selection() throws -> SnapshotSelection {
        do throws(NameFlaw) {
            return SnapshotSelection(
                workspace: try workspace.map { text throws(NameFlaw) in try Workspace(text) },
                stream: try stream.map { text throws(NameFlaw) in try StreamName(text) }, fold: fold)
        } catch {
            throw Failure(.usage, describing: error.description, otherwise: "check the name")
        }
    }

    /// Every entry of the selection, page by page.
    func entries(in store: some SnapshotStore, _ body: (SnapshotEntry) async throws -> Void) async throws {
        let selection = try selection()
        var last: SnapshotKey?
        while true {
            let page = try await store.snapshots(of: selection, behind: last, limit: Self.pageLimit)
            for entry in page { try await body(entry) }
            guard page.count == Self.pageLimit else { return }
            last = page.last?.key
        }
    }

    /// Entries that are read at a time.
    private static let pageLimit = 500
}

/// `lockstep snapshots list`.
struct SnapshotsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the snapshots, and those that did not agree with their events.",
        discussion: """
            With --json, one object for each snapshot, with state "kept", and then one for each mismatch on record, with state "mismatch". \
            Status 1 when there is a mismatch.

            Examples:
              lockstep snapshots list
              lockstep snapshots list --fold workflow_execution --json
            """)

    /// Mismatches that are shown.
    private static let mismatchLimit = 1_000

    @OptionGroup var options: SnapshotOptions

    func run() async throws {
        let settings = try await options.database.settings()
        let isQuiet = try await OpenLog.forReading(settings) { [options] store in
            var rows: [SnapshotRow] = []
            try await options.entries(in: store) { rows.append(SnapshotRow($0)) }
            let mismatches = try await store.snapshotMismatches(limit: Self.mismatchLimit)
            rows += mismatches.map(SnapshotRow.init)
            if options.answer.json { rows.forEach { $0.line() } } else { SnapshotRow.table(rows) }
            return mismatches.isEmpty
        }
        guard isQuiet else { throw AnsweredNo() }
    }
}

/// `lockstep snapshots verify`.
struct SnapshotsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Fold the events of snapshots anew, and compare.",
        discussion: """
            Needs the master key. States: "agrees"; "differs", which drops what the same fold has made and stays on record; "unknown", when \
            the stream cannot be folded; or why nobody would use the snapshot: "fold" (another version of this program made it), "damaged", \
            "erased", "sealed", "unreadable", "history". Status 1 when one differs, is damaged or cannot be read.

            Examples:
              lockstep snapshots verify
              lockstep snapshots verify --stream workflow-refund --json
            """)

    @OptionGroup var options: SnapshotOptions

    func run() async throws {
        let settings = try await options.database.settings()
        guard settings.sealing.hasMasterKey else { throw Failure(StoreError.keys(.noMasterKey)) }
        let isGood = try await Interruption.cancels {
            try await OpenLog.forReading(settings) { [options] store in
                let log = try SealedLog(store, settings.sealing, reading: .plain)
                var rows: [SnapshotRow] = []
                try await options.entries(in: store) { entry in
                    guard let found = try await log.snapshots?.verify(entry.key, in: log) else { return }
                    rows.append(SnapshotRow(entry, found.verdict))
                    if options.answer.json { rows.last?.line() }
                }
                if !options.answer.json { SnapshotRow.table(rows) }
                return !rows.contains(where: \.isBad)
            }
        }
        guard isGood else { throw AnsweredNo() }
    }
}

/// `lockstep snapshots drop`.
struct SnapshotsDropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Drop snapshots. Nothing is lost but time.",
        discussion: """
            Without a selection, all of them. --forgive takes the mismatches of the fold, or all, off the record as well, so that the same \
            fold is trusted again: when you know why they were, and have looked at what was decided on those streams.

            Examples:
              lockstep snapshots drop
              lockstep snapshots drop --fold workflow --forgive
            """)

    @OptionGroup var options: SnapshotOptions
    @Flag(name: .long, help: "Also take mismatches off the record.")
    var forgive = false

    func validate() throws {
        if forgive, options.stream != nil || options.workspace != nil {
            throw ValidationError("--forgive is about a whole fold, or all of them: name no stream and no workspace")
        }
    }

    func run() async throws {
        let settings = try await options.database.settings()
        let selection = try options.selection()
        let (dropped, forgiven) = try await OpenLog.forReading(settings) { [forgive] store in
            (
                try await store.dropSnapshots(of: selection),
                forgive ? try await store.forgiveMismatches(of: selection.fold) : 0
            )
        }
        guard !options.answer.json else {
            return Answers.object { object in
                object.member("dropped", dropped)
                object.member("forgiven", forgiven)
            }
        }
        StandardOutput.shared.write(
            "\(Counted.of(dropped, "snapshot")) dropped"
                + (forgive ? ", \(forgiven == 1 ? "1 mismatch" : "\(forgiven) mismatches") off the record" : ""))
    }
}
