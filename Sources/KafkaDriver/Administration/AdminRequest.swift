internal import CRDKafka

/// One administrative request: its options, and the queue its answer comes on.
struct AdminRequest: ~Copyable {
    let queue: OpaquePointer
    let options: OpaquePointer

    init(_ client: KafkaClient, _ operation: rd_kafka_admin_op_t, _ timeout: Duration) throws(KafkaError) {
        guard let queue = rd_kafka_queue_new(client.handle) else { throw KafkaError(.failed) }
        guard let options = rd_kafka_AdminOptions_new(client.handle, operation) else {
            rd_kafka_queue_destroy(queue)
            throw KafkaError(.failed)
        }
        self.queue = queue
        self.options = options
        rd_kafka_AdminOptions_set_request_timeout(options, timeout.clampedMilliseconds, nil, 0)
    }

    deinit {
        rd_kafka_AdminOptions_destroy(options)
        rd_kafka_queue_destroy(queue)
    }

    /// Owns the answer.
    struct Event: ~Copyable {
        let pointer: OpaquePointer
        deinit { rd_kafka_event_destroy(pointer) }
    }

    /// The answer. librdkafka gives up by itself after `timeout`; the second here only guards against its silence.
    func event(within timeout: Duration) throws(KafkaError) -> Event {
        let patience = timeout + .seconds(1)
        guard let pointer = rd_kafka_queue_poll(queue, patience.clampedMilliseconds) else {
            throw KafkaError(.timedOut)
        }
        let event = Event(pointer: pointer)
        let text = rd_kafka_event_error_string(pointer).map { String(cString: $0) }
        let code = rd_kafka_event_error(pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, message: text) }
        return event
    }

    /// The error of the only topic in the answer; nil when there is none.
    func topicError(
        in timeout: Duration, _ subject: KafkaError.Subject,
        _ results: (OpaquePointer, inout Int) -> UnsafeMutablePointer<OpaquePointer?>?
    ) throws(KafkaError) -> KafkaError? {
        let event = try event(within: timeout)
        var count = 0
        let topics = results(event.pointer, &count)
        guard count > 0, let result = topics?[0] else { throw KafkaError(.failed, subject: subject) }
        let code = rd_kafka_topic_result_error(result)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let text = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
        return KafkaError(code, message: text, subject: subject)
    }
}
