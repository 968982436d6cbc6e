import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Synchronization

/// Everything that a ledger remembers, in memory; fenced by tokens that a test gives.
final class InMemoryInboundLedger: InboundLedger, InboundCheckpoints {
    private struct Named: Hashable {
        let key: InboundKey
        let workspace: Workspace
    }

    private struct State {
        var contents: [Named: InboundFingerprint] = [:]
        var bookmarks: [Int32: InboundBookmark] = [:]
        var counts: [Int32: InboundCounts] = [:]
        var kept: [UUID: KeptRejection] = [:]
        var troubles: [Trouble] = []
        var tokens: [Int32: Int64] = [:]
        var workers: [Int32: Set<String>] = [:]
        var conversations: [String: [String: InboundBookmark]] = [:]
        var followingToken: Int64 = 0
    }

    enum Trouble: Sendable {
        case unavailable
        /// It happens, and the answer is lost.
        case lostAnswer
        /// Nothing happens, and the process is gone.
        case killed
        /// Just before it happens, another process remembers these messages.
        case rival([InboundEntry])
    }

    private let state = Mutex(State())

    /// What the next moves meet.
    func expect(_ troubles: [Trouble]) { state.withLock { $0.troubles = troubles } }
    var bookmarks: [Int32: InboundBookmark] { state.withLock { $0.bookmarks } }
    var counts: [Int32: InboundCounts] { state.withLock { $0.counts } }
    var kept: [KeptRejection] {
        state.withLock { $0.kept.values.sorted { $0.message.place.offset < $1.message.place.offset } }
    }
    /// Who moved the bookmark of each partition.
    var workers: [Int32: Set<String>] { state.withLock { $0.workers } }
    /// From now on a partition takes only moves under this token or a newer one.
    func fence(_ partition: Int32, _ token: Int64) { state.withLock { $0.tokens[partition] = token } }

    func fingerprints(
        of keys: [InboundKey], in workspace: Workspace
    ) async throws(StoreError) -> [InboundKey: InboundFingerprint] {
        state.withLock { state in
            var found: [InboundKey: InboundFingerprint] = [:]
            for key in keys { found[key] = state.contents[Named(key: key, workspace: workspace)] }
            return found
        }
    }

    func remember(_ entries: [InboundEntry], in workspace: Workspace) async throws(StoreError) {
        state.withLock { state in
            for entry in entries {
                let named = Named(key: entry.key, workspace: workspace)
                if state.contents[named] == nil { state.contents[named] = entry.fingerprint }
            }
        }
    }

    func bookmarks(of topic: InboundTopicName) async throws(StoreError) -> [Int32: InboundBookmark] { bookmarks }

    func advance(_ step: InboundStep, of topic: InboundTopicName) async throws(StoreError) -> InboundAdvance {
        let trouble = try meetTrouble()
        if case .rival(let entries) = trouble { try await remember(entries, in: .default) }
        for (workspace, entries) in step.entries {
            try await remember(entries, in: workspace)
            let known = try await fingerprints(of: entries.map(\.key), in: workspace)
            guard entries.allSatisfy({ known[$0.key] == $0.fingerprint }) else { return .contradicted }
        }
        let answer = state.withLock { Self.take(step, &$0) }
        if case .lostAnswer = trouble { throw .unavailable(reason: "the answer was lost") }
        return answer
    }

    /// What the next move meets.
    func meetTrouble() throws(StoreError) -> Trouble? {
        let trouble = state.withLock { $0.troubles.isEmpty ? nil : $0.troubles.removeFirst() }
        switch trouble {
        case .unavailable: throw .unavailable(reason: "a test")
        case .killed: throw .failed(reason: "killed")
        case .lostAnswer, .rival, nil: return trouble
        }
    }

    private static func take(_ step: InboundStep, _ state: inout State) -> InboundAdvance {
        for move in step.moves {
            guard move.lease.token >= state.tokens[move.partition] ?? 0 else {
                return .fenced(partition: move.partition)
            }
            let there = state.bookmarks[move.partition]
            guard there?.generation == move.from?.generation, there?.next == move.from?.next else {
                return .moved(partition: move.partition)
            }
        }
        for move in step.moves {
            state.bookmarks[move.partition] = move.to
            state.tokens[move.partition] = move.lease.token
            state.workers[move.partition, default: []].insert(move.lease.holder)
            var counts = state.counts[move.partition] ?? InboundCounts()
            counts.messages += move.counts.messages
            counts.events += move.counts.events
            counts.rejected += move.counts.rejected
            state.counts[move.partition] = counts
        }
        let now = Timestamp(microseconds: 1)
        for message in step.rejections where state.kept[message.id] == nil {
            state.kept[message.id] = KeptRejection(
                message, rejectedAt: now, attempts: 1, triedAt: now, acceptedAt: nil, events: 0)
        }
        return .advanced
    }
}

// MARK: Conversations

extension InMemoryInboundLedger {
    /// From now on conversations take only moves under this token or a newer one.
    func fenceFollowing(_ token: Int64) { state.withLock { $0.followingToken = token } }

    func conversations(of server: String) -> [String: InboundBookmark] {
        state.withLock { $0.conversations[server] ?? [:] }
    }

    func move(_ moves: [ConversationMove], of server: String, under lease: Lease) -> ConversationAdvance {
        state.withLock { state in
            guard lease.token >= state.followingToken else { return .fenced(current: state.followingToken) }
            for move in moves {
                let there = state.conversations[server]?[move.conversation]
                guard there?.generation == move.from?.generation, there?.next == move.from?.next else {
                    return .moved(conversation: move.conversation)
                }
            }
            for move in moves { state.conversations[server, default: [:]][move.conversation] = move.to }
            return .advanced
        }
    }
}

extension InMemoryInboundLedger: RejectionLedger {
    func rejections(_ query: RejectionQuery) async throws(StoreError) -> [KeptRejection] { kept }

    func rejection(_ id: UUID) async throws(StoreError) -> KeptRejection? { state.withLock { $0.kept[id] } }

    func record(_ attempt: RejectionAttempt, of id: UUID) async throws(StoreError) -> Bool {
        state.withLock { state in
            guard let kept = state.kept[id], kept.acceptedAt == nil else { return false }
            let now = Timestamp(microseconds: 2)
            var (acceptedAt, events): (Timestamp?, Int64) = (nil, 0)
            if case .accepted(let count) = attempt { (acceptedAt, events) = (now, count) }
            state.kept[id] = KeptRejection(
                kept.message, rejectedAt: kept.rejectedAt, attempts: kept.attempts + 1, triedAt: now,
                acceptedAt: acceptedAt, events: events)
            return true
        }
    }
}
