internal import CRDKafka

/// Messages that are sent together and awaited once.
///
/// Each append hands its message to librdkafka, which copies it and begins to send at once; nothing is allocated here per
/// message. The first refusal closes the batch: what is appended after it is answered with `notAttempted`, so that a
/// partition never receives a message whose predecessor in the batch was refused.
public struct KafkaBatch: ~Copyable, Sendable {
    private let ledger: DeliveryLedger
    private let client: KafkaClient
    private var isHandedOver = false

    init(_ client: KafkaClient) {
        self.client = client
        ledger = DeliveryLedger(client: client)
    }

    deinit {
        if !isHandedOver { Self.seal(ledger, client) }
    }

    /// Messages appended so far, refused ones included.
    public var count: Int { ledger.count }

    /// Why the first refused message was refused; nil while all were taken.
    public var refusal: KafkaError? { ledger.refusal }

    /// Appends one message; all bytes are copied before the call returns.
    ///
    /// When the local queue is full the calling thread helps to empty it, for at most ``KafkaLimits/queueFullPatience``,
    /// and refuses the message after that.
    ///
    /// - Parameters:
    ///   - topic: a topic of the same producer.
    ///   - partition: nil lets the configured partitioner choose by the key.
    ///   - key: nil is no key; an empty buffer is an empty key.
    ///   - value: nil is no value (a tombstone); an empty buffer is an empty value.
    ///   - timestampMilliseconds: milliseconds since 1970 in UTC; nil is now.
    ///   - headers: adds the headers, in order.
    /// - Returns: whether the message was taken; the answer to a message that was not is in the batch's deliveries.
    @discardableResult
    public mutating func append(
        to topic: KafkaTopic, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        timestampMilliseconds: Int64? = nil, headers: (inout KafkaHeaderWriter) -> Void = { _ in }
    ) -> Bool {
        let slot = ledger.nextSlot(partition: partition ?? crdkafka_partition_ua)
        guard ledger.refusal == nil else {
            ledger.refuse(slot, KafkaError(.notAttempted))
            return false
        }
        guard !client.isClosed else {
            ledger.refuse(slot, KafkaError(.closed))
            return false
        }
        precondition(topic.client === client, "a topic belongs to the producer that made it")
        var writer = KafkaHeaderWriter()
        headers(&writer)
        let message = OutgoingMessage(
            topic: topic.handle, partition: partition ?? crdkafka_partition_ua, key: key, value: value,
            timestamp: timestampMilliseconds ?? 0, headers: writer.handle, slot: slot)
        if let error = message.hand(to: client.handle) {
            ledger.refuse(slot, error)
            return false
        }
        writer.relinquish()
        return true
    }

    /// Closes the batch, and gives back what its answers can be awaited with.
    public consuming func handOver() -> KafkaPendingDeliveries {
        isHandedOver = true
        Self.seal(ledger, client)
        return KafkaPendingDeliveries(ledger)
    }

    /// Closes the batch and waits until every message is acknowledged or failed.
    ///
    /// - Throws: `cancelled` when the task is cancelled; the messages stay with the producer.
    public consuming func delivered() async throws(KafkaError) -> KafkaDeliveries {
        try await handOver().completed()
    }

    /// A message appended while the producer was being closed may have missed the last round of callbacks.
    private static func seal(_ ledger: DeliveryLedger, _ client: KafkaClient) {
        ledger.receive(.handedOver(count: ledger.count))
        if client.isClosed { client.dropOutstanding() }
    }
}

/// A batch on its way.
public struct KafkaPendingDeliveries: Sendable {
    private let ledger: DeliveryLedger

    init(_ ledger: DeliveryLedger) { self.ledger = ledger }

    /// Messages in the batch.
    public var count: Int { ledger.count }

    /// Waits until every message is acknowledged or failed. May be awaited by several, and more than once.
    ///
    /// - Throws: `cancelled` when the task is cancelled; the messages stay with the producer.
    public func completed() async throws(KafkaError) -> KafkaDeliveries {
        guard await ledger.completion() == .complete else { throw KafkaError(.cancelled) }
        return KafkaDeliveries(ledger)
    }
}
