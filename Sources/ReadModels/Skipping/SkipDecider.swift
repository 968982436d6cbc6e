import EventModel
import FoundationEssentials

/// The rule of leaving events out: each once, with a reason, and nobody's name is missing.
public enum SkipDecider: Decider {
    /// Which events are left out so far.
    public typealias State = SkippedEvents
    /// What happens to a projection.
    public typealias Event = ProjectionEvent

    /// What is asked.
    public enum Command: Sendable {
        /// Leave an event out.
        ///
        /// - Parameter actor: who decides; as it will stand beside the event.
        case skip(EventSkipped, actor: String?)
    }

    /// Why it is refused.
    public enum Rejection: Error, Sendable, Equatable {
        /// There is no reason, or only white space.
        case reasonMissing
        /// The reason is too long.
        case reasonTooLong(bytes: Int, limit: Int)
        /// Nobody says who decides.
        case actorMissing
        /// There is no such position in any log.
        case noPosition(GlobalPosition)
    }

    /// Nothing is left out.
    public static var initialState: State { SkippedEvents() }

    /// One more, or another event at the same position, when the log was restored meanwhile.
    public static func evolve(_ state: State, _ event: Event) -> State {
        var next = state
        next.take(event)
        return next
    }

    /// Nothing when it is left out already.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .skip(let skipped, let actor):
            guard skipped.position > .start else { throw .noPosition(skipped.position) }
            try check(reason: skipped.reason, actor: actor)
            return state.includes(skipped.position, id: skipped.eventID) ? [] : [.eventSkipped(skipped)]
        }
    }

    /// What must be said, whichever event it is about.
    public static func check(reason: String, actor: String?) throws(Rejection) {
        guard reason.utf8.contains(where: { $0 > 0x20 }) else { throw .reasonMissing }
        guard reason.utf8.count <= EventSkipped.reasonLimit else {
            throw .reasonTooLong(bytes: reason.utf8.count, limit: EventSkipped.reasonLimit)
        }
        guard let actor, !actor.isEmpty else { throw .actorMissing }
    }
}

extension SkipDecider.Rejection: CustomStringConvertible {
    /// One sentence and what to do.
    public var description: String {
        switch self {
        case .reasonMissing: "an event is left out for a reason only; say it with --reason"
        case .reasonTooLong(let bytes, let limit):
            "the reason has \(bytes) bytes and the limit is \(limit); say it in fewer words"
        case .actorMissing: "nobody says who leaves the event out; say it with --actor"
        case .noPosition(let position): "there is no event at position \(position); see `lockstep projections parked`"
        }
    }
}
