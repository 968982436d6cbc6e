import ArgumentParser
import EventModel
import Reconciliation

/// `lockstep reconcile owner`.
struct ReconcileOwnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owner",
        abstract: "Take fields of an execution over for one side, or give them back to the policy.",
        discussion: """
            From then on the owner's changes stand, and those of the other side are taken back; no rule is asked. It holds until somebody else takes \
            the fields over, or gives them back with --side policy. It is an event of reconciliation-<execution>, with who has done it and why. The \
            execution is looked at at once, and what follows is recorded with it.

            Examples:
              lockstep reconcile owner run-17 --field 'variables/**' --side journey --because "a person helps the customer" --actor ada
              lockstep reconcile owner run-17 --field 'variables/**' --side policy --because "done"
            """)

    @OptionGroup var options: ReconcilingOptions
    @Argument(help: "The execution.")
    var execution: String
    @Option(
        name: .long,
        help: "The fields: a path in which * stands for any one name, and ** at the end for any number of them.")
    var field: String
    @Option(name: .long, help: "Who owns them from now on: workflow, journey, or policy for whatever the policy says.")
    var side: String
    @Option(name: .long, help: "Why, for people. It stays for ever, so it must not describe a person.")
    var because: String

    func run() async throws {
        let key = try options.key(execution)
        let handOver = HandOver(pattern: try pattern(), owner: try owner(), because: try reason())
        let report = try await options.room(decides: true) { room in
            try await room.know(key)
            return try await room.desk.handOver(handOver, of: key)
        }
        let isRecorded = report.events.contains { if case .ownershipTaken = $0 { true } else { false } }
        let follow = report.events.count - (isRecorded ? 1 : 0)
        let position = isRecorded ? report.positions?.lowerBound.rawValue : nil
        guard options.answer.json else {
            let what = "\(Table.printable("\(handOver.pattern)")) of \(Table.printable(execution))"
            let whose = handOver.owner.map { "owned by the \($0.rawValue)" } ?? "as the policy says"
            return StandardOutput.shared.write(
                isRecorded
                    ? "\(what) is \(Style.output.strong(whose)) from position \(position ?? 0) on; \(Counted.of(follow, "event")) followed"
                    : "\(what) is \(whose) already; nothing was recorded")
        }
        Answers.object { answer in
            answer.member("workspace", key.workspace.rawValue)
            answer.member("execution", key.execution)
            answer.member("fields", "\(handOver.pattern)")
            answer.member("owner", handOver.owner?.rawValue)
            answer.member("because", handOver.because)
            answer.member("actor", options.actor)
            answer.member("recorded", isRecorded)
            answer.member("position", position)
            answer.member("followed", follow)
        }
    }

    private func pattern() throws(Failure) -> PathPattern {
        let help = "see `lockstep reconcile owner --help`"
        guard field.utf8.count <= PolicyLimits.path else {
            throw Failure(
                .usage, "the path of --field has \(field.utf8.count) bytes, the limit is \(PolicyLimits.path)",
                hint: help)
        }
        do throws(PathPatternFlaw) { return try PathPattern(field) } catch {
            throw Failure(.usage, describing: "\(error)", otherwise: help)
        }
    }

    private func owner() throws(Failure) -> Side? {
        if side == "policy" { return nil }
        guard let owner = Side(rawValue: side) else {
            throw Failure(
                .usage, "--side \(Table.printable(side, cutAt: 40)) owns nothing",
                hint: "choose workflow, journey or policy")
        }
        return owner
    }

    private func reason() throws(Failure) -> String {
        let limit = PolicyLimits.text
        guard (1...limit).contains(because.utf8.count), !because.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else {
            throw Failure(
                .usage, "--because must have 1 to \(limit) bytes and no control characters",
                hint: "say in a sentence why, for whoever reads it later")
        }
        return because
    }
}
