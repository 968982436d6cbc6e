import Connecting
import CoreMetrics
import Reconciliation

/// What the reconcilers of this process do, in numbers that only rise. Whether the work gets done is judged from outside.
struct ReconcilerMeters: Sendable {
    private let looks = Counter(label: "lockstep.reconciler.looks")
    private let failures = Counter(label: "lockstep.reconciler.failed_looks")
    private let decisions = Counter(label: "lockstep.reconciler.decisions")
    private let conflicts = Counter(label: "lockstep.reconciler.conflicts_queued")

    /// A look has failed.
    func countFailure() { failures.increment() }

    /// A look has recorded these events, or none.
    func countLook(_ recorded: [ReconciliationEvent]) {
        looks.increment()
        for event in recorded {
            switch event {
            case .resolved: decisions.increment()
            case .conflictQueued: conflicts.increment()
            default: break
            }
        }
    }

    /// An engine has answered an order.
    static func count(_ answer: ErrandAnswer, of side: Side) {
        Counter(
            label: "lockstep.reconciler.orders", dimensions: [("side", side.rawValue), ("outcome", answer.outcome)]
        ).increment()
    }
}

extension ErrandAnswer {
    /// In one word.
    fileprivate var outcome: String {
        switch self {
        case .done: "done"
        case .unavailable: "unavailable"
        case .notNow: "not_now"
        case .movedOn: "moved_on"
        case .refused: "refused"
        case .unknown: "unknown"
        }
    }
}
