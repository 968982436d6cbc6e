import EventModel
import EventSourcing

/// The names of messages and the bookmarks of topics as a value: the tables of ``EventSourcing/InboundLedger`` beside the log.
public struct InMemoryInbound: Sendable {
    private var contents: [Workspace: [InboundKey: InboundFingerprint]] = [:]
    private var bookmarks: [InboundTopicName: [Int32: InboundBookmark]] = [:]

    /// No message is known, nothing has been read.
    public init() {}

    /// See ``EventSourcing/InboundLedger/fingerprints(of:in:)``.
    public func fingerprints(of keys: [InboundKey], in workspace: Workspace) -> [InboundKey: InboundFingerprint] {
        let known = contents[workspace] ?? [:]
        return keys.reduce(into: [:]) { $0[$1] = known[$1] }
    }

    /// See ``EventSourcing/InboundLedger/remember(_:in:)``.
    public mutating func remember(_ entries: [InboundEntry], in workspace: Workspace) {
        for entry in entries where contents[workspace]?[entry.key] == nil {
            contents[workspace, default: [:]][entry.key] = entry.fingerprint
        }
    }

    /// See ``EventSourcing/InboundLedger/bookmarks(of:)``.
    public func bookmarks(of topic: InboundTopicName) -> [Int32: InboundBookmark] { bookmarks[topic] ?? [:] }

    /// Moves bookmarks, all or none, if each is where `moves` say. Whether the lease is in force is for the caller to compare.
    public mutating func advance(_ moves: [InboundMove], of topic: InboundTopicName) -> InboundAdvance {
        for move in moves {
            let there = bookmarks[topic]?[move.partition]
            guard there?.generation == move.from?.generation, there?.next == move.from?.next else {
                return .moved(partition: move.partition)
            }
        }
        for move in moves { bookmarks[topic, default: [:]][move.partition] = move.to }
        return .advanced
    }
}
