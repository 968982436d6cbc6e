import EventModel

/// Why a replay stops before its end. What the target holds by then stays, and can be gone on with.
public enum ReplayFault: Error, Sendable, Equatable {
    /// The log cannot be read, or contradicts itself.
    case log(StoreError)
    /// The target cannot be reached or written to now.
    case unavailable(target: String, reason: String)
    /// The target is none that this replay may write to.
    case refused(reason: String, cure: String)
    /// The target holds an event at a position where the log holds another one: it was written from another history.
    case otherHistory(target: String, at: GlobalPosition)
    /// The target holds an event behind the end of the log: the log was restored, or it is another one.
    case ahead(target: String, at: GlobalPosition, head: GlobalPosition)
    /// The target holds, or lacks, an event that this replay's selection would have written, or not.
    case otherSelection(target: String, at: GlobalPosition)
    /// An event cannot be folded into the view.
    case notFolded(reason: String)
    /// Whoever read the output has gone away.
    case readerGone
}

extension ReplayFault: CustomStringConvertible {
    /// One sentence and what to do next; never payload, never credentials.
    public var description: String {
        switch self {
        case .log(let error): error.description
        case .unavailable(let target, let reason):
            "\(target) cannot be written to (\(reason)); mend that, then run the same command with --resume"
        case .refused(let reason, let cure): "\(reason); \(cure)"
        case .otherHistory(let target, let position):
            "\(target) holds another event at position \(position) than the log: it is of another history; begin a new one"
        case .ahead(let target, let position, let head):
            "\(target) holds position \(position), but the log ends at \(head): it is of another history; begin a new one"
        case .otherSelection(let target, let position):
            "\(target) was written with another selection: position \(position) does not fit it; give the same selection, or begin a new one"
        case .notFolded(let reason): reason
        case .readerGone: "nobody reads the output any more"
        }
    }
}
