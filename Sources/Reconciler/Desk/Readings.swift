import EventModel
import EventSourcing
import JourneyDomain
import Reconciliation
import WorkflowDomain

/// The streams of one execution, as they are.
struct Readings: Sendable {
    let workflow: WorkflowSide
    let journey: JourneySide
    var ledger: Ledger
    let ends: ComparisonNote.Ends
    let parties: Parties

    init<Store: EventStore>(_ key: ExecutionKey, from decisions: inout JointDecisions<Store>) async throws {
        let streams = Streams(key)
        try await decisions.readAhead([streams.workflow, streams.journey, streams.ledger])
        workflow = try await decisions.state(of: streams.workflow, by: WorkflowSideFold.self).state
        journey = try await decisions.state(of: streams.journey, by: JourneySideFold.self).state
        ledger = try await decisions.state(of: streams.ledger, by: ReconciliationDecider.self).state
        ends = ComparisonNote.Ends(
            workflow: decisions.end(of: streams.workflow), journey: decisions.end(of: streams.journey),
            ledger: decisions.end(of: streams.ledger))
        let own = "execution:\(key.execution)"
        parties = Parties(
            workflow: workflow.subject ?? own, journey: journey.subject ?? own,
            compared: Receipt.Compared(
                workflow: ends.workflow?.version, journey: ends.journey?.version, mapping: workflow.pin))
    }

    /// When something was recorded on a side last.
    private var movedAt: Timestamp? {
        [ends.workflow?.recordedAt, ends.journey?.recordedAt].compactMap { $0 }.max()
    }

    func silence(_ patience: Duration) -> Silence {
        Silence(since: movedAt, canMove: Silence.canMove(workflow, journey), patience: patience)
    }

    func movement(behind ledger: Ledger) -> ComparisonNote.Movement {
        guard let movedAt, ledger.isOpen(canMove: Silence.canMove(workflow, journey)) else { return .none }
        return ledger.isStale(at: parties.compared) ? .stale(since: movedAt) : .since(movedAt)
    }

    private struct Streams {
        let workflow: StreamName
        let journey: StreamName
        let ledger: StreamName

        init(_ key: ExecutionKey) {
            workflow = key.stream(ExecutionID.category)
            journey = key.stream(JourneySessionEvent.category)
            ledger = key.stream(ReconciliationEvent.category)
        }
    }
}

extension ExecutionKey {
    /// A stream of the execution. The key was read from the name of one, so it fits every category.
    func stream(_ category: String) -> StreamName { StreamName(trusting: "\(category)-\(execution)") }
}
