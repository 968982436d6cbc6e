import EventSourcing

/// Something that does not go as it should, while the rest goes on: what it is, why that is said, and what to do.
public struct Degradation: Sendable, Hashable {
    /// What it is about: a consumer, reconciling, an engine.
    public let what: String
    /// What was found.
    public let why: String
    /// What to do.
    public let todo: String

    /// A degradation by its parts.
    public init(_ what: String, why: String, todo: String) {
        self.what = what
        self.why = why
        self.todo = todo
    }
}

extension ConsumerStatus {
    /// What somebody should know of it; at most one thing for its health and one for what it has set aside.
    ///
    /// - Parameter patience: as of ``health(patience:)``.
    func degradations(patience: Double) -> [Degradation] {
        var found: [Degradation] = []
        switch health(patience: patience) {
        case .ok, .behind: break
        case .stalled: found.append(stalled)
        case .stopped: found.append(stopped)
        }
        if isDegraded {
            found.append(
                Degradation(
                    title, why: "\(Self.counted(parkedKeys, "key")) parked, everything else flows",
                    todo:
                        "see the causes with `lockstep projections parked \(consumer)`, mend them, then `lockstep projections retry \(consumer) --all`"
                ))
        }
        return found
    }

    /// `projector executions v3`, `ingest lockstep.inbound, lane 2`.
    var title: String { "\(kind) \(consumer) v\(version)\(lane < 0 ? "" : ", lane \(lane)")" }

    private var stalled: Degradation {
        let waiting = Self.counted(lagEvents, kind == "ingest" ? "message" : "event")
        let why =
            switch state {
            case "absent": "it has never run, and \(waiting) \(lagEvents == 1 ? "waits" : "wait")"
            case "unwatched": "nobody looks how much there is to take in"
            default:
                "\(waiting) \(lagEvents == 1 ? "waits" : "wait"), and nothing was done for \(Self.whole(min(lagSeconds, silentSeconds))) s\(slowestLane.map { ", furthest behind in lane \($0)" } ?? "")"
            }
        return Degradation(title, why: why, todo: start)
    }

    private var stopped: Degradation {
        guard !isOnAnotherHistory else {
            return Degradation(
                title, why: "it has seen events that this log does not hold", todo: "run `lockstep doctor`")
        }
        return Degradation(
            title, why: "it stands still: \(lastError ?? "it does not say why")",
            todo: "mend the cause; it goes on by itself then, see `lockstep projections status`")
    }

    /// Roles are named as kinds of consumers are, where a kind is a role's.
    private var start: String {
        let roles = ["projector", "publisher", "state", "sealer", "ingest", "reconciler"]
        return roles.contains(kind)
            ? "run `lockstep serve --roles \(kind)`, and read what it says"
            : "run what makes it, see `lockstep projections status`"
    }

    private static func whole(_ seconds: Double) -> Int64 { Int64(exactly: seconds.rounded(.down)) ?? 0 }

    private static func counted(_ number: Int64, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}

extension ReconcilingStanding {
    /// What somebody should know of it.
    ///
    /// - Parameter hasWork: as of ``verdict(hasWork:)``.
    func degradations(hasWork: Bool) -> [Degradation] {
        var found: [Degradation] = []
        if hasEverRun, verdict(hasWork: hasWork) == .nobody {
            found.append(
                Degradation(
                    "reconciling", why: "nobody reconciles, although there is work",
                    todo: "run `lockstep serve --roles reconciler`"))
        }
        if let lastError {
            found.append(
                Degradation(
                    "reconciling", why: "an execution cannot be looked at: \(lastError)",
                    todo: "look at it with `lockstep reconcile run --dry-run --execution …`"))
        }
        for side in unconnected where side.isOverdue {
            found.append(Degradation("\(side.side) engine", why: side.why, todo: side.todo))
        }
        // One process after the other would say the same of an engine that is away.
        for engine in Dictionary(grouping: openBreakers, by: { "\($0.side) engine" }).sorted(by: { $0.key < $1.key }) {
            guard let first = engine.value.min(by: { $0.holder < $1.holder }) else { continue }
            let others = engine.value.count - 1
            found.append(
                Degradation(
                    engine.key,
                    why:
                        "\(first.circuit), as \(first.holder)\(others == 0 ? "" : " and \(others) more") \(others == 0 ? "sees" : "see") it",
                    todo: "see whether it runs and is reached; what it is to be told waits, and is sent by itself then")
            )
        }
        return found
    }
}
