import EventModel
import EventSourcing
import Synchronization

/// Everything that a ledger remembers, in memory; fenced by tokens that a test gives.
final class InMemoryInboundLedger: InboundLedger {
    private struct State {
        var contents: [InboundKey: InboundFingerprint] = [:]
        var topics: [InboundTopicName: [Int32: InboundBookmark]] = [:]
        var troubles: [Trouble] = []
        var token: Int64 = 0
    }

    enum Trouble: Sendable {
        case unavailable
        /// It happens, and the answer is lost.
        case lostAnswer
        /// Nothing happens, and the process is gone.
        case killed
    }

    private let state = Mutex(State())

    /// What the next moves meet.
    func expect(_ troubles: [Trouble]) { state.withLock { $0.troubles = troubles } }
    /// Those of the only topic.
    var bookmarks: [Int32: InboundBookmark] { state.withLock { $0.topics.values.first ?? [:] } }
    func fence(_ token: Int64) { state.withLock { $0.token = token } }

    func fingerprints(
        of keys: [InboundKey], in workspace: Workspace
    ) async throws(StoreError) -> [InboundKey: InboundFingerprint] {
        state.withLock { state in state.contents.filter { keys.contains($0.key) } }
    }

    func remember(_ entries: [InboundEntry], in workspace: Workspace) async throws(StoreError) {
        state.withLock { state in
            for entry in entries where state.contents[entry.key] == nil {
                state.contents[entry.key] = entry.fingerprint
            }
        }
    }

    func bookmarks(of topic: InboundTopicName) async throws(StoreError) -> [Int32: InboundBookmark] {
        state.withLock { $0.topics[topic] ?? [:] }
    }

    func bookmarks(ofCluster cluster: String) async throws(StoreError) -> [String: [Int32: InboundBookmark]] {
        state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: state.topics.filter { $0.key.cluster == cluster }.map { ($0.key.topic, $0.value) }
            )
        }
    }

    func advance(
        _ moves: [InboundMove], of topic: InboundTopicName, remembering entries: [InboundEntry],
        in workspace: Workspace, under lease: Lease
    ) async throws(StoreError) -> InboundAdvance {
        let trouble = state.withLock { $0.troubles.isEmpty ? nil : $0.troubles.removeFirst() }
        switch trouble {
        case .unavailable: throw .unavailable(reason: "a test")
        case .killed: throw .failed(reason: "killed")
        case .lostAnswer, nil: break
        }
        let answer: InboundAdvance = state.withLock { state in
            guard lease.token >= state.token else { return .fenced(current: state.token) }
            for move in moves {
                let there = state.topics[topic]?[move.partition]
                guard there?.generation == move.from?.generation, there?.next == move.from?.next else {
                    return .moved(partition: move.partition)
                }
            }
            for move in moves { state.topics[topic, default: [:]][move.partition] = move.to }
            return .advanced
        }
        guard answer == .advanced else { return answer }
        try await remember(entries, in: workspace)
        if case .lostAnswer = trouble { throw .unavailable(reason: "the answer was lost") }
        return answer
    }
}
