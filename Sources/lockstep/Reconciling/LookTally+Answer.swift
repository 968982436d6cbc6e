import EventModel
import EventSourcing
import FoundationEssentials

/// What looks at many executions have come to, as it is told.
extension LookTally {
    mutating func add(_ answer: ExecutionAnswer) {
        add(answer.standing, resolutions: answer.resolutions.count, effects: answer.effects.count)
    }

    /// - Parameter job: the job that has looked; `nil` where the verb has.
    func line(isDryRun: Bool, job: UUID? = nil) {
        Answers.object { answer in
            write(to: &answer)
            answer.member("dry_run", isDryRun)
            guard let job else { return }
            answer.member("failed", failed)
            answer.member("job", job)
        }
    }

    func write(to answer: inout JSONWriter) {
        answer.member("executions", executions)
        answer.member("converged", converged)
        answer.member("under_way", underWay)
        answer.member("held", held)
        answer.member("queued", queued)
        answer.member("resolutions", resolutions)
        answer.member("effects", effects)
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
            (converged, "converged"), (underWay, isDryRun ? "would be brought together" : "being brought together"),
            (held, "held"), (queued, "waiting for a person"), (failed, "that could not be looked at"),
        ].compactMap { count, word in count > 0 ? "\(count) \(word)" : nil }
        return
            "\(style.strong(Counted.of(executions, "execution"))): \(stand.joined(separator: ", ")); \(Counted.of(resolutions, "decision")), \(Counted.of(effects, "effect"))\(isDryRun ? " (nothing was recorded)" : "")"
    }
}
