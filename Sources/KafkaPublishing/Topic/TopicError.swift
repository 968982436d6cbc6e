/// Why the topic cannot be used, now or as it is.
public enum TopicError: Error, Sendable, Hashable {
    /// No broker answers, or none leads a partition. Wait, then try again.
    case unavailable(reason: String)
    /// The number of partitions is not the number of lanes.
    case partitionCount(topic: String, found: Int, expected: Int)
    /// The topic's settings would lose or refuse events of the log.
    case unsuitable(topic: String, setting: String, found: String, needed: String)
    /// The topic is absent and must not or cannot be created.
    case notCreated(topic: String, reason: String)
    /// The broker refused for a reason that a retry does not change (authorization, unsupported protocol …).
    case refused(reason: String)

    /// Whether the same request may succeed later without anybody's help.
    public var isTransient: Bool {
        if case .unavailable = self { true } else { false }
    }
}

extension TopicError: CustomStringConvertible {
    /// One sentence and what to do next; never payload, never credentials.
    public var description: String {
        switch self {
        case .unavailable(let reason):
            "the broker is not available (\(reason)); publishing resumes by itself when it is"
        case .partitionCount(let topic, let found, let expected):
            "topic \(topic) has \(found) partitions, but this log has \(expected) lanes; the number of partitions is fixed for a topic "
                + "generation, because it decides where every key lives: configure \(found) lanes, or publish to a new topic"
        case .unsuitable(let topic, let setting, let found, let needed):
            "topic \(topic) has \(setting)=\(found), which cannot hold what it is for; set it to \(needed)"
        case .notCreated(let topic, let reason):
            "topic \(topic) does not exist and could not be created (\(reason)); create it with cleanup.policy=compact if it is the topic of "
                + "states, else with retention.ms=-1 and cleanup.policy=delete, and with max.message.bytes=2097152"
        case .refused(let reason): "the broker refused: \(reason)"
        }
    }
}
