import EventModel
import FoundationEssentials
import KafkaDriver

extension LockstepRecord {
    /// Reads a record; `nil` when it is not a record of a log.
    init?(_ message: KafkaMessage) {
        let headers = message.headers
        guard let mark = RecordMark(message), let version = headers.decimal(.version), version > 0,
            let schema = headers.decimal(.schema), let schemaVersion = Int32(exactly: schema),
            let stream = headers.text(.subject), let type = headers.text(.type),
            let workspaceName = headers.text(.workspace), let workspace = try? Workspace(workspaceName),
            let occurredAt = headers.text(.time).flatMap({ Timestamp(rfc3339: $0) }),
            let recordedAt = headers.text(.recorded).flatMap({ Timestamp(rfc3339: $0) }),
            let metadata = headers.bytes(.metadata), let data = message.value, let key = message.key
        else { return nil }
        self.init(
            partition: message.partition, offset: message.offset, mark: mark, key: key, data: data,
            stream: StreamName(trusting: stream), version: StreamVersion(version), type: EventType(trusting: type),
            workspace: workspace, schemaVersion: schemaVersion, occurredAt: occurredAt, recordedAt: recordedAt,
            metadata: metadata, actor: headers.text(.actor), correlationID: headers.uuid(.correlation),
            causationID: headers.uuid(.causation), traceParent: headers.text(.traceParent))
    }
}
