internal import CRDKafka
import Synchronization

/// Sends messages in batches; idempotent and acknowledged by all replicas unless configured otherwise.
///
/// Safe to use from many tasks. One thread of its own runs librdkafka's callbacks. A producer that is dropped without
/// ``close(timeout:)`` abandons what is on its way.
public final class KafkaProducer: Sendable {
    let client: KafkaClient
    private let polling = PollLoop()
    private let door: BatchDoor
    private let topics = Mutex<[String: KafkaTopic]>([:])

    /// What a producer is configured with before the caller's own properties.
    ///
    /// Messages never expire by themselves (`message.timeout.ms` 0), so that order and completeness are decided by the
    /// caller and not by a timer.
    public static let defaults = [
        "enable.idempotence": "true", "acks": "all", "compression.codec": "lz4", "linger.ms": "2",
        "message.timeout.ms": "0", "partitioner": "murmur2_random", "socket.nagle.disable": "true",
    ]

    /// Makes a producer. Brokers are reached in the background; an unreachable one is not an error here.
    ///
    /// - Throws: `invalidArgument` with the property's name for a property that is unknown or has an impossible value.
    public init(_ configuration: KafkaConfiguration, observer: KafkaObserver? = nil) throws(KafkaError) {
        let client = try KafkaClient(.producer, configuration, defaults: Self.defaults, observer: observer)
        let door = BatchDoor(client)
        self.client = client
        self.door = door
        polling.start(client) {
            door.admitWaiting()
        } afterwards: {
            client.drain()
            door.admitWaiting()
        }
    }

    deinit { abandon() }

    /// A topic to append to; the same object for the same name.
    public func topic(_ name: String) throws(KafkaError) -> KafkaTopic {
        let made: Result<KafkaTopic, KafkaError> = topics.withLock { known in
            if let topic = known[name] { return .success(topic) }
            return Result { () throws(KafkaError) in
                let topic = try KafkaTopic(name, client)
                known[name] = topic
                return topic
            }
        }
        return try made.get()
    }

    /// What the cluster knows of `topic`; nil when there is no such topic. Afterwards this producer has a connection, whose loss
    /// its observer hears of.
    ///
    /// - Throws: `transport` or `timedOut` when no broker answered in `timeout`.
    public func metadata(of topic: String, timeout: Duration) async throws(KafkaError) -> KafkaTopicMetadata? {
        try await client.perform { client throws(KafkaError) in
            try TopicMetadataQuery(client, topic).answer(within: timeout)
        }
    }

    /// An empty batch. While ``KafkaLimits/queueHighWaterPercent`` of the local queue is taken, waits for messages to
    /// leave it.
    ///
    /// - Throws: `closed` after the producer was closed or abandoned, `cancelled` when the task is cancelled.
    public func batch() async throws(KafkaError) -> KafkaBatch {
        try await door.enter()
        guard !client.isClosed else { throw KafkaError(.closed) }
        return KafkaBatch(client)
    }

    /// Sends `records` and waits once until every one is acknowledged or failed.
    ///
    /// - Returns: one answer per record, in order.
    /// - Throws: `cancelled` when the task is cancelled; the records stay with the producer and may still arrive.
    public func send(_ records: [KafkaRecord]) async throws(KafkaError) -> KafkaDeliveries {
        var batch = try await batch()
        for record in records { batch.append(record, to: try topic(record.topic)) }
        return try await batch.delivered()
    }

    /// Messages that are not yet acknowledged or failed.
    public var outstanding: Int { client.isClosed ? 0 : Int(rd_kafka_outq_len(client.handle)) }

    /// Waits until everything appended so far is acknowledged or failed.
    ///
    /// - Throws: `timedOut` when that did not happen in `timeout`.
    public func flush(timeout: Duration) async throws(KafkaError) {
        try await client.perform { client throws(KafkaError) in
            try rd_kafka_flush(client.handle, timeout.clampedMilliseconds).check()
        }
    }

    /// Drops every message, queued or in flight; each is answered with `purgedFromQueue` or `purgedInFlight`.
    public func purge() {
        guard !client.isClosed else { return }
        client.purge()
    }

    /// Sends what is on its way, then stops.
    ///
    /// - Throws: `timedOut` when something was still unacknowledged after `timeout`; it was dropped then. The producer is
    ///   closed in either case.
    public func close(timeout: Duration) async throws(KafkaError) {
        guard !client.isClosed else { return }
        let flushed: KafkaError?
        do {
            try await flush(timeout: timeout)
            flushed = nil
        } catch { flushed = error }
        abandon()
        if let flushed { throw flushed }
    }

    /// Drops everything and stops, without waiting: what a caller does after a failure it will repair elsewhere.
    public func abandon() {
        guard client.close() else { return }
        topics.withLock { $0 = [:] }
        polling.stop(client)
    }
}

extension KafkaClient {
    /// Fails every message, queued or in flight; their reports come with the next callbacks.
    func purge() {
        let flags = crdkafka_purge_f_queue | crdkafka_purge_f_inflight | crdkafka_purge_f_non_blocking
        rd_kafka_purge(handle, flags)
    }

    /// Every batch must hear its end: drops what is left and serves the reports of it on the calling thread.
    func drain() {
        let deadline = ContinuousClock.now + KafkaLimits.abandonPatience
        while rd_kafka_outq_len(handle) > 0, ContinuousClock.now < deadline {
            purge()
            rd_kafka_poll(handle, KafkaLimits.queueFullPollMilliseconds)
        }
    }

    /// The same, somewhere else.
    func dropOutstanding() {
        guard rd_kafka_outq_len(handle) > 0 else { return }
        performLater { $0.drain() }
    }
}
