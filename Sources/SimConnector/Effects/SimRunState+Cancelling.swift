import Connecting
import Reconciliation
import WorkflowDomain

extension SimRunState {
    /// What the run itself says to an order to cancel it; `nil` when it stands as it did when that was decided, as far as Sim shows.
    ///
    /// A cancelled run does not go on, so whoever has resumed it since has the last word. A run that went on by itself, into a wait for instance, was decided
    /// against as much as before. Sim names one wait of several; of the others their number has to do, and where that has not fallen, the run may be
    /// cancelled although one was resumed and another has begun.
    func settlesCancelling(decidedAt premise: Effect.Premise?) -> ErrandAnswer? {
        guard !isOver else {
            return status == .cancelled ? .done : .movedOn(because: "the run is over: it is \(status.rawValue)")
        }
        guard case .run(let then, let waits)? = premise else { return nil }
        let wasResumed = ErrandAnswer.movedOn(because: "the run was resumed since")
        switch then {
        // A pause without a name is one that is being resumed.
        case .waiting, .paused: guard pause?.context != nil else { return wasResumed }
        case .queued, .running, .completed, .failed, .cancelled: break
        }
        guard !waits.isEmpty else { return nil }
        guard let pause else { return wasResumed }
        return waits.contains { standing(of: $0) == .closed } || pause.open.map { $0 < waits.count } ?? false
            ? wasResumed : nil
    }
}

extension SimPause {
    /// How many pauses of the run are open, if Sim says.
    fileprivate var open: Int? {
        guard let points, let resumed else { return nil }
        return points - resumed
    }
}
