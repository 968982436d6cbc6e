import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials
import Reconciler
import Reconciliation

/// `lockstep reconcile`.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Find executions whose two sides have decided differently, and settle that, on the record.",
        discussion: """
            The workflow and the journey of an execution are held against what both agreed on last. What one side alone has changed is passed on \
            to the other; what both have changed is decided by a policy, or by a person. Every decision is an event of reconciliation-<execution> \
            with both sides, the rule and the loser. What the sides are told is carried out by `lockstep serve --roles reconciler`.

            Examples:
              lockstep reconcile run --dry-run
              lockstep reconcile run --execution run-17
              lockstep reconcile run --workflow refund-a-customer --detach
              lockstep reconcile jobs
              lockstep reconcile status
              lockstep reconcile explain run-17 --field variables/amount
              lockstep reconcile resolve run-17 CONFLICT --take journey
              lockstep reconcile flip run-17 RESOLUTION --dry-run
              lockstep reconcile what-if house.yaml --since 2026-03-01T00:00:00Z
              lockstep reconcile owner run-17 --field 'variables/**' --side journey --because "a person helps the customer"
              lockstep reconcile owners run-17
              lockstep reconcile drift
            """,
        subcommands: [
            ReconcileRunCommand.self, ReconcileJobsCommand.self, ReconcileStatusCommand.self,
            ReconcileExplainCommand.self,
            ReconcileResolveCommand.self, ReconcileFlipCommand.self, ReconcileWhatIfCommand.self,
            ReconcileDriftCommand.self, ReconcileOwnerCommand.self, ReconcileOwnersCommand.self,
        ])
}

/// What every verb of reconciliation is told.
struct ReconcilingOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Option(
        name: .long,
        help:
            "A policy's file besides the default policy; may be given several times. Default: LOCKSTEP_RECONCILER_POLICIES."
    )
    var policy: [String] = []
    @Option(name: .long, help: "Who decides, as it is recorded. Default: operator.")
    var actor: String = "operator"

    func tenant() throws(Failure) -> Workspace {
        do throws(NameFlaw) {
            return try workspace.map { text throws(NameFlaw) in try Workspace(text) } ?? .default
        } catch {
            throw Failure(.usage, describing: error.description, otherwise: "check --workspace")
        }
    }

    func key(_ execution: String) throws(Failure) -> ExecutionKey {
        do throws(NameFlaw) {
            for category in ReconcilingRoom.categories {
                _ = try StreamName(category: Category(category), key: execution)
            }
        } catch {
            throw Failure(.usage, describing: error.description, otherwise: "name an execution")
        }
        return ExecutionKey(workspace: try tenant(), execution: execution)
    }

    /// - Parameter decides: whether anything may be decided in the room: decisions name a policy and its version, and what those say is on record before
    ///   the first is taken.
    /// - Throws: ``Failure`` also when a policy's version is on record as something else.
    func room<R: Sendable>(
        decides: Bool = false, _ body: sending (ReconcilingRoom) async throws -> R
    ) async throws -> R {
        try checkActor()
        let source = try await database.source()
        let files = policy.isEmpty ? source.list("reconciler.policies") ?? [] : policy
        let policies = try PolicyFiles(files)
        return try await ReconcilingRoom.with(
            try await database.settings(), policies: policies.book, actor: actor
        ) { room in
            if decides {
                _ = try await PolicyPublishing(log: room.log, actor: actor).publish(policies)
            }
            return try await body(room)
        }
    }

    /// Waits until the read model by which decisions and conflicts are found shows what it is to show.
    ///
    /// - Throws: ``Failure`` with status 1 when that does not come to pass in time.
    func wait(_ waiting: WaitOptions) async throws {
        if let unmet = try await waiting.wait(try await database.settings(), for: ["divergences"]) { throw unmet }
    }

    /// What a verb is told as `EXECUTION ID` or, where the execution is to be found, as `ID`.
    func named(
        _ words: [String], _ thing: String, toldBy verb: String
    ) throws(Failure) -> (key: ExecutionKey?, id: UUID) {
        let key: ExecutionKey? = if words.count > 1 { try key(words[0]) } else { nil }
        return (key, try Self.id(words.last ?? "", of: thing, toldBy: verb))
    }

    /// - Parameter verb: which verb of reconciliation tells such ids.
    static func id(_ text: String, of thing: String, toldBy verb: String) throws(Failure) -> UUID {
        guard let id = UUID(uuidString: text) else {
            throw Failure(
                .usage, "\"\(Table.printable(text, cutAt: 60))\" is no id of a \(thing)",
                hint: "see `lockstep reconcile \(verb)`")
        }
        return id
    }

    /// Every event would be refused otherwise.
    private func checkActor() throws(Failure) { try Self.check(actor: actor, of: "lockstep reconcile") }

    /// - Parameter verb: whose help says more.
    static func check(actor: String, of verb: String) throws(Failure) {
        guard (1...AppendLimits.actorBytes).contains(actor.utf8.count),
            !actor.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else {
            throw Failure(
                .usage, "--actor must have 1 to \(AppendLimits.actorBytes) bytes and no control characters",
                hint: "see `\(verb) --help`")
        }
    }
}
