import EventSourcing

/// Messages that have been read: what each amounts to, or why it amounts to nothing. Made and settled by an ``InboundDesk``.
public struct InboundReading: Sendable {
    /// What a message amounts to.
    struct Content: Sendable {
        /// Whose it is, as an index of the desk's sides.
        let side: Int
        /// The key, which an envelope may have named.
        let key: InboundKey
        let work: any SideWork
    }

    /// A message that has been read. An object, because it is handed from step to step.
    final class Entry: Sendable {
        let result: Result<Content, InboundRejection>
        let key: InboundKey
        let fingerprint: InboundFingerprint

        init(message: InboundMessage, result: Result<Content, InboundRejection>) {
            self.result = result
            let key = if case .success(let content) = result { content.key } else { message.key }
            self.key = key
            // Only named messages are compared with what is remembered.
            fingerprint = key.origin == .named ? InboundFingerprint(of: message.payload) : .none
        }

        func kind(among sides: [any SideDesk]) -> String? {
            guard case .success(let content) = result else { return nil }
            return sides[content.side].kind
        }
    }

    let messages: [Entry]

    /// How many messages.
    public var count: Int { messages.count }
}

/// What became of messages.
public struct InboundSettlement: Sendable, Equatable {
    /// In the order of the messages.
    public internal(set) var verdicts: [InboundVerdict] = []
    /// Named messages that have become events now, or said nothing new: to be remembered.
    public internal(set) var entries: [InboundEntry] = []

    /// Events that were appended.
    public var events: Int { verdicts.reduce(0) { $0 + $1.events } }
}
