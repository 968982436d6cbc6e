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
    var originals: [(message: KafkaMessage, place: InboundPlace)] = []

    /// As the protocol says.
    public func place(of index: Int) -> InboundPlace { originals[index].place }

    /// As the protocol says.
    public func record(at index: Int) -> InboundRecord { InboundRecord(originals[index].message) }
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
        let place = InboundPlace(
            topic: name, generation: bookmark.generation, partition: message.partition, offset: message.offset)
        delivery.messages.append(
            InboundMessage(
                payload: message.value ?? [], marks: message.headers.marks,
                timeMilliseconds: message.timestampMilliseconds, at: place, receivedAt: receivedAt))
        delivery.originals.append((message, place))
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

extension KafkaHeaders {
    /// What the headers say.
    fileprivate var marks: Result<InboundMarks, InboundRejection> {
        guard count > 0 else { return .success(InboundMarks()) }
        return InboundMarks.reading { name in
            withValue(of: name) { found in
                switch found {
                case .missing, .null: .missing
                case .value(let bytes): InboundMarks.Header(bytes: bytes)
                }
            }
        }
    }
}

extension InboundRecord {
    /// A copy of a message.
    fileprivate init(_ message: KafkaMessage) {
        self.init(
            key: message.key, value: message.value,
            headers: message.headers.all.map { Header(name: $0.name, value: $0.value) },
            timeMilliseconds: message.timestampMilliseconds)
    }
}
