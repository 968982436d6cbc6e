import EventModel
import EventSourcing
import FoundationEssentials

/// Leases and checkpoints as a value: the tables beside the log.
public struct InMemoryCheckpoints: Sendable {
    private struct Grant {
        var holder: String
        var token: Int64
        /// By the server's steady clock.
        var expiry: Duration
    }

    private struct PublishingKey: Hashable {
        let consumer: String
        let topic: String
    }

    private var grants: [String: Grant] = [:]
    private var progress: [ConsumerProgress.Key: ConsumerProgress] = [:]
    private var published: [PublishingKey: [Lane: PartitionEnd]] = [:]

    /// No leases, no checkpoints.
    public init() {}

    /// See ``LeaseStore/acquire(_:holder:for:)``. `now` is the server's steady clock.
    public mutating func acquire(_ name: String, holder: String, for duration: Duration, at now: Duration)
        -> LeaseAnswer
    {
        let last = grants[name]
        if let last, last.expiry > now, last.holder != holder {
            return .held(by: last.holder, remaining: last.expiry - now)
        }
        let token = (last?.token ?? 0) + 1
        grants[name] = Grant(holder: holder, token: token, expiry: now + duration)
        return .granted(Lease(name: name, holder: holder, token: token))
    }

    /// See ``LeaseStore/renew(_:for:)``.
    public mutating func renew(_ lease: Lease, for duration: Duration, at now: Duration) -> Bool {
        guard let grant = grants[lease.name], grant.token == lease.token, grant.expiry > now else { return false }
        grants[lease.name]?.expiry = now + duration
        return true
    }

    /// See ``LeaseStore/release(_:)``. The token stays, so that the next one is greater.
    public mutating func release(_ lease: Lease, at now: Duration) {
        guard grants[lease.name]?.token == lease.token else { return }
        grants[lease.name]?.expiry = now
    }

    /// Renews a lease as members of a share do; one that has run out and that nobody has taken lives again.
    public mutating func prolong(_ lease: Lease, for duration: Duration, at now: Duration) {
        guard let grant = grants[lease.name], grant.token == lease.token, grant.holder == lease.holder else { return }
        grants[lease.name]?.expiry = now + duration
    }

    /// Whether nobody has taken the lease since.
    public func isNewest(_ lease: Lease) -> Bool { token(of: lease.name) == lease.token }

    /// Forgets a consumer's progress.
    public mutating func forget(_ key: ConsumerProgress.Key) { progress[key] = nil }

    /// The lease of a name, if it is living.
    public func lease(_ name: String, at now: Duration) -> Lease? {
        guard let grant = grants[name], grant.expiry > now else { return nil }
        return Lease(name: name, holder: grant.holder, token: grant.token)
    }

    /// The newest token of a name, 0 for none.
    public func token(of name: String) -> Int64 { grants[name]?.token ?? 0 }

    /// See ``ProgressStore/progress(of:)``.
    public func progress(of key: ConsumerProgress.Key) -> ConsumerProgress? { progress[key] }

    /// Everybody's progress, ordered by consumer, kind, version and lane.
    public var allProgress: [ConsumerProgress] {
        progress.values.sorted { left, right in
            (left.key.consumer, left.key.kind, left.key.version, left.key.lane)
                < (right.key.consumer, right.key.kind, right.key.version, right.key.lane)
        }
    }

    /// See ``ProgressStore/advance(_:from:under:)``.
    public mutating func advance(
        _ new: ConsumerProgress, from previous: GlobalPosition, under lease: Lease
    ) -> AdvanceAnswer {
        let current = token(of: lease.name)
        guard current == lease.token else { return .fenced(current: current) }
        let actual = progress[new.key]?.position ?? .start
        guard actual == previous else { return .moved(actual: actual) }
        progress[new.key] = new
        return .advanced
    }

    /// See ``ProjectionStore/apply(_:moving:)``: all of them, or none.
    public mutating func advance(_ moves: [CheckpointMove]) -> AdvanceAnswer {
        var next = self
        // Whoever has lost a lease is told so, whatever has become of the checkpoints since.
        for move in moves where token(of: move.lease.name) != move.lease.token {
            return .fenced(current: token(of: move.lease.name))
        }
        for move in moves {
            let answer = next.advance(move.progress, from: move.from, under: move.lease)
            guard answer == .advanced else { return answer }
        }
        self = next
        return .advanced
    }

    /// See ``ProjectionStore/recordState(_:)``: all of them, or none.
    public mutating func recordState(_ states: [CheckpointMove]) -> AdvanceAnswer {
        advance(
            states.map { state in
                var stored = progress(of: state.progress.key) ?? state.progress
                stored.state = state.progress.state
                stored.lastError = state.progress.lastError
                return CheckpointMove(stored, from: state.progress.position, under: state.lease)
            })
    }

    /// See ``PublishingCheckpointStore/publishingCheckpoint(of:topic:)``.
    public func publishingCheckpoint(of key: ConsumerProgress.Key, topic: String) -> PublishingCheckpoint? {
        guard let progress = progress[key], let ends = published[PublishingKey(consumer: key.consumer, topic: topic)]
        else {
            return nil
        }
        return PublishingCheckpoint(progress: progress, topic: topic, ends: ends)
    }

    /// See ``PublishingCheckpointStore/advance(_:from:under:)``.
    public mutating func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) -> AdvanceAnswer {
        let answer = advance(checkpoint.progress, from: previous, under: lease)
        if answer == .advanced {
            let key = PublishingKey(consumer: checkpoint.progress.key.consumer, topic: checkpoint.topic)
            published[key] = checkpoint.ends
        }
        return answer
    }
}
