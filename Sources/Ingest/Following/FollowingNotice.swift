import EventSourcing

/// What is noticed while conversations are followed, and said aloud. Never what people said.
public enum FollowingNotice: Sendable, Hashable {
    /// The server does not answer; said once until it answers again.
    case away(reason: String)
    /// The server answers again.
    case back
    /// The server was started again. Conversations that it does not have any more may be lost with its memory: nothing is recorded of them.
    case anotherLife(missing: Int)
    /// Events that had been read are gone, or others are in their places: the conversation is read from its beginning.
    case rewound(conversation: String)
    /// The conversation is not on the server any more, which has run all the time: that is recorded.
    case deleted(conversation: String)
    /// What the conversation is said to be was refused; its events are taken all the same.
    case unfit(conversation: String, reason: String)
    /// An event was refused: the conversation stands there until it is taken, or deleted. Others go on.
    case parked(conversation: String, offset: Int, reason: String)
}

extension FollowingNotice {
    /// Whether somebody has to look.
    public var isTrouble: Bool {
        switch self {
        case .away, .anotherLife, .unfit, .parked: true
        case .back, .rewound, .deleted: false
        }
    }
}

extension FollowingNotice: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .away(let reason): "the server does not answer (\(reason)); trying again"
        case .back: "the server answers again"
        case .anotherLife(let missing):
            missing == 0
                ? "the server was started again; all conversations are there"
                : "the server was started again and lacks \(missing) conversations that it had; nothing is recorded of them, and they "
                    + "are followed on if they come back"
        case .rewound(let conversation):
            "conversation \(conversation) was rewound, and is read from its beginning"
        case .deleted(let conversation): "conversation \(conversation) was deleted on the server"
        case .unfit(let conversation, let reason):
            "what conversation \(conversation) is said to be was refused: \(reason)"
        case .parked(let conversation, let offset, let reason):
            "conversation \(conversation) stands at offset \(offset): \(reason)"
        }
    }
}
