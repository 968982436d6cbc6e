import EventModel
import EventSourcing
import Logging

/// Leaves word in a checkpoint of why publishing does not go on. Only for people, so a failure to do so is not an error.
struct StandstillAnnouncement<Store: EventStore, Checkpoints: PublishingCheckpointStore>: Sendable {
    let store: Store
    let checkpoints: Checkpoints
    let key: ConsumerProgress.Key
    let topic: String
    let logger: Logger

    func announce(_ state: PublisherState, _ error: any Error, _ lease: Lease) async {
        do {
            let stored = try await checkpoints.publishingCheckpoint(of: key, topic: topic)
            var checkpoint: PublishingCheckpoint
            if let stored {
                checkpoint = stored
            } else {
                let progress = ConsumerProgress(of: key, incarnation: try await store.head().incarnation)
                checkpoint = PublishingCheckpoint(progress: progress, topic: topic, ends: [:])
            }
            checkpoint.progress.state = state.rawValue
            checkpoint.progress.lastError = "\(error)"
            _ = try await checkpoints.advance(checkpoint, from: checkpoint.progress.position, under: lease)
        } catch {
            logger.debug("the checkpoint could not be told", metadata: ["error": "\(error)"])
        }
    }
}
