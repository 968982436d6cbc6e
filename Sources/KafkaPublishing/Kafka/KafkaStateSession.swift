import EventModel
import FoundationEssentials
import KafkaDriver

/// One idempotent producer's life, and the watch over who else writes.
public final class KafkaStateSession: StateSession {
    private let link: KafkaLink
    private let watch: WriterWatch

    init(_ link: KafkaLink, _ watch: WriterWatch) {
        self.link = link
        self.watch = watch
    }

    /// Hands the records to librdkafka, which begins to send at once.
    public func submit(_ records: [StateRecord]) async throws(TopicError) -> any RecordDelivery {
        do {
            var batch = try await link.producer.batch()
            for record in records { Self.append(record, to: link.topic, &batch) }
            return KafkaRecordDelivery(pending: batch.handOver())
        } catch {
            throw TopicError(error)
        }
    }

    /// Waits for a lost connection, a fatal producer, or another writer; see ``StateSession/untilDisturbed()``.
    public func untilDisturbed() async -> Disturbance {
        await withTaskGroup(of: Disturbance.self) { group in
            group.addTask { [link] in await link.signal.wait() }
            group.addTask { [watch] in await watch.untilForeign() }
            defer { group.cancelAll() }
            return await group.next() ?? .abandoned
        }
    }

    /// Drops everything without waiting for the broker.
    public func abandon() async {
        link.producer.abandon()
        link.signal.fire(.abandoned)
        await watch.close()
    }

    private static func append(_ record: StateRecord, to topic: KafkaTopic, _ batch: inout KafkaBatch) {
        record.key.bytes.withUnsafeBytes { key in
            withBytes(of: record.value) { value in
                _ = batch.append(
                    to: topic, partition: record.lane.rawValue, key: key, value: value,
                    timestampMilliseconds: record.recordedAt.milliseconds
                ) { writer in
                    let mark = record.mark
                    writer.add("ls_position", decimal: mark.position.rawValue)
                    writer.add("ls_event", mark.eventID.uuidString.lowercased())
                    writer.add("ls_incarnation", mark.incarnation.uuidString.lowercased())
                    writer.add("ls_fold", decimal: mark.fold)
                    writer.add("ls_through", decimal: mark.through.rawValue)
                    writer.add("ls_sequence", decimal: mark.sequence)
                    writer.add("ls_writer", decimal: mark.writer)
                    writer.add("ls_workspace", record.key.workspace.rawValue)
                    writer.add("ls_execution", record.key.syncKey)
                    writer.add("ls_recorded", record.recordedAt.description)
                    writer.add("content-type", "application/json")
                }
            }
        }
    }

    private static func withBytes(of value: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard let value else { return body(nil) }
        value.withUnsafeBytes { body($0) }
    }
}

extension StateMark {
    /// The mark of a record; `nil` when it is not a state.
    init?(_ message: KafkaMessage) {
        let headers = message.headers
        guard let position = headers.decimal("ls_position"), let through = headers.decimal("ls_through"),
            let sequence = headers.decimal("ls_sequence"),
            let fold = headers.decimal("ls_fold").flatMap({ Int(exactly: $0) }),
            let writer = headers.decimal("ls_writer"),
            let eventID = headers.uuid("ls_event"), let incarnation = headers.uuid("ls_incarnation")
        else { return nil }
        self.init(
            position: GlobalPosition(position), eventID: eventID, incarnation: incarnation, fold: fold,
            through: GlobalPosition(through), sequence: sequence, writer: writer)
    }
}

extension StateRecord {
    /// Reads a record of the state topic; `nil` when it is none.
    public init?(_ message: KafkaMessage) {
        guard let mark = StateMark(message), let key = message.withKey({ $0.flatMap { StateKey(bytes: $0) } }),
            let recordedAt = message.headers.text("ls_recorded").flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        self.init(key: key, lane: Lane(message.partition), mark: mark, recordedAt: recordedAt, value: message.value)
    }
}
