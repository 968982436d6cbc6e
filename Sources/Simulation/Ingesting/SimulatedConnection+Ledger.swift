import EventModel
import EventSourcing
import EventSourcingTesting

extension SimulatedConnection: InboundLedger {
    func fingerprints(
        of keys: [InboundKey], in workspace: Workspace
    ) async throws(StoreError) -> [InboundKey: InboundFingerprint] {
        try await call(.read) { database in database.perform { $0.inbound.fingerprints(of: keys, in: workspace) } }
    }

    func remember(_ entries: [InboundEntry], in workspace: Workspace) async throws(StoreError) {
        try await call(.write) { database in database.perform { $0.remember(entries, in: workspace) } }
    }

    func bookmarks(of topic: InboundTopicName) async throws(StoreError) -> [Int32: InboundBookmark] {
        try await call(.read) { database in database.perform { $0.inbound.bookmarks(of: topic) } }
    }

    func advance(
        _ moves: [InboundMove], of topic: InboundTopicName, remembering entries: [InboundEntry],
        in workspace: Workspace, under lease: Lease
    ) async throws(StoreError) -> InboundAdvance {
        try await call(.write) { database in
            let answer = database.perform {
                $0.advance(moves, of: topic, remembering: entries, in: workspace, under: lease)
            }
            if answer == .advanced {
                database.auditor.advanced(lease, in: database)
                database.auditor.moved(moves, in: database)
            }
            return answer
        }
    }
}

extension DatabaseState {
    mutating func remember(_ entries: [InboundEntry], in workspace: Workspace) {
        guard mutation != .namesForgotten else { return }
        inbound.remember(entries, in: workspace)
    }

    /// Moves bookmarks and remembers messages in one transaction.
    mutating func advance(
        _ moves: [InboundMove], of topic: InboundTopicName, remembering entries: [InboundEntry],
        in workspace: Workspace, under lease: Lease
    ) -> InboundAdvance {
        var moves = moves
        if mutation == .bookmarksWithoutComparison {
            let there = inbound.bookmarks(of: topic)
            moves = moves.map { InboundMove(partition: $0.partition, from: there[$0.partition], to: $0.to) }
        } else {
            let current = checkpoints.token(of: lease.name)
            guard current == lease.token else { return .fenced(current: current) }
        }
        let answer = inbound.advance(moves, of: topic)
        if answer == .advanced { remember(entries, in: workspace) }
        return answer
    }
}
