import EventSourcing
import KafkaDriver

/// A refused message as it is kept: key, value and headers as they came, and beside them why and from where.
struct RejectedRecord: Sendable {
    /// The message with its content.
    let whole: KafkaRecord

    init(_ original: KafkaMessage, _ rejection: InboundRejection, topic: String) {
        let reasons = [
            KafkaRecord.Header("ls_code", rejection.code.rawValue),
            KafkaRecord.Header("ls_reason", rejection.reason),
            KafkaRecord.Header("ls_source_topic", original.topic),
            KafkaRecord.Header("ls_source_partition", "\(original.partition)"),
            KafkaRecord.Header("ls_source_offset", "\(original.offset)"),
        ]
        whole = KafkaRecord(
            topic: topic, key: original.key, value: original.value, headers: original.headers.all + reasons,
            timestampMilliseconds: original.timestampMilliseconds)
    }

    /// The reasons alone, and how many bytes are missing.
    var withoutContent: KafkaRecord {
        var record = whole
        record.headers =
            whole.headers.suffix(5) + [KafkaRecord.Header("ls_value_bytes", "\(whole.value?.count ?? 0)")]
        record.value = nil
        record.key = nil
        return record
    }
}
