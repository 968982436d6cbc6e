/// Every metric that is read from the database, or that says how reading it went. Their names are a contract; seconds and events are their units.
public enum OperationsMetric: String, CaseIterable, Sendable {
    /// Whether the database answered.
    case up = "lockstep_up"
    /// Whether `/ready` says yes.
    case ready = "lockstep_ready"
    /// What `/ready` calls degraded.
    case degradations = "lockstep_degradations"
    /// The age of what is shown.
    case lookAge = "lockstep_look_age_seconds"
    /// The end of the log.
    case logHead = "lockstep_log_head_position"
    /// Executions apart.
    case driftExecutions = "lockstep_drift_executions"
    /// Fields apart.
    case driftFields = "lockstep_drift_fields"
    /// For how long the oldest is.
    case driftOldest = "lockstep_drift_oldest_seconds"
    /// For how long all are.
    case driftSum = "lockstep_drift_seconds_sum"
    /// Waiting for a person.
    case waiting = "lockstep_waiting_for_a_person"
    /// Effects under way.
    case effects = "lockstep_effects_pending"
    /// Stale executions.
    case stale = "lockstep_stale_executions"
    /// Effects that nobody can bring to an engine.
    case unconnected = "lockstep_effects_unconnected"
    /// Jobs that have not ended.
    case jobs = "lockstep_reconcile_jobs"
    /// Nobody reconciles.
    case unattended = "lockstep_reconciling_unattended"
    /// Breakers that are open.
    case breakers = "lockstep_engine_breakers_open"
    /// Processes that reach an engine.
    case connections = "lockstep_engine_connections"
    /// Lag in events.
    case lagEvents = "lockstep_consumer_lag_events"
    /// Lag in seconds.
    case lagSeconds = "lockstep_consumer_lag_seconds"
    /// Keys set aside.
    case parkedKeys = "lockstep_consumer_parked_keys"
    /// Stalled or stopped.
    case stalled = "lockstep_consumer_stalled"
    /// Leases held.
    case leases = "lockstep_leases_held"

    /// What it says.
    public var help: String {
        switch self {
        case .up:
            "1 when the database answered in time, 0 when it did not: then all that is read from it is missing here."
        case .ready: "1 when /ready says yes."
        case .degradations: "How many things /ready calls degraded."
        case .lookAge: "How long ago the database was looked at for this answer."
        case .logHead: "The position of the last event of the log."
        case .driftExecutions: "Executions whose sides are apart, as the last looks at them have found."
        case .driftFields: "Fields that differ in them."
        case .driftOldest: "For how long the sides of that execution have been apart that is apart for longest."
        case .driftSum: "For how long all executions that are apart have been so, together."
        case .waiting: "Fields that wait for a person, of executions that are apart."
        case .effects: "Effects whose end is not known, of executions that are apart."
        case .stale:
            "Executions that are left alone because neither side has moved for long; missing when there are too many to count in time."
        case .unconnected:
            "Effects under way for a side whose engine no living process is connected to, while somebody reconciles."
        case .jobs: "Jobs of reconcile run that have not ended: queued, running, or orphaned, which nobody works at."
        case .unattended: "1 when there is work for a reconciler and no process holds a lane."
        case .breakers: "Living processes that leave an engine alone because it fails."
        case .connections: "Living processes that reach an engine, or try to."
        case .lagEvents: "Events that a consumer has not handled, by lane where it has lanes."
        case .lagSeconds: "Age of the oldest event that a consumer has not handled."
        case .parkedKeys: "Keys that a projection has set aside; of ingest, messages that were refused and wait."
        case .stalled: "1 when a consumer has stopped, or has work and does nothing of it."
        case .leases: "Leases that somebody holds now, by what they are for."
        }
    }

    func family(_ samples: [MetricFamily.Sample]) -> MetricFamily {
        MetricFamily(rawValue, .gauge, help: help, samples)
    }

    func family(_ value: Double) -> MetricFamily { family([MetricFamily.Sample(value)]) }

    func family(_ isTrue: Bool) -> MetricFamily { family(isTrue ? 1 : 0) }
}
