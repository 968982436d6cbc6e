import EventModel
import EventSourcing
import JourneyDomain
import Reconciliation
import WorkflowDomain

/// What must be true of executions that are left alone because nothing moves in them. A value that is told every event in the order of the log.
struct StillnessAudit {
    /// An execution that is left alone.
    private struct Rest {
        let found: WentStale
        /// Since when, in virtual microseconds.
        let since: Int64
    }

    /// Whatever was under way when an execution became stale has ended by then: the longest pause of a process, and a look.
    private static let ending = Duration.seconds(15)
    /// How long nothing may move before it is on record: the patience, what two clocks may be apart, and the way there.
    private static let notice = ReconcilingRoles.staleAfter + .seconds(12)
    /// Who decides where nobody is asked.
    static let reconciler = "reconciler"

    private var movedAt: [String: Timestamp] = [:]
    private var versions: [StreamName: StreamVersion] = [:]
    private var rests: [String: Rest] = [:]
    /// How often a side has spoken again.
    private(set) var awakenings = 0

    /// A side has moved.
    mutating func heard(_ event: RecordedEvent) {
        let execution = event.stream.syncKey
        versions[event.stream] = event.version
        movedAt[execution] = max(movedAt[execution] ?? .earliest, event.recordedAt)
        if rests.removeValue(forKey: execution) != nil { awakenings += 1 }
    }

    /// Something is recorded between the sides.
    ///
    /// - Returns: what is wrong with that.
    mutating func take(
        _ event: ReconciliationEvent, _ recorded: RecordedEvent, isBusy: Bool, now: Int64
    ) -> [String] {
        let execution = recorded.stream.syncKey
        if case .wentStale(let found) = event {
            defer { rests[execution] = Rest(found: found, since: now) }
            return flaws(of: found, execution, isBusy: isBusy)
        }
        let isLate = recorded.actor == Self.reconciler && isAtRest(execution, now)
        switch event {
        case .resolved, .divergenceAccepted, .effectRequested, .ownershipTaken: rests[execution] = nil
        default: break
        }
        return isLate ? ["\(execution) is stale, and \(event.kind.rawValue) is recorded of it"] : []
    }

    private func flaws(of found: WentStale, _ execution: String, isBusy: Bool) -> [String] {
        func present(_ category: String) -> StreamVersion? {
            versions[StreamName(trusting: "\(category)-\(execution)")]
        }
        let isPresent =
            present(ExecutionID.category) == found.workflow && present(JourneySessionEvent.category) == found.journey
        let checks = [
            (isPresent, "became stale as it was before"), (rests[execution] == nil, "became stale twice"),
            (!isBusy, "became stale while somebody was told something"),
            (found.since == movedAt[execution], "was silent since another moment than was recorded"),
            (found.since.duration(to: found.at) >= ReconcilingRoles.staleAfter, "became stale too early"),
        ]
        return checks.filter { !$0.0 }.map { "\(execution) \($0.1)" }
    }

    /// Whether it has been left alone for so long that nobody has a reason to look at it.
    func isAtRest(_ execution: String, _ now: Int64) -> Bool {
        rests[execution].map { now - $0.since > Self.ending.wholeMicroseconds } ?? false
    }

    /// Whether nobody has put on record that nothing moves, although that has been so for long.
    func isOverlooked(_ execution: String, at now: Timestamp) -> Bool {
        guard rests[execution] == nil, let moved = movedAt[execution] else { return false }
        return moved.duration(to: now) > Self.notice
    }

    /// Whether it is left alone.
    func isStale(_ execution: String) -> Bool { rests[execution] != nil }
}
