import EventSourcing
import KafkaDriver

/// How a refused message is told: why, from where, and its content sealed. The plain content is in no topic but the one where it was refused,
/// whose retention takes it away.
struct RejectedRecord: Sendable {
    /// The message with its sealed content.
    let whole: KafkaRecord

    init(_ message: RejectedMessage, topic: String) {
        var headers = [
            KafkaRecord.Header("ls_rejection", message.id.uuidString.lowercased()),
            KafkaRecord.Header("ls_code", message.code),
            KafkaRecord.Header("ls_reason", message.reason),
            KafkaRecord.Header("ls_workspace", message.workspace.rawValue),
            KafkaRecord.Header("ls_source_topic", message.place.topic.topic),
            KafkaRecord.Header("ls_source_partition", "\(message.place.partition)"),
            KafkaRecord.Header("ls_source_offset", "\(message.place.offset)"),
            KafkaRecord.Header("ls_value_bytes", "\(message.bytes)"),
        ]
        if let kind = message.kind { headers.append(KafkaRecord.Header("ls_kind", kind)) }
        whole = KafkaRecord(topic: topic, value: message.sealed, headers: headers)
    }

    /// The reasons alone.
    var withoutContent: KafkaRecord {
        var record = whole
        record.value = nil
        return record
    }
}
