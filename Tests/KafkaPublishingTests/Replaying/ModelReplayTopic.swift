import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing
import Synchronization

/// A topic over the model broker, which can be torn, and can fail in the middle of a batch.
final class ModelReplayTopic: ReplayTopic {
    let name: String
    let expectsGaps = false
    let broker: Mutex<ModelBroker>
    /// Records that are taken before the broker fails; `nil` for ever.
    private let patience: Mutex<Int?>

    init(_ name: String = "copy", lanes: Int, failingAfter patience: Int? = nil) {
        self.name = name
        broker = Mutex(ModelBroker(lanes: lanes))
        self.patience = Mutex(patience)
    }

    init(_ broker: ModelBroker) {
        name = "copy"
        self.broker = Mutex(broker)
        patience = Mutex(nil)
    }

    /// What a consumer that was there from the beginning has accepted.
    var accepted: [[GlobalPosition]] {
        broker.withLock { broker in
            var consumer = ModelConsumer(lanes: broker.partitions.count)
            consumer.poll(broker)
            return consumer.seen
        }
    }

    func prepare(lanes: Int) async throws(TopicError) {}
    func isUntouched(lanes: Int) async throws(TopicError) -> Bool {
        broker.withLock { $0.nextOffset.allSatisfy { $0 == 0 } }
    }
    func ends(from checkpoint: PublishingCheckpoint?, lanes: Int) async throws(TopicError) -> TopicEnds {
        broker.withLock { $0.ends(from: checkpoint) }
    }
    func open(incarnation: UUID) async throws(TopicError) -> ModelReplaySession { ModelReplaySession(topic: self) }

    fileprivate func take(_ batch: OutgoingBatch) -> DeliveryOutcome {
        var offsets: [Int64] = []
        for record in batch.records {
            let isTaken = patience.withLock { patience in
                guard let left = patience else { return true }
                patience = left - 1
                return left > 0
            }
            guard isTaken else { return .failed(reason: "a test") }
            let event = batch.events[record.index]
            let mark = RecordMark(
                position: event.position, previous: record.previous, eventID: event.id, incarnation: UUID())
            offsets.append(broker.withLock { $0.append(mark, to: record.lane) })
        }
        return .acknowledged(offsets: offsets)
    }
}

struct ModelReplaySession: RecordSession {
    let topic: ModelReplayTopic

    func submit(_ batch: OutgoingBatch) async throws(TopicError) -> any RecordDelivery {
        ModelDelivery(result: topic.take(batch))
    }
    func untilDisturbed() async -> Disturbance { .abandoned }
    func abandon() async {}
}

private struct ModelDelivery: RecordDelivery {
    let result: DeliveryOutcome
    func outcome() async -> DeliveryOutcome { result }
}
