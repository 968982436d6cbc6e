import EventModel
import Reconciliation

extension ReconciliationDecider.Rejection {
    /// What a person is told whose word was not taken.
    var failure: Failure {
        switch self {
        case .unknownConflict(let id):
            Failure(
                .no, "no conflict \(id.text) waits for a person in this execution",
                hint: "see `lockstep reconcile status`; it may have been settled, or be none any more")
        case .unknownEffect(let id):
            Failure(.no, "no effect \(id.text) is under way", hint: "see `lockstep reconcile status`")
        case .notSent(let id):
            Failure(.no, "somebody else attends to effect \(id.text)", hint: "see `lockstep reconcile status`")
        case .busy(let side):
            Failure(
                .no, "the \(side.rawValue) is still being told something else of this execution",
                hint: "try again once `lockstep reconcile status` shows nothing under way")
        case .unsettable(let path, let side):
            Failure(
                .no, "the \(side.rawValue) cannot be told what is to stand for \(path.field)",
                hint:
                    "let stand what the \(side.rawValue) says, accept the difference where it waits for a person, or flip the decision with --apart"
            )
        case .nothingToFlip(let id):
            Failure(
                .no, "decision \(id.text) has no loser whose word could stand instead",
                hint: "see `lockstep reconcile explain`, which says who has won each")
        case .movedOn(let path):
            Failure(
                .no,
                "\(path.field) is not what was decided: a side has moved on since, or has not been brought to it yet",
                hint: "look at it with `lockstep reconcile run --dry-run --execution …`")
        case .unreadable(let path):
            Failure(
                .no, "what was said of \(path.field) cannot be read: it is sealed, or was erased",
                hint: "check the master key with `lockstep doctor`")
        case .tooLarge(let bytes, let limit):
            Failure(
                .no,
                "what would be put on record of this has up to \(bytes) bytes, or is nested too deep; the limit is \(limit)",
                hint: "give a smaller value, or settle it at the engines")
        }
    }
}
