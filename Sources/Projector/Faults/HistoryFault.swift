import EventModel
import EventSourcing
import FoundationEssentials

/// The log is not the one that a projection was folded from (L10).
public enum HistoryFault: Error, Sendable, Hashable {
    /// The view has seen more than the log holds.
    case aheadOfLog(position: GlobalPosition, head: GlobalPosition)
    /// The log holds another event at the view's position.
    case otherEvent(position: GlobalPosition, remembered: UUID?, found: UUID?)
    /// The log has another incarnation.
    case otherIncarnation(position: GlobalPosition, remembered: UUID, found: UUID)

    /// Compares what a consumer remembers with what the log holds.
    ///
    /// - Parameters:
    ///   - progress: a stored progress.
    ///   - head: the end of the log.
    ///   - found: the id of the event that the log holds at the progress's position; `nil` if it holds none.
    /// - Throws: the first contradiction. A consumer that has seen nothing contradicts no log.
    static func check(_ progress: ConsumerProgress, head: LogHead, found: UUID?) throws(HistoryFault) {
        let position = progress.position
        guard position > .start else { return }
        guard position <= head.position else { throw .aheadOfLog(position: position, head: head.position) }
        guard progress.incarnation == head.incarnation else {
            throw .otherIncarnation(position: position, remembered: progress.incarnation, found: head.incarnation)
        }
        guard let found, found == progress.lastEventID else {
            throw .otherEvent(position: position, remembered: progress.lastEventID, found: found)
        }
    }
}

extension HistoryFault: CustomStringConvertible {
    /// What contradicts what, as a part of a sentence.
    public var description: String {
        switch self {
        case .aheadOfLog(let position, let head): "the view is at position \(position) but the log ends at \(head)"
        case .otherEvent(let position, let remembered, let found):
            "at position \(position) the view has seen event \(Self.text(remembered)) but the log holds \(Self.text(found))"
        case .otherIncarnation(let position, let remembered, let found):
            "the view was folded up to position \(position) from incarnation \(Self.text(remembered)) of the log, "
                + "this is \(Self.text(found))"
        }
    }

    private static func text(_ id: UUID?) -> String { id.map { $0.uuidString.lowercased() } ?? "none" }
}
