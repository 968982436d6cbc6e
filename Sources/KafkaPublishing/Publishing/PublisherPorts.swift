import EventModel
import EventSourcing
import Logging
import ServiceLifecycle
import Synchronization

/// What a publisher works with.
struct PublisherPorts<Store: EventStore, Checkpoints: PublishingCheckpointStore, Topic: RecordTopic>: Sendable {
    let store: Store
    let checkpoints: Checkpoints
    let topic: Topic
    let time: any Timekeeper
    let random: any RandomSource
    let logger: Logger
    let record: PublisherRecord

    /// Whose checkpoint and lease they are.
    var key: ConsumerProgress.Key { .publisher(of: topic.name) }

    /// Sleeps, unless the service is to stop.
    func pause(_ duration: Duration) async throws {
        try await cancelWhenGracefulShutdown { try await time.sleep(for: duration) }
    }

    /// Leaves word in the checkpoint of why publishing does not go on. Only for people, so a failure to do so is not an error.
    func announce(_ state: PublisherState, _ error: any Error, _ lease: Lease) async {
        do {
            let stored = try await checkpoints.publishingCheckpoint(of: key, topic: topic.name)
            var checkpoint: PublishingCheckpoint
            if let stored {
                checkpoint = stored
            } else {
                let progress = ConsumerProgress(of: key, incarnation: try await store.head().incarnation)
                checkpoint = PublishingCheckpoint(progress: progress, topic: topic.name, ends: [:])
            }
            checkpoint.progress.state = state.rawValue
            checkpoint.progress.lastError = "\(error)"
            _ = try await checkpoints.advance(checkpoint, from: checkpoint.progress.position, under: lease)
        } catch {
            logger.debug("the checkpoint could not be told", metadata: ["error": "\(error)"])
        }
    }
}

/// The running statistics, shared between a publisher and its runs.
final class PublisherRecord: Sendable {
    private struct State {
        var statistics = PublisherStatistics()
        /// The last position that was handed to a broker by any run.
        var furthest = GlobalPosition.start
    }

    private let state = Mutex(State())

    var snapshot: PublisherStatistics { state.withLock { $0.statistics } }

    func begin() { state.withLock { $0.statistics.runs += 1 } }

    func saved() { state.withLock { $0.statistics.checkpoints += 1 } }

    func sent(_ batch: OutgoingBatch) {
        guard let last = batch.records.last else { return }
        state.withLock { state in
            let again = batch.records.prefix { batch.events[$0.index].position <= state.furthest }.count
            state.statistics.resent += Int64(again)
            state.statistics.published += Int64(batch.records.count - again)
            state.statistics.batches += 1
            state.furthest = max(state.furthest, batch.events[last.index].position)
        }
    }

    func observe(_ machine: borrowing PublisherMachine) {
        let (inFlight, acknowledged) = (machine.inFlight.events, machine.acknowledged)
        state.withLock {
            $0.statistics.inFlight = inFlight
            $0.statistics.acknowledged = acknowledged
        }
    }
}
