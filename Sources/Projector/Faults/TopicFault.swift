import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

/// The topic does not hold what a lane needs next, or holds something else. Nothing is passed over.
public enum TopicFault: Error, Sendable, Hashable {
    /// Events of a lane are missing behind the lane's position, although the publisher has copied them: retention has removed them, or the topic
    /// was made anew and is not the whole log.
    case hole(lane: Int, after: GlobalPosition, before: GlobalPosition)
    /// A record follows another one than the last that was taken: the topic is of another log, or of another number of lanes.
    case otherChain(lane: Int, position: GlobalPosition, previous: GlobalPosition, last: GlobalPosition)
    /// A record is of a history that this log does not continue.
    case otherIncarnation(lane: Int, position: GlobalPosition, found: UUID, log: UUID)
    /// The topic cannot be used at all.
    case topic(LaneTopicError)
    /// The generation keeps one checkpoint for all lanes, so they cannot be shared out.
    case oneCheckpoint(Generation)
}

extension TopicFault {
    /// What contradicts what, and what to do.
    func sentence(about projection: String) -> String {
        switch self {
        case .hole(let lane, let after, let before):
            "the topic does not hold the events of lane \(lane) behind position \(after), up to position \(before): serve with "
                + "LOCKSTEP_PROJECTOR_SOURCE=log until the lane is beyond it, or run `lockstep projections rebuild \(projection)`"
        case .otherChain(let lane, let position, let previous, let last):
            "in lane \(lane) of the topic position \(position) follows position \(previous), but position \(last) was taken last: it is the copy "
                + "of another log, or has another number of partitions; run `lockstep doctor`"
        case .otherIncarnation(let lane, let position, let found, let log):
            "in lane \(lane) of the topic position \(position) is of incarnation \(found.uuidString.lowercased()), which this log "
                + "(\(log.uuidString.lowercased())) does not continue; run `lockstep doctor` to see which history is right"
        case .topic(let error):
            "\(error); set LOCKSTEP_TOPIC_PARTITIONS and topic.prefix to those of the log, or serve with LOCKSTEP_PROJECTOR_SOURCE=log"
        case .oneCheckpoint(let generation):
            "\(generation.title) keeps one checkpoint for all lanes, so it cannot be fed from the topic: run `lockstep projections rebuild "
                + "\(generation.projection) --layout by-lane --activate`, or serve with LOCKSTEP_PROJECTOR_SOURCE=log"
        }
    }
}
