import EventSourcing

extension OperationsLook {
    /// Workspaces that are told one by one; those with the least drift are told together, as ``otherWorkspaces``.
    public static let workspaces = 100
    /// What is no name of a workspace.
    public static let otherWorkspaces = "(others)"

    /// What was seen, in numbers.
    var metrics: [MetricFamily] {
        [
            OperationsMetric.ready.family(history == nil),
            OperationsMetric.degradations.family(Double(degradations.count)),
            OperationsMetric.logHead.family(Double(head)),
        ] + driftMetrics + [staleMetrics] + reconcilingMetrics + consumerMetrics + [leaseMetrics]
    }

    /// The workspaces with the most drift, and all others as one.
    private var told: [(workspace: String, drift: Drift)] {
        let ordered = drifts.sorted { ($0.executions, $1.workspace.rawValue) > ($1.executions, $0.workspace.rawValue) }
        let rest = ordered.dropFirst(Self.workspaces)
        let first = ordered.prefix(Self.workspaces).map { ($0.workspace.rawValue, $0) }
        guard var sum = rest.first else { return first }
        for drift in rest.dropFirst() {
            sum.executions += drift.executions
            sum.fields += drift.fields
            sum.queued += drift.queued
            sum.pending += drift.pending
            sum.oldest = max(sum.oldest, drift.oldest)
            sum.total += drift.total
        }
        return first + [(Self.otherWorkspaces, sum)]
    }

    private var driftMetrics: [MetricFamily] {
        let told = told
        func family(_ metric: OperationsMetric, _ value: (Drift) -> Double) -> MetricFamily {
            metric.family(told.map { MetricFamily.Sample(value($1), [MetricLabel("workspace", $0)]) })
        }
        return [
            family(.driftExecutions) { Double($0.executions) }, family(.driftFields) { Double($0.fields) },
            family(.driftOldest) { $0.oldest / .seconds(1) }, family(.driftSum) { $0.total / .seconds(1) },
            family(.waiting) { Double($0.queued) }, family(.effects) { Double($0.pending) },
        ]
    }

    /// For the same workspaces as the drift, also where none are stale.
    private var staleMetrics: MetricFamily {
        guard let stale else { return OperationsMetric.stale.family([]) }
        let alone = Set(told.map(\.workspace))
        let rest = stale.filter { !alone.contains($0.key.rawValue) }
        return OperationsMetric.stale.family(
            told.map { name, drift in
                let count = name == Self.otherWorkspaces ? rest.values.reduce(0, +) : stale[drift.workspace] ?? 0
                return MetricFamily.Sample(Double(count), [MetricLabel("workspace", name)])
            })
    }

    private var jobMetrics: MetricFamily {
        OperationsMetric.jobs.family(
            [("queued", jobs.queued), ("running", jobs.running), ("orphaned", jobs.orphaned)].map { state, count in
                MetricFamily.Sample(Double(count), [MetricLabel("state", state)])
            })
    }

    private var reconcilingMetrics: [MetricFamily] {
        let engines = Dictionary(grouping: reconciling.engines) {
            [MetricLabel("side", $0.side), MetricLabel("engine", $0.circuit.name)]
        }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let isMissed = reconciling.hasEverRun && reconciling.verdict(hasWork: hasWork) == .nobody
        return [
            jobMetrics, OperationsMetric.unattended.family(isMissed),
            OperationsMetric.unconnected.family(
                UnconnectedSide.all.map { side in
                    let effects = reconciling.unconnected.first { $0.side == side }?.effects ?? 0
                    return MetricFamily.Sample(Double(effects), [MetricLabel("side", side)])
                }),
            OperationsMetric.breakers.family(
                engines.map { labels, standings in
                    MetricFamily.Sample(Double(standings.count { $0.circuit.state != .closed }), labels)
                }),
            OperationsMetric.connections.family(
                engines.map { labels, standings in MetricFamily.Sample(Double(standings.count), labels) }),
        ]
    }

    private var consumerMetrics: [MetricFamily] {
        // One that has never run has no checkpoint to be told.
        let all = checkpoints + consumers.filter { $0.state == "absent" }
        func family(_ metric: OperationsMetric, _ value: (ConsumerStatus) -> Double) -> MetricFamily {
            metric.family(all.map { MetricFamily.Sample(value($0), $0.labels) })
        }
        return [
            family(.lagEvents) { Double($0.lagEvents) }, family(.lagSeconds) { $0.lagSeconds },
            family(.stalled) { $0.health(patience: patience).isYes ? 0 : 1 },
            OperationsMetric.parkedKeys.family(
                consumers.map { MetricFamily.Sample(Double($0.parkedKeys), $0.labels) }),
        ]
    }

    private var leaseMetrics: MetricFamily {
        OperationsMetric.leases.family(
            leases.sorted { $0.key < $1.key }.map { MetricFamily.Sample(Double($1), [MetricLabel("work", $0)]) })
    }
}

extension ConsumerStatus {
    /// What tells it from others.
    fileprivate var labels: [MetricLabel] {
        [
            MetricLabel("kind", kind), MetricLabel("consumer", consumer), MetricLabel("version", "\(version)"),
            MetricLabel("generation", generation > 0 ? "\(generation)" : ""),
            MetricLabel("lane", lane < 0 ? "" : "\(lane)"),
        ]
    }
}
