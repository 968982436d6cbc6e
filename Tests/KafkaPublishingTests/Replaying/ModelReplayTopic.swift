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
    /// Where the broker does not fail but goes away: records are never answered, and the connection is lost.
    private let absence: Absence?

    init(_ name: String = "copy", lanes: Int, failingAfter patience: Int? = nil, goingAway absence: Absence? = nil) {
        self.name = name
        broker = Mutex(ModelBroker(lanes: lanes))
        self.patience = Mutex(patience)
        self.absence = absence
    }

    init(_ broker: ModelBroker) {
        name = "copy"
        self.broker = Mutex(broker)
        patience = Mutex(nil)
        absence = nil
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
    func open(incarnation: UUID) async throws(TopicError) -> ModelReplaySession {
        ModelReplaySession(topic: self, absence: absence)
    }

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
    let absence: Absence?

    func submit(_ batch: OutgoingBatch) async throws(TopicError) -> any RecordDelivery {
        if let absence {
            absence.begin()
            return AbsentDelivery(absence: absence)
        }
        return ModelDelivery(result: topic.take(batch))
    }
    func untilDisturbed() async -> Disturbance {
        guard let absence else { return .abandoned }
        await absence.begun()
        return .disconnected(reason: "a test")
    }
    func abandon() async { absence?.end() }
}

/// A broker that goes away with the first record: nothing is answered until the session is given up.
final class Absence: Sendable {
    private let beginning = AsyncStream<Void>.makeStream()
    private let ending = AsyncStream<Void>.makeStream()

    func begin() { beginning.continuation.finish() }
    func begun() async { for await _ in beginning.stream {} }
    func end() { ending.continuation.finish() }
    func ended() async { for await _ in ending.stream {} }
}

private struct AbsentDelivery: RecordDelivery {
    let absence: Absence
    func outcome() async -> DeliveryOutcome {
        await absence.ended()
        return .failed(reason: "given up")
    }
}

private struct ModelDelivery: RecordDelivery {
    let result: DeliveryOutcome
    func outcome() async -> DeliveryOutcome { result }
}
