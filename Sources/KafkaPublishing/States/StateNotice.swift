import EventModel
import EventSourcing
import ReadModels

/// What the state publisher finds and goes on after, said aloud.
public enum StateNotice: Sendable, Hashable {
    /// Nothing was ever written to this topic by this version of the fold, as far as the checkpoint and the partitions know.
    case firstPublication(fold: Int)
    /// Every partition is empty from offset 0 on although the checkpoint is not: the topic was made anew.
    case newGeneration(published: GlobalPosition)
    /// A partition has lost records; the log is read again from its start for what it lacks.
    case lost(lane: Lane, heldThrough: GlobalPosition)
    /// Another leader's late records are in a partition; the newest states of these keys are written again.
    case stragglers(count: Int)
    /// A key cannot be folded any further; it stands still and is tried again, everything else flows.
    case standsStill(StateKey, cause: String)
    /// A key that stood still goes on.
    case goesOn(StateKey)
}

extension StateNotice {
    /// Whether somebody has to look.
    public var isTrouble: Bool {
        switch self {
        case .firstPublication, .newGeneration, .goesOn: false
        case .lost, .stragglers, .standsStill: true
        }
    }
}

extension StateNotice: CustomStringConvertible {
    /// One sentence; never payload.
    public var description: String {
        switch self {
        case .firstPublication(let fold):
            "every state is written by version \(fold) of the fold, from the start of the log"
        case .newGeneration(let published):
            "the topic was made anew: its partitions are empty at offset 0, but the log had been followed up to \(published); every state "
                + "is written again"
        case .lost(let lane, let held):
            "partition \(lane) lacks states behind position \(held) that it had: it was truncated and is filled again"
        case .stragglers(let count):
            "an earlier leader's late records are in the topic; the newest states of \(count) keys are written again"
        case .standsStill(let key, let cause):
            "the state of \(key.syncKey) in workspace \(key.workspace) stands still: \(cause)"
        case .goesOn(let key): "the state of \(key.syncKey) in workspace \(key.workspace) goes on"
        }
    }
}
