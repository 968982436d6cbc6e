import EventModel
import EventSourcing
import KafkaDriver
import Synchronization

/// Reads partitions by hand, each from a place of its own. What comes is only read; nothing is judged here.
final class KafkaLaneReader: LaneReader {
    /// What the consumer needs beyond the driver's defaults: memory is bounded by bytes, whatever the size of events.
    private static let properties = ["queued.max.messages.kbytes": "8192"]

    private let topic: String
    private let consumer: KafkaConsumer
    private let kinds = Mutex(KindTable())

    init(
        of topic: String, from starts: [Int: LaneStart], _ configuration: KafkaConfiguration
    ) throws(KafkaError) {
        var configuration = configuration
        configuration.properties.merge(Self.properties) { given, _ in given }
        self.topic = topic
        consumer = try KafkaConsumer(configuration)
        try consumer.assign(starts.map { KafkaStart(topic, $0.key, $0.value) })
    }

    /// As the protocol says.
    func next(limit: Int, atMost patience: Duration) async throws(LaneTopicError) -> [LaneNews] {
        do {
            let batch = try await consumer.next(maxMessages: limit, timeout: patience)
            var records: [LockstepRecord?] = []
            var news: [LaneNews?] = []
            for element in batch {
                switch element {
                case .message(let message):
                    let record = LockstepRecord(message)
                    records.append(record)
                    news.append(
                        record == nil ? .foreign(lane: Int(message.partition), offset: message.offset) : nil)
                case .endOfPartition(let end):
                    records.append(nil)
                    news.append(.end(lane: Int(end.partition.partition), offset: end.offset))
                case .failure(let failure):
                    guard failure.isOffsetOutOfRange, let partition = failure.partition?.partition else {
                        guard failure.error.isRetriable else { throw failure.error }
                        continue
                    }
                    records.append(nil)
                    news.append(.missing(lane: Int(partition)))
                case .rebalance: break
                }
            }
            return joined(news, records)
        } catch {
            throw LaneTopicError(error)
        }
    }

    /// As the protocol says.
    func rewind(_ starts: [Int: LaneStart]) async throws(LaneTopicError) {
        do {
            try await consumer.seek(to: starts.map { KafkaStart(topic, $0.key, $0.value) })
        } catch {
            throw LaneTopicError(error)
        }
    }

    /// As the protocol says.
    func close() async { try? await consumer.close() }

    /// The events of all records in one block of memory, each in the place of its record.
    private func joined(_ news: [LaneNews?], _ records: [LockstepRecord?]) -> [LaneNews] {
        let bytes = records.reduce(0) { $0 + ($1?.byteCount ?? 0) }
        let events = kinds.withLock { kinds in
            var builder = EventBatchBuilder(reservingEvents: records.count, bytes: bytes)
            for record in records {
                if let record { builder.append(record, kinds.kind(of: record)) }
            }
            return builder.finish()
        }
        var index = events.startIndex
        return zip(news, records).compactMap { (item, record) -> LaneNews? in
            guard let record else { return item }
            defer { index += 1 }
            return .record(
                LaneRecord(
                    lane: Int(record.partition), offset: record.offset, previous: record.mark.previous,
                    incarnation: record.mark.incarnation, event: events[index]))
        }
    }
}

/// The kinds of events met so far: they are told apart by identity.
private struct KindTable {
    /// The kinds that are kept at most.
    private static let limit = 10_000

    private struct Name: Hashable {
        var workspace: Workspace
        var category: Category
        var type: EventType
    }

    private var kinds: [Name: EventKind] = [:]

    mutating func kind(of record: LockstepRecord) -> EventKind {
        let name = Name(workspace: record.workspace, category: record.stream.category, type: record.type)
        if let known = kinds[name] { return known }
        if kinds.count >= Self.limit { kinds.removeAll() }
        let kind = EventKind(workspace: name.workspace, category: name.category, type: name.type)
        kinds[name] = kind
        return kind
    }
}

extension LockstepRecord {
    fileprivate var byteCount: Int {
        stream.rawValue.utf8.count + (actor?.utf8.count ?? 0) + data.count + metadata.count
    }
}

extension EventBatchBuilder {
    fileprivate mutating func append(_ record: LockstepRecord, _ kind: EventKind) {
        let fixed = Fixed(
            position: record.position, version: record.version, id: record.id, kind: kind,
            schemaVersion: record.schemaVersion, occurredAt: record.occurredAt, recordedAt: record.recordedAt,
            correlationID: record.correlationID, causationID: record.causationID)
        let (stream, actor) = (Array(record.stream.rawValue.utf8), record.actor.map { Array($0.utf8) })
        stream.withUnsafeBytes { stream in
            record.data.withUnsafeBytes { data in
                record.metadata.withUnsafeBytes { metadata in
                    guard let actor else {
                        return append(fixed, stream: stream, actor: nil, data: data, metadata: metadata)
                    }
                    actor.withUnsafeBytes {
                        append(fixed, stream: stream, actor: $0, data: data, metadata: metadata)
                    }
                }
            }
        }
    }
}
