import EventModel
import EventSourcing
import FoundationEssentials
import KafkaDriver

/// Messages of one pull, and the originals that they were made of.
public struct KafkaInboundDelivery: InboundDelivery {
    /// As the protocol says.
    public internal(set) var messages: [InboundMessage] = []
    /// As the protocol says.
    public internal(set) var bookmarks: [Int32: InboundBookmark] = [:]
    /// As the protocol says.
    public internal(set) var notices: [InboundNotice] = []
    /// As they came, in the order of ``messages``.
    var originals: [KafkaMessage] = []
}

/// Sorts what a pull brought: new messages, known ones, ends, failures.
struct InboundTaking {
    private let name: InboundTopicName
    private let receivedAt: Timestamp
    private(set) var resumptions: [Int32: PartitionResumption]
    private var delivery = KafkaInboundDelivery()
    /// The last message taken of each partition.
    private var last: [Int32: KafkaMessage] = [:]
    /// Partitions that are to be read from their beginning.
    private(set) var rewound: Set<Int32> = []
    /// What cannot be waited out.
    private(set) var failure: KafkaError?

    init(_ name: InboundTopicName, _ resumptions: [Int32: PartitionResumption], receivedAt: Timestamp) {
        self.name = name
        self.resumptions = resumptions
        self.receivedAt = receivedAt
    }

    mutating func take(_ element: KafkaMessageBatch.Element) {
        switch element {
        case .message(let message):
            let partition = message.partition
            guard !rewound.contains(partition) else { return }
            let step = resumptions[partition]?.meet(message.offset) { message.fingerprint }
            follow(step, partition, message)
        case .endOfPartition(let end):
            let partition = end.partition.partition
            guard !rewound.contains(partition) else { return }
            follow(resumptions[partition]?.meetEnd(end.offset), partition)
        case .failure(let trouble):
            guard trouble.isOffsetOutOfRange, let partition = trouble.partition?.partition else {
                if !trouble.error.isRetriable { failure = failure ?? trouble.error }
                return
            }
            follow(resumptions[partition]?.meetNothing(), partition)
        case .rebalance: break
        }
    }

    private mutating func follow(_ step: PartitionResumption.Step?, _ partition: Int32, _ message: KafkaMessage? = nil)
    {
        switch step {
        case .take?: if let message { add(message) }
        case .rewind?: rewound.insert(partition)
        case .pass?, .wait?, nil: break
        }
    }

    private mutating func add(_ message: KafkaMessage) {
        guard let bookmark = resumptions[message.partition]?.bookmark else { return }
        delivery.messages.append(InboundMessage(message, of: name, bookmark.generation, receivedAt: receivedAt))
        delivery.originals.append(message)
        last[message.partition] = message
    }

    /// The delivery with its bookmarks.
    mutating func finished() -> KafkaInboundDelivery {
        // A partition that turned out to be another one behind these messages has its bookmark at its beginning.
        for (partition, message) in last where !rewound.contains(partition) {
            resumptions[partition]?.remember(message.fingerprint)
            delivery.bookmarks[partition] = resumptions[partition]?.bookmark
        }
        for partition in resumptions.keys.sorted() {
            delivery.notices += resumptions[partition]?.takeNotices() ?? []
        }
        return delivery
    }
}

extension KafkaMessage {
    /// What tells this message from another one at its offset.
    var fingerprint: InboundFingerprint {
        InboundFingerprint(parts: [key ?? [], value ?? [], Array("\(timestampMilliseconds ?? -1)".utf8)])
    }
}

extension InboundMessage {
    /// A record as a message: named by its CloudEvents headers, else by its place.
    init(_ record: KafkaMessage, of name: InboundTopicName, _ generation: UUID, receivedAt: Timestamp) {
        let headers = record.headers
        let time = record.timestampMilliseconds.map { Timestamp(microseconds: $0 * 1_000) }
        self.init(
            key: InboundKey(headers)
                ?? InboundKey(
                    cluster: name.cluster, topic: name.topic, generation: generation, partition: record.partition,
                    offset: record.offset), payload: record.value ?? [], receivedAt: time ?? receivedAt,
            keepsTime: time != nil, occurredAt: headers.text("ce_time").flatMap(Timestamp.init(rfc3339:)),
            actor: headers.text("ce_source").flatMap(Self.actor) ?? "kafka:\(name.topic)",
            origin: "\(name.topic)[\(record.partition)]@\(record.offset)")
    }

    /// A source as an actor, if it can be one.
    private static func actor(_ source: String) -> String? {
        let isLegal = !source.isEmpty && source.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
        return isLegal && source.utf8.count <= AppendLimits.actorBytes ? source : nil
    }
}

extension InboundKey {
    /// The name that a message gives itself; `nil` when it has none, or none of a length that is taken.
    fileprivate init?(_ headers: KafkaHeaders) {
        guard let source = headers.text("ce_source"), let id = headers.text("ce_id"), !source.isEmpty, !id.isEmpty,
            source.utf8.count + id.utf8.count <= InboundLimits.nameBytes
        else { return nil }
        self.init(source: source, id: id)
    }
}
