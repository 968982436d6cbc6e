import EventModel
import EventSourcing

/// How fast a job goes, and what is left of it.
extension ReconcilingJob {
    /// Executions a second since somebody began with it; `nil` while nothing can be said. By two clocks, the store's and this one's: a rough number.
    func rate(at now: Timestamp) -> Double? {
        guard let startedAt, tally.executions > 0 else { return nil }
        let seconds = startedAt.duration(to: now) / .seconds(1)
        return seconds > 0 ? Double(tally.executions) / seconds : nil
    }

    /// How many seconds it takes still if it goes on as it did; `nil` where nobody works at it, or nothing can be said.
    func remaining(at now: Timestamp) -> Double? {
        guard state == .running, !isOrphaned, let total, let rate = rate(at: now) else { return nil }
        return (Double(max(0, total - tally.executions)) / rate).rounded(.up)
    }

    /// How far it has come, and when it will have ended.
    func place(at now: Timestamp) -> String {
        guard let rate = rate(at: now), let remaining = remaining(at: now) else { return place }
        return "\(place), \(Int64(exactly: rate.rounded(.down)) ?? 0)/s, \(Int64(exactly: remaining) ?? 0) s left"
    }

    /// How one stands that somebody has begun with, and what to do where nobody works at it.
    func sentence(at now: Timestamp) -> String {
        let words = "job \(id.text) (\(self.words)): \(place(at: now))"
        guard isOrphaned else { return words }
        return
            "\(words); nobody works at it: run `lockstep serve --roles reconciler`, go on with `lockstep reconcile run --resume \(id.text)`, or end it with `lockstep reconcile jobs --cancel \(id.text)`"
    }

    /// The members of one that somebody has begun with, as part of a larger answer.
    func writePlace(at now: Timestamp, to answer: inout JSONWriter) {
        answer.member("job", id)
        answer.member("workspace", selection?.workspace?.rawValue)
        answer.member("workflow", selection?.workflow)
        answer.member("since", selection?.since.map { "\($0)" })
        answer.member("executions", tally.executions)
        answer.member("total", total)
        answer.member("remaining_seconds", remaining(at: now).flatMap { Int64(exactly: $0) })
        answer.member("holder", holder)
    }
}
