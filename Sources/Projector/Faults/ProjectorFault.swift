import EventModel
import EventSourcing
import ReadModels

/// Why a projector stands still until somebody has looked. Nothing is skipped; it looks again by itself at a slow pace.
public enum ProjectorFault: Error, Sendable, Equatable {
    /// An event cannot be folded, and it is not its key that is to blame. Everything before it is in the view, nothing behind it.
    case poison(ProjectionFault)
    /// The store cannot hold the row of an event, nor park its key. Everything before it is in the view, nothing behind it.
    case refusedRow(projection: String, position: GlobalPosition, type: EventType, reason: String)
    /// Another key would have to be parked, and there are as many as there may be: the fold or the table is broken, not the events.
    case tooManyParked(projection: String, limit: Int, position: GlobalPosition, cause: String)
    /// The log is not the one that the view was folded from.
    case history(HistoryFault, projection: String)
    /// The rows were made by another fold of the same version than this program's.
    case changedFold(Generation, [FingerprintDifference])
    /// What is read is the topic, and it does not hold what is needed.
    case topic(TopicFault, projection: String)
    /// The store failed in a way that a retry does not cure.
    case store(StoreError)
}

extension ProjectorFault: CustomStringConvertible {
    /// One sentence: where, why, and what to do. This is what `consumer_progress.last_error` shows.
    public var description: String {
        switch self {
        case .poison(let fault): fault.description
        case .refusedRow(let projection, let position, let type, let reason):
            "the database cannot hold the row of \(projection) for the event at position \(position) (\(type)): \(reason); "
                + "install a version whose table can, then it continues by itself"
        case .tooManyParked(let projection, let limit, let position, let cause):
            "\(limit) keys of \(projection) are parked already, which is the limit, and the event at position \(position) cannot be "
                + "handled either (\(cause)): it is the fold or the table that is broken, so nothing more is parked; "
                + "install a version that is not, then run `lockstep projections retry \(projection) --all`"
        case .history(let fault, let projection):
            "\(fault); run `lockstep doctor` to see which history is right, then `lockstep projections rebuild \(projection)`"
        case .changedFold(let generation, let differences):
            "the rows of \(generation.title) were made by another fold of the same version (\(differences.sentence)): give the changed fold a "
                + "version of its own and rebuild, or install the program that made the rows"
        case .topic(let fault, let projection): fault.sentence(about: projection)
        case .store(let error): error.description
        }
    }
}
