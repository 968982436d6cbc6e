import EventModel
import EventSourcing
import Logging
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

    /// The way to say why publishing does not go on.
    var announcement: StandstillAnnouncement<Store, Checkpoints> {
        StandstillAnnouncement(store: store, checkpoints: checkpoints, key: key, topic: topic.name, logger: logger)
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
