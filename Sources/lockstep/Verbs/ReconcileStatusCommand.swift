import ArgumentParser
import EventSourcing

/// `lockstep reconcile status`.
struct ReconcileStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract:
            "Show the conflicts that wait for a person, the effects that are under way, whether anybody reconciles, and the jobs that have not ended.",
        discussion: """
            Without --execution the last line says how reconciling stands as a whole: how many executions are apart, how many are stale, because \
            neither side has moved for long, how far behind the reconciler is, how the engines are reached, and whether anybody holds a lane; how \
            many jobs have not ended, and how far those are that somebody has begun with. \
            Executions that somebody has looked at since they moved last \
            are not read again. A conflict that waits, and an effect that is under way, is shown also when both sides are over. Status 1 when a conflict waits.

            Of each conflict both sides are told, what they agreed on last, the rule that leaves it to a person with the reason that its policy gives, how \
            long it waits, and of a field that is parked because the sides keep taking back what was decided, those decisions. With --execution there is \
            a line for each of these. Words like statuses are always shown, data only with --plain.

            Examples:
              lockstep reconcile status
              lockstep reconcile status --execution run-17 --plain
              lockstep reconcile status --execution run-17 --json
            """)

    @OptionGroup var options: ReconcilingOptions
    @Option(name: .long, help: "This execution; may be given several times. Default: all open ones.")
    var execution: [String] = []
    @OptionGroup var data: DataOptions

    func run() async throws {
        let keys = try execution.map { try options.key($0) }
        let tenant = options.workspace == nil ? nil : try options.tenant()
        let disclosure = try data.disclosure(try await options.database.settings())
        let (found, overview) = try await options.room { room in
            var found: [PendingWork] = []
            var reasons = room.reasons
            for key in keys {
                try await room.know(key)
                found += try await PendingWork.all(try await room.desk.preview(key), in: room, &reasons)
            }
            guard keys.isEmpty else { return (found, ReconcilingOverview?.none) }
            var overview = ReconcilingOverview()
            try await room.forEachStanding(in: tenant) { standing in
                overview.add(standing)
                if let counts = standing.note?.counts, counts.queued == 0, counts.pending == 0 { return }
                found += try await PendingWork.all(try await room.desk.preview(standing.key), in: room, &reasons)
            }
            try await overview.look(in: room)
            return (found, overview)
        }
        let now = SystemTimekeeper().now()
        if options.answer.json {
            found.forEach { $0.line(disclosure, at: now) }
            overview?.line()
        } else {
            PendingWork.show(found, disclosure, at: now, inDetail: !keys.isEmpty)
            for line in overview?.sentences(.output) ?? [] { StandardOutput.shared.write(line) }
        }
        guard !found.contains(where: \.isConflict) else { throw AnsweredNo() }
    }
}
