/// The broker's answer to one message.
public struct KafkaDelivery: Sendable, Hashable {
    /// Whether the broker has stored a message that failed.
    public enum Persistence: Sendable, Hashable {
        /// It certainly has not.
        case notPersisted
        /// A request was under way: nobody can know.
        case possiblyPersisted
        /// It has.
        case persisted
    }

    /// The partition; -1 when the message failed before one was chosen.
    public let partition: Int32
    /// The offset in the partition, or why there is none.
    public let result: Result<Int64, KafkaError>
    /// Whether the broker has stored the message.
    public let persistence: Persistence

    init(partition: Int32, offset: Int64) {
        self.partition = partition
        result = .success(offset)
        persistence = .persisted
    }

    init(partition: Int32, error: KafkaError, persistence: Persistence) {
        self.partition = partition
        result = .failure(error)
        self.persistence = persistence
    }

    /// The offset in the partition; nil when the message failed.
    public var offset: Int64? { try? result.get() }

    /// Why the message failed; nil when it was acknowledged.
    public var error: KafkaError? {
        guard case .failure(let error) = result else { return nil }
        return error
    }
}

/// The answers to a batch, in the order in which its messages were appended.
public struct KafkaDeliveries: RandomAccessCollection, Sendable {
    private let ledger: DeliveryLedger

    init(_ ledger: DeliveryLedger) { self.ledger = ledger }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of messages.
    public var endIndex: Int { ledger.count }
    /// The answer to one message.
    public subscript(index: Int) -> KafkaDelivery { ledger.delivery(at: index) }

    /// The first message that failed and why; nil when all were acknowledged.
    public var firstFailure: (index: Int, error: KafkaError)? {
        guard let index = ledger.firstFailure(), let error = self[index].error else { return nil }
        return (index, error)
    }
}
