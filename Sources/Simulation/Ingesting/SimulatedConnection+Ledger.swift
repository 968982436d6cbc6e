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
}

extension SimulatedConnection: InboundCheckpoints {
    func bookmarks(of topic: InboundTopicName) async throws(StoreError) -> [Int32: InboundBookmark] {
        try await call(.read) { database in database.perform { $0.inbound.bookmarks(of: topic) } }
    }

    func advance(_ step: InboundStep, of topic: InboundTopicName) async throws(StoreError) -> InboundAdvance {
        try await call(.write) { database in
            let answer = database.perform { $0.advance(step, of: topic) }
            if answer == .advanced {
                for move in step.moves { database.auditor.advanced(move.lease, in: database) }
                database.auditor.moved(step.moves, in: database)
            }
            return answer
        }
    }
}

extension SimulatedConnection: LeaseSharing {
    func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease],
        for duration: Duration
    ) async throws(StoreError) -> ShareSurvey {
        try await call(.write) { database in
            let now = database.clock.steady()
            return database.perform {
                $0.takePart(in: share, as: holder, parts: parts, holding: held, for: duration, at: now)
            }
        }
    }

    func leave(_ share: ShareName, as holder: String) async throws(StoreError) {
        try await call(.write) { database in database.perform { $0.members.leave(share, as: holder) } }
    }
}

extension DatabaseState {
    mutating func remember(_ entries: [InboundEntry], in workspace: Workspace) {
        guard mutation != .namesForgotten else { return }
        inbound.remember(entries, in: workspace)
    }

    /// Moves bookmarks, remembers messages and keeps refused ones in one transaction.
    mutating func advance(_ step: InboundStep, of topic: InboundTopicName) -> InboundAdvance {
        var step = step
        if mutation == .namesForgotten { step.entries = [:] }
        if mutation == .refusalsForgotten { step.rejections = [] }
        if mutation == .bookmarksWithoutComparison {
            let there = inbound.bookmarks(of: topic)
            step.moves = step.moves.map {
                InboundMove(partition: $0.partition, from: there[$0.partition], to: $0.to, under: $0.lease)
            }
        } else if let move = step.moves.first(where: { checkpoints.token(of: $0.lease.name) != $0.lease.token }) {
            return .fenced(partition: move.partition)
        }
        return inbound.advance(step, of: topic)
    }

    mutating func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease],
        for duration: Duration, at now: Duration
    ) -> ShareSurvey {
        members.takePart(
            in: share, as: holder, parts: parts, holding: held, for: duration, leases: &checkpoints, at: now)
    }
}
