import ArgumentParser
import EventModel
import EventSourcing
import Reconciliation

/// `lockstep reconcile owners`.
struct ReconcileOwnersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owners", abstract: "Show who has owned which fields of an execution, and from when to when.",
        discussion: """
            One line for each hand-over, the first one first, with its place in the log and who has done it. Of those that are about a field the latest \
            counts; where none is, or the latest has given it back, it is as the policy says. With --field only those that are about it; with --at as \
            it was at a position of the log.

            Examples:
              lockstep reconcile owners run-17
              lockstep reconcile owners run-17 --field variables/amount --at 4711 --json
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The execution.")
    var execution: String
    @Option(name: .long, help: "Only what is about this field.")
    var field: String?
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("As it was at this place of the log.", valueName: "position"))
    var at: Int64?

    func validate() throws {
        if let at, at < 0 { throw ValidationError("--at is \(at) and must be 0 or more.") }
    }

    func run() async throws {
        let key = try options.key(execution)
        let path = try field.map { text throws(Failure) in try ReconcileExplainCommand.path(text) }
        let history = try await options.room { room in
            try await room.know(key)
            return try await room.history(of: key)
        }
        let reigns = Reign.all(history, through: at.map(GlobalPosition.init), about: path)
        if options.answer.json {
            for reign in reigns { reign.line(key) }
        } else {
            Reign.show(reigns)
        }
    }
}

/// How long somebody has owned fields.
struct Reign: Sendable {
    let handOver: HandOver
    let entry: RecordedReconciliation
    /// The hand-over by which it has ended; `nil` while it lasts.
    let ended: RecordedReconciliation?

    /// The hand-overs of an execution, in order.
    ///
    /// - Parameters:
    ///   - position: what was said later is left out; `nil` for nothing.
    ///   - path: only those that are about this field, the last of which counts; `nil` for all.
    static func all(
        _ history: [RecordedReconciliation], through position: GlobalPosition?, about path: FieldPath?
    ) -> [Reign] {
        let taken = history.compactMap { entry -> (HandOver, RecordedReconciliation)? in
            guard case .ownershipTaken(let handOver) = entry.event, position.map({ entry.position <= $0 }) ?? true,
                path.map(handOver.pattern.matches) ?? true
            else { return nil }
            return (handOver, entry)
        }
        return taken.indices.map { place in
            let (handOver, entry) = taken[place]
            // One field has one owner; of many fields, a later hand-over of some ends nothing for the others.
            let next = taken[(place + 1)...].first { path != nil || $0.0.pattern.covers(handOver.pattern) }
            return Reign(handOver: handOver, entry: entry, ended: next?.1)
        }
    }

    func line(_ key: ExecutionKey) {
        Answers.object { answer in
            answer.member("workspace", key.workspace.rawValue)
            answer.member("execution", key.execution)
            answer.member("fields", "\(handOver.pattern)")
            answer.member("owner", handOver.owner?.rawValue)
            answer.member("because", handOver.because)
            answer.member("actor", entry.actor)
            answer.member("at", "\(entry.at)")
            answer.member("position", entry.position.rawValue)
            answer.member("ended_at", ended.map { "\($0.at)" })
            answer.member("ended_position", ended?.position.rawValue)
        }
    }

    static func show(_ reigns: [Reign]) {
        guard !reigns.isEmpty else {
            return StandardOutput.shared.write("Nothing was taken over: every field is whose the policy says.")
        }
        let style = Style.output
        var table = Table([
            ("FIELDS", .left), ("OWNER", .left), ("FROM", .right), ("TO", .right), ("SINCE", .left), ("BY", .left),
            ("BECAUSE", .left),
        ])
        for reign in reigns {
            table.add([
                .init(text: "\(reign.handOver.pattern)"),
                .init(
                    text: reign.handOver.owner?.rawValue ?? "as the policy says",
                    paint: reign.ended == nil ? style.strong : style.faint),
                .init(text: "\(reign.entry.position)"), .init(text: reign.ended.map { "\($0.position)" } ?? "now"),
                .init(text: "\(reign.entry.at)"), .init(text: reign.entry.actor ?? "-"),
                .init(text: reign.handOver.because ?? "-"),
            ])
        }
        table.print()
    }
}
