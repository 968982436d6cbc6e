import EventModel
import EventSourcing
import Logging
import Synchronization

/// Takes part in reading a topic for as long as it is kept: says that this process lives, and takes and gives partitions as a
/// ``PartitionShare`` says.
final class PartitionOwnership<Sharing: InboundSharing, Leases: LeaseStore>: Sendable {
    private let topic: InboundTopicName
    private let sharing: Sharing
    private let leases: Leases
    private let timing: LeaseTiming
    private let time: any Timekeeper
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var share: PartitionShare
        var partitions: [Int32]
    }

    init(
        of topic: InboundTopicName, partitions: [Int32], as holder: String, sharing: Sharing, leases: Leases,
        timing: LeaseTiming, time: any Timekeeper, logger: Logger
    ) {
        self.topic = topic
        self.sharing = sharing
        self.leases = leases
        self.timing = timing
        self.time = time
        self.logger = logger
        state = Mutex(State(share: PartitionShare(of: holder), partitions: partitions))
    }

    /// What this process reads now.
    var held: [Int32: Lease] { state.withLock(\.share.held) }

    /// The topic has these partitions.
    func found(_ partitions: [Int32]) { state.withLock { $0.partitions = partitions } }

    /// Somebody else reads a partition.
    func lose(_ partition: Int32) { state.withLock { $0.share.lose(partition) } }

    /// Keeps taking part until it is cancelled.
    ///
    /// - Throws: cancellation, and what waiting does not help.
    func keep() async throws {
        var heardAt = time.steady()
        while true {
            try Task.checkCancellation()
            let attempt = time.steady()
            do throws(StoreError) {
                try await lookRound()
                heardAt = attempt
            } catch {
                guard error.isTransient else { throw error }
                logger.info("the store does not answer about partitions", metadata: ["reason": "\(error)"])
                if time.steady() - heardAt > timing.duration { state.withLock { $0.share.loseEverything() } }
            }
            let isBalanced = state.withLock(\.share.isBalanced)
            try await time.sleep(
                for: isBalanced ? timing.renewInterval : min(timing.retryInterval, timing.renewInterval))
        }
    }

    private func lookRound() async throws(StoreError) {
        let (share, partitions) = state.withLock { ($0.share, $0.partitions) }
        let survey = try await sharing.takePart(
            in: topic, as: share.holder, partitions: partitions, holding: share.leases, for: timing.duration)
        let before = held
        let wanted = state.withLock { $0.share.receive(survey, of: $0.partitions) }
        for partition in wanted { try await ask(for: partition, as: share.holder) }
        let after = held
        guard after != before else { return }
        logger.notice(
            "partitions of this process",
            metadata: [
                "topic": "\(topic.topic)", "partitions": "\(after.keys.sorted())", "members": "\(survey.members.count)",
            ])
    }

    private func ask(for partition: Int32, as holder: String) async throws(StoreError) {
        let answer = try await leases.acquire(topic.lease(of: partition), holder: holder, for: timing.duration)
        guard case .granted(let lease) = answer else { return }
        state.withLock { $0.share.receive(lease, of: partition) }
    }

    /// Gives back what is not held any more. Nothing may work on it.
    func giveBack() async {
        for lease in state.withLock({ $0.share.takeLeaving() }) { try? await leases.release(lease) }
    }

    /// Gives everything back and takes part no more, also while shutting down, so that the others need not wait for the expiry.
    func leave() async {
        await CancellationShield.run { [self] in
            state.withLock { $0.share.giveEverythingBack() }
            await giveBack()
            try? await sharing.leave(topic, as: state.withLock(\.share.holder))
        }
    }
}
