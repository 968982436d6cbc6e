import EventModel
import EventSourcing
import Operations

/// How reconciling stands as a whole, judged from the log, the checkpoints and the leases, not by whoever reconciles about itself.
struct ReconcilingOverview: Sendable {
    /// Executions of which a side can still move.
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
    }

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
