import EventModel
import EventSourcing
import PostgresDriver

/// How reconciling stands as a whole, judged from the log, the checkpoints and the leases, not by whoever reconciles about itself.
struct ReconcilingOverview: Sendable {
    /// Whether somebody does what there is to do.
    enum Verdict: String, Sendable {
        /// Lanes are held, and an engine is left alone by its breaker.
        case degraded
        /// There is nothing to do, or somebody does it.
        case ok
        /// There is work, and no process holds a lane.
        case nobody
    }

    /// A last word that is older was said by a process that is gone.
    private static let memory = Duration.seconds(60)

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
    /// Lanes that somebody holds now.
    var heldLanes: Int64 = 0
    /// Events that the furthest lane has not attended to.
    var lagEvents: Int64 = 0
    /// The age of the oldest of them, in seconds.
    var lagSeconds = 0.0
    /// Why an execution cannot be looked at, if one cannot.
    var lastError: String?
    /// How the engines are reached, by every process that lives.
    var engines: [EngineStanding] = []

    var verdict: Verdict {
        let hasWork = lagEvents > 0 || differing > 0 || pending > 0 || known < executions
        if heldLanes == 0 { return hasWork ? .nobody : .ok }
        return engines.contains { $0.circuit.state != .closed } ? .degraded : .ok
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

    private static let lanes: PostgresStatement = """
        select (select count(*) from lockstep.leases l where l.name ~ '^reconciler/[0-9]+$' and l.expires_at > clock_timestamp()),
            coalesce(max(p.lag_events), (select h.position from lockstep.log_head h)), coalesce(max(p.lag_seconds), 0)::double precision,
            (select e.last_error from lockstep.checkpoints e where e.kind = 'reconciler' and e.last_error is not null order by e.lane limit 1)
        from lockstep.consumer_progress p where p.kind = 'reconciler'
        """

    /// Reads what is not said by the executions.
    mutating func look(in room: ReconcilingRoom) async throws {
        let rows = try await room.pool.withConnection { try await $0.query(Self.lanes) }
        heldLanes = try rows.int64(0, 0)
        lagEvents = try rows.int64(0, 1)
        lagSeconds = try rows.double(0, 2)
        lastError = rows.isNull(0, 3) ? nil : try rows.text(0, 3)
        engines = try await room.views.engineStandings().filter { $0.age < Self.memory }.map(\.standing)
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
            answer.member("held_lanes", heldLanes)
            answer.member("lag_events", lagEvents)
            answer.member("lag_seconds", seconds: lagSeconds)
            answer.member("last_error", lastError)
            answer.key("engines")
            answer.array { list in
                for standing in engines { list.object { standing.write(to: &$0) } }
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
            let lag = lagEvents > 0 ? ", \(Counted.of(lagEvents, "event")) behind (\(Int(lagSeconds)) s)" : ""
            if heldLanes > 0 { lines.append("reconciling in \(Counted.of(heldLanes, "lane"))\(lag)") }
        }
        if let lastError { lines.append(style.warning(Table.printable(lastError))) }
        for standing in engines where standing.circuit.state != .closed {
            lines.append(
                style.warning(Table.printable("\(standing.circuit) (\(standing.side), as \(standing.holder) sees it)")))
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
