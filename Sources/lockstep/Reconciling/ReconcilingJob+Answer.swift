import EventModel
import EventSourcing
import FoundationEssentials

/// How a job stands, for people and for programs.
extension ReconcilingJob {
    /// One JSON object.
    func line() {
        Answers.object { answer in
            answer.member("job", id)
            answer.member("state", state.rawValue)
            answer.member("workspace", selection?.workspace?.rawValue)
            answer.member("workflow", selection?.workflow)
            answer.member("since", selection?.since.map { "\($0)" })
            answer.member("requested_by", requestedBy)
            answer.member("requested_at", "\(requestedAt)")
            answer.member("started_at", startedAt.map { "\($0)" })
            answer.member("finished_at", finishedAt.map { "\($0)" })
            answer.member("total", total)
            tally.write(to: &answer)
            answer.member("failed", tally.failed)
            answer.member("remaining_seconds", remaining(at: SystemTimekeeper().now()).flatMap { Int64(exactly: $0) })
            answer.member("holder", holder)
            answer.member("last_error", lastError)
        }
    }

    static func show(_ jobs: [ReconcilingJob], areAll: Bool) {
        guard !jobs.isEmpty else {
            return StandardOutput.shared.write(areAll ? "There are no jobs." : "No job is unfinished.")
        }
        var table = Table([
            ("JOB", .left), ("STATE", .left), ("LOOKED AT", .right), ("DIFFERING", .right), ("SELECTION", .left),
            ("ASKED FOR", .left), ("WORKED AT BY", .left),
        ])
        let now = SystemTimekeeper().now()
        for job in jobs {
            table.add([
                .init(text: job.id.text), .init(text: job.state.rawValue, paint: job.paint(.output)),
                .init(text: job.place(at: now)), .init(text: "\(job.tally.differing)"), .init(text: job.words),
                .init(text: "by \(job.requestedBy) at \(job.requestedAt)"),
                .init(text: job.holder ?? job.lastError ?? "-"),
            ])
        }
        table.print()
    }

    /// How far it has come.
    var place: String { total.map { "\(tally.executions) of \($0)" } ?? "-" }

    /// Which executions.
    var words: String {
        guard let selection else { return "of another version" }
        let words = [
            selection.workspace.map { "workspace \($0.rawValue)" }, selection.workflow.map { "workflow \($0)" },
            selection.since.map { "since \($0)" },
        ].compactMap { $0 }
        return words.isEmpty ? "all" : words.joined(separator: ", ")
    }

    private func paint(_ style: Style) -> @Sendable (String) -> String {
        switch state {
        case .queued, .cancelled: { $0 }
        case .running: { style.warning($0) }
        case .done: { style.good($0) }
        case .failed: { style.bad($0) }
        }
    }

    /// The last word about a job that has ended: the same sum as of looks that the verb takes itself.
    ///
    /// - Throws: ``AnsweredNo`` when something differs; ``Failure`` when it did not come to its end.
    func conclude(asJSON: Bool) throws {
        if asJSON { tally.line(isDryRun: false, job: id) } else { tally.show(isDryRun: false) }
        let unlisted = tally.lines - Self.lineLimit
        if unlisted > 0 {
            StandardError.write(
                "note: \(Counted.of(unlisted, "execution")) more that there is something to say about \(unlisted == 1 ? "is" : "are") not listed"
            )
        }
        switch state {
        case .done, .queued, .running: guard tally.differing == 0 else { throw AnsweredNo() }
        case .cancelled:
            throw Failure(
                .no, "job \(id.text) was cancelled when \(place) executions were looked at",
                hint: "run the same command again for another job; nothing is decided twice")
        case .failed:
            throw Failure(
                .no, "job \(id.text) failed: \(lastError ?? "nobody has said why")",
                hint: "run `lockstep doctor`, then the same command again for another job")
        }
    }
}
