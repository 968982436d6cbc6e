import EventModel
import KafkaDriver
import Synchronization

/// One idempotent producer's life.
public final class KafkaRecordSession: RecordSession {
    private let link: KafkaLink
    /// Taken out while a batch is encoded; calls do not overlap.
    private let encoder: Mutex<RecordEncoder>

    init(_ link: KafkaLink, encoder: consuming RecordEncoder) {
        self.link = link
        self.encoder = Mutex(encoder)
    }

    /// Encodes the batch and hands it to librdkafka, which begins to send at once.
    public func submit(_ batch: OutgoingBatch) async throws(TopicError) -> any RecordDelivery {
        do {
            var sending = try await link.producer.batch()
            encoder.withLock { encoder in
                for record in batch.records {
                    Self.append(batch.events[record.index], record, to: link.topic, encoder: &encoder, &sending)
                }
            }
            return KafkaRecordDelivery(pending: sending.handOver())
        } catch {
            throw TopicError(error)
        }
    }

    /// Waits for a lost connection or a fatal producer; see ``RecordSession/untilDisturbed()``.
    public func untilDisturbed() async -> Disturbance { await link.signal.wait() }

    /// Drops everything without waiting.
    public func abandon() async {
        link.producer.abandon()
        link.signal.fire(.abandoned)
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
