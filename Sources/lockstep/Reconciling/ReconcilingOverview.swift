import EventModel
import EventSourcing
import Operations

/// How reconciling stands as a whole, judged from the log, the checkpoints and the leases, not by whoever reconciles about itself.
struct ReconcilingOverview: Sendable {
    /// Open executions: of which a side can still move, or that are over and in which a conflict waits or an effect is under way.
    var executions = 0
    /// Those that a look knows as they are.
    var known = 0
    /// Those that are stale: neither side has moved for long, and they are left alone until one does. What differs in them is not counted.
    var stale = 0
    /// Those whose sides are apart, as looks have found.
    var differing = 0
    /// Fields in them.
    var fields = 0
    /// Conflicts that wait for a person.
    var queued = 0
    /// Effects that are under way.
    var pending = 0
    /// Whether anybody reconciles.
    var standing = ReconcilingStanding()
    /// Jobs that have not ended.
    var jobs = UnfinishedJobs()
    /// Those of them that somebody has begun with, the oldest first.
    var begun: [ReconcilingJob] = []

    var verdict: ReconcilingStanding.Verdict {
        standing.verdict(hasWork: differing > 0 || pending > 0 || known < executions)
    }

    mutating func add(_ standing: NotedExecution) {
        executions += 1
        guard let counts = standing.note?.counts else { return }
        known += 1
        if standing.note?.movement.isStale == true {
            stale += 1
        } else {
            differing += counts.isApart ? 1 : 0
            fields += counts.differing
        }
        queued += counts.queued
        pending += counts.pending
    }

    /// Reads what is not said by the executions.
    mutating func look(in room: ReconcilingRoom) async throws {
        standing = try await ReconcilingStanding.read(room.pool, room.views)
        try await standing.readUnconnected(room.pool)
        jobs = try await room.views.unfinishedJobs()
        begun = try await room.views.jobs(unfinished: true, limit: Self.listed).filter { $0.state == .running }
    }

    /// Jobs that are listed: whoever has filed more sees their number.
    private static let listed = 100

    func line() {
        Answers.object { answer in
            answer.member("verdict", verdict.rawValue)
            answer.member("executions", executions)
            answer.member("known", known)
            answer.member("stale", stale)
            answer.member("differing", differing)
            answer.member("fields", fields)
            answer.member("queued", queued)
            answer.member("pending", pending)
            answer.member("held_lanes", standing.heldLanes)
            answer.member("lag_events", standing.lagEvents)
            answer.member("lag_seconds", seconds: standing.lagSeconds)
            answer.member("last_error", standing.lastError)
            answer.key("engines")
            answer.array { list in
                for standing in standing.engines { list.object { standing.write(to: &$0) } }
            }
            answer.key("unconnected")
            answer.array { list in
                for side in standing.unconnected {
                    list.object { object in
                        object.member("side", side.side)
                        object.member("effects", side.effects)
                        object.member("oldest_seconds", seconds: side.oldestSeconds)
                    }
                }
            }
            answer.member("queued_jobs", jobs.queued)
            answer.member("running_jobs", jobs.running)
            answer.member("orphaned_jobs", jobs.orphaned)
            answer.key("jobs")
            let now = SystemTimekeeper().now()
            answer.array { list in
                for job in begun { list.object { job.writePlace(at: now, to: &$0) } }
            }
        }
    }

    /// What to say of it to people, a line each.
    func sentences(_ style: Style) -> [String] {
        var lines = [
            "\(style.strong(Counted.of(executions, "open execution"))): \(known) looked at since they moved, \(differing) apart in \(Counted.of(fields, "field"))\(stale > 0 ? ", \(stale) stale" : ""); \(queued) waiting for a person, \(Counted.of(pending, "effect")) under way"
        ]
        switch verdict {
        case .nobody:
            lines.append(
                style.bad("nobody reconciles, although there is work: run `lockstep serve --roles reconciler`"))
        case .ok, .degraded:
            let lag =
                standing.lagEvents > 0
                ? ", \(Counted.of(standing.lagEvents, "event")) behind (\(Int(standing.lagSeconds)) s)" : ""
            if standing.heldLanes > 0 {
                lines.append("reconciling in \(Counted.of(standing.heldLanes, "lane"))\(lag)")
            }
        }
        if let error = standing.lastError { lines.append(style.warning(Table.printable(error))) }
        for engine in standing.openBreakers {
            lines.append(
                style.warning(Table.printable("\(engine.circuit) (\(engine.side), as \(engine.holder) sees it)")))
        }
        for side in standing.unconnected {
            let words = "\(side.side) engine: \(side.why): \(side.todo)"
            lines.append(side.isOverdue ? style.bad(words) : style.warning(words))
        }
        return lines + jobSentences(style)
    }

    private func jobSentences(_ style: Style) -> [String] {
        let stand = [
            (jobs.queued, "queued"), (jobs.running, "being worked at"), (jobs.orphaned, "that nobody works at"),
        ].compactMap { count, word in count > 0 ? "\(count) \(word)" : nil }
        guard !stand.isEmpty else { return [] }
        let all = Counted.of(jobs.queued + jobs.running + jobs.orphaned, "unfinished job")
        var lines = ["\(style.strong(all)): \(stand.joined(separator: ", "))"]
        let now = SystemTimekeeper().now()
        lines += begun.map { job in
            let words = Table.printable(job.sentence(at: now))
            return job.isOrphaned ? style.bad(words) : words
        }
        if jobs.queued > 0, standing.heldLanes == 0 {
            lines.append(
                style.warning(
                    "nobody begins with what is queued: run `lockstep serve --roles reconciler`, or `lockstep reconcile run --resume JOB`"
                ))
        }
        return lines
    }
}

extension EngineStanding {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("side", side)
        writer.member("holder", holder)
        writer.member("engine", circuit.name)
        writer.member("circuit", circuit.state.rawValue)
        writer.member("since", "\(circuit.since)")
        writer.member("failures", circuit.failures)
        writer.member("last_error", circuit.lastError?.reason)
    }
}
