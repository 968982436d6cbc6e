internal import CRDKafka

/// One message on its way into librdkafka, as borrowed pointers.
struct OutgoingMessage {
    let topic: OpaquePointer
    let partition: Int32
    let key: UnsafeRawBufferPointer?
    let value: UnsafeRawBufferPointer?
    let timestamp: Int64
    let headers: OpaquePointer?
    let slot: UnsafeMutablePointer<DeliverySlot>

    /// Returns why librdkafka would not take the message; nil when it has, headers included.
    func hand(to client: OpaquePointer) -> KafkaError? {
        guard let error = produce(client) else { return nil }
        guard rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__QUEUE_FULL else { return read(error, client) }
        rd_kafka_error_destroy(error)
        return handPatiently(to: client)
    }

    /// A full queue is back-pressure: serve its reports on this thread too, and try again.
    private func handPatiently(to client: OpaquePointer) -> KafkaError? {
        let deadline = ContinuousClock.now + KafkaLimits.queueFullPatience
        while true {
            rd_kafka_poll(client, KafkaLimits.queueFullPollMilliseconds)
            guard let error = produce(client) else { return nil }
            let isFull = rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__QUEUE_FULL
            guard isFull, ContinuousClock.now < deadline else { return read(error, client) }
            rd_kafka_error_destroy(error)
        }
    }

    private func read(_ error: OpaquePointer, _ client: OpaquePointer) -> KafkaError {
        let known = KafkaError(consuming: error)
        guard known.code == .fatal else { return known }
        return KafkaError.fatalCause(of: client) ?? known
    }

    /// An empty buffer may have no address, which to librdkafka would mean that there is no key or value at all.
    private func produce(_ client: OpaquePointer) -> OpaquePointer? {
        let address = UnsafeRawPointer(slot)
        return crdkafka_produce(
            client, topic, partition, key.map { $0.baseAddress ?? address }, key?.count ?? 0,
            value.map { $0.baseAddress ?? address }, value?.count ?? 0, timestamp, headers, slot)
    }
}
