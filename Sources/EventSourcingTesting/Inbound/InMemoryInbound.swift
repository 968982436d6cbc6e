import EventModel
import EventSourcing
import FoundationEssentials

/// The names of messages, the bookmarks of topics and the refused messages as a value: the tables of ``EventSourcing/InboundLedger`` and
/// ``EventSourcing/InboundCheckpoints`` beside the log.
public struct InMemoryInbound: Sendable {
    private var contents: [Workspace: [InboundKey: InboundFingerprint]] = [:]
    private var bookmarks: [InboundTopicName: [Int32: InboundBookmark]] = [:]
    private var places: Set<UUID> = []
    /// The refused messages, each once, in the order in which they were kept.
    public private(set) var rejections: [RejectedMessage] = []

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

    /// See ``EventSourcing/InboundCheckpoints/bookmarks(of:)``.
    public func bookmarks(of topic: InboundTopicName) -> [Int32: InboundBookmark] { bookmarks[topic] ?? [:] }

    /// Takes a step, all or nothing, if each bookmark is where it says. Whether the leases are in force is for the caller to compare.
    public mutating func advance(_ step: InboundStep, of topic: InboundTopicName) -> InboundAdvance {
        for move in step.moves {
            let there = bookmarks[topic]?[move.partition]
            guard there?.generation == move.from?.generation, there?.next == move.from?.next else {
                return .moved(partition: move.partition)
            }
        }
        for (workspace, entries) in step.entries { remember(entries, in: workspace) }
        guard !contradicts(step.entries) else { return .contradicted }
        for move in step.moves { bookmarks[topic, default: [:]][move.partition] = move.to }
        rejections += step.rejections.filter { places.insert($0.id).inserted }
        return .advanced
    }

    /// Whether a name is known with other content.
    private func contradicts(_ entries: [Workspace: [InboundEntry]]) -> Bool {
        entries.contains { workspace, entries in
            entries.contains { contents[workspace]?[$0.key] != $0.fingerprint }
        }
    }
}
