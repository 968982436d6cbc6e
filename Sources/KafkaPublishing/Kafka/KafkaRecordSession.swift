import EventModel
import KafkaDriver
import Synchronization

/// One idempotent producer's life.
public final class KafkaRecordSession: RecordSession {
    /// What the producer needs beyond the driver's defaults: a legal event is larger than librdkafka's own limit, and a failed record
    /// must not be overtaken.
    private static let properties = [
        "message.max.bytes": String(TopicSettings.maxMessageBytes), "enable.gapless.guarantee": "true",
    ]

    private let producer: KafkaProducer
    private let topic: KafkaTopic
    private let signal: DisturbanceSignal
    /// Taken out while a batch is encoded; calls do not overlap.
    private let encoder: Mutex<RecordEncoder>

    init(topic: String, configuration: KafkaConfiguration, encoder: consuming RecordEncoder) throws(KafkaError) {
        var configuration = configuration
        configuration.properties.merge(Self.properties) { given, _ in given }
        let signal = DisturbanceSignal()
        producer = try KafkaProducer(configuration, observer: KafkaObserver(error: { signal.receive($0) }))
        self.topic = try producer.topic(topic)
        self.signal = signal
        self.encoder = Mutex(encoder)
    }

    /// Reaches the cluster, so that from here on a lost connection is noticed, also when there is nothing to send.
    func reach(within timeout: Duration) async throws(KafkaError) {
        _ = try await producer.metadata(of: topic.name, timeout: timeout)
        signal.arm()
    }

    /// Encodes the batch and hands it to librdkafka, which begins to send at once.
    public func submit(_ batch: OutgoingBatch) async throws(TopicError) -> any RecordDelivery {
        do {
            var sending = try await producer.batch()
            encoder.withLock { encoder in
                for record in batch.records {
                    Self.append(batch.events[record.index], record, to: topic, encoder: &encoder, &sending)
                }
            }
            return KafkaRecordDelivery(pending: sending.handOver())
        } catch {
            throw TopicError(error)
        }
    }

    /// Waits for a lost connection or a fatal producer; see ``RecordSession/untilDisturbed()``.
    public func untilDisturbed() async -> Disturbance { await signal.wait() }

    /// Drops everything without waiting.
    public func abandon() async {
        producer.abandon()
        signal.fire(.abandoned)
    }

    private static func append(
        _ event: RecordedEvent, _ record: OutgoingBatch.Record, to topic: KafkaTopic, encoder: inout RecordEncoder,
        _ batch: inout KafkaBatch
    ) {
        encoder.encode(event, previous: record.previous)
        encoder.headers.bytes.withUnsafeBytes { values in
            event.withStream { stream in
                event.withData { data in
                    _ = batch.append(
                        to: topic, partition: record.lane.rawValue, key: Lane.syncKey(of: stream), value: data,
                        timestampMilliseconds: event.recordedAt.milliseconds
                    ) { writer in
                        for field in encoder.headers.fields {
                            writer.add(field.name.name, UnsafeRawBufferPointer(rebasing: values[field.range]))
                        }
                    }
                }
            }
        }
    }
}

/// A batch that librdkafka has taken.
struct KafkaRecordDelivery: RecordDelivery {
    let pending: KafkaPendingDeliveries

    func outcome() async -> DeliveryOutcome {
        do {
            let deliveries = try await pending.completed()
            if let failure = deliveries.firstFailure { return .failed(reason: failure.error.description) }
            return .acknowledged(offsets: deliveries.map { $0.offset ?? -1 })
        } catch {
            return .failed(reason: error.description)
        }
    }
}
