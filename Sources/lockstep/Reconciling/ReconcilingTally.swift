import EventModel

/// How many executions stand how.
struct ReconcilingTally: Sendable {
    private(set) var executions = 0
    private(set) var counts: [ExecutionAnswer.Standing: Int] = [:]
    private(set) var resolutions = 0
    private(set) var effects = 0

    var differing: Int { executions - counts[.converged, default: 0] }

    mutating func add(_ answer: ExecutionAnswer) {
        executions += 1
        counts[answer.standing, default: 0] += 1
        resolutions += answer.resolutions.count
        effects += answer.effects.count
    }

    /// One that is known to rest.
    mutating func addConverged() {
        executions += 1
        counts[.converged, default: 0] += 1
    }

    func line(isDryRun: Bool) {
        Answers.object { answer in
            answer.member("executions", executions)
            answer.member("converged", counts[.converged, default: 0])
            answer.member("under_way", counts[.underWay, default: 0])
            answer.member("held", counts[.held, default: 0])
            answer.member("queued", counts[.queued, default: 0])
            answer.member("resolutions", resolutions)
            answer.member("effects", effects)
            answer.member("dry_run", isDryRun)
        }
    }

    func show(isDryRun: Bool) {
        StandardOutput.shared.write(text(Style.output, isDryRun: isDryRun))
    }

    /// One line, with what there is of it.
    func text(_ style: Style, isDryRun: Bool) -> String {
        guard executions > 0 else {
            return "No execution is open. One that is not projected yet is named by --execution."
        }
        let stand = [
            (ExecutionAnswer.Standing.converged, "converged"),
            (.underWay, isDryRun ? "would be brought together" : "being brought together"), (.held, "held"),
            (.queued, "waiting for a person"),
        ].compactMap { standing, word in counts[standing].map { "\($0) \(word)" } }
        return
            "\(style.strong(Counted.of(executions, "execution"))): \(stand.joined(separator: ", ")); \(Counted.of(resolutions, "decision")), \(Counted.of(effects, "effect"))\(isDryRun ? " (nothing was recorded)" : "")"
    }
}
