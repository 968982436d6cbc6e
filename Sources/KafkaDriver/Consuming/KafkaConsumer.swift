internal import CRDKafka

/// Reads partitions in batches, pulled: what is not asked for stays with librdkafka and the broker.
///
/// Partitions are assigned by hand (``assign(_:)``) or shared out by a group (``subscribe(to:rebalancing:)``). Offsets
/// are committed only when ``commit(_:)`` is called. Safe to use from many tasks; pulls are served one after another.
public final class KafkaConsumer: Sendable {
    let client: KafkaClient
    private let queue: MessageQueue

    /// What a consumer is configured with before the caller's own properties.
    ///
    /// Nothing is committed, stored or skipped by itself: an offset that does not exist is a failure of the partition
    /// (`auto.offset.reset` is `error`), and the end of a partition is marked.
    public static let defaults = [
        "enable.auto.commit": "false", "enable.auto.offset.store": "false", "auto.offset.reset": "error",
        "enable.partition.eof": "true", "fetch.wait.max.ms": "100", "socket.nagle.disable": "true",
        "isolation.level": "read_committed", "group.id": "lockstep.unnamed",
    ]

    /// Makes a consumer. Brokers are reached in the background; an unreachable one is not an error here.
    ///
    /// - Throws: `invalidArgument` with the property's name for a property that is unknown or has an impossible value.
    public init(_ configuration: KafkaConfiguration, observer: KafkaObserver? = nil) throws(KafkaError) {
        client = try KafkaClient(.consumer, configuration, defaults: Self.defaults, observer: observer)
        queue = try MessageQueue(client)
    }

    deinit {
        client.callbacks.rebalances.withLock { $0.isLeaving = true }
        _ = client.close()
    }

    // MARK: Reading

    /// Waits up to `timeout` for something to come, then returns what is there, at most `maxMessages` messages.
    ///
    /// - Returns: an empty batch when nothing came in time.
    /// - Throws: `cancelled` when the task was cancelled before anything came, `closed` after ``close()``.
    public func next(maxMessages: Int = 1_000, timeout: Duration = .seconds(1)) async throws(KafkaError)
        -> KafkaMessageBatch
    {
        guard !client.isClosed else { throw KafkaError(.closed) }
        return try await queue.pull(min(max(1, maxMessages), KafkaLimits.messagesPerPull), timeout: timeout)
    }

    /// Batches that are not empty, until the consumer is closed or the task is cancelled.
    public func batches(maxMessages: Int = 1_000) -> KafkaBatches {
        KafkaBatches(consumer: self, maxMessages: maxMessages)
    }

    // MARK: Choosing partitions by hand

    /// Reads exactly these partitions from now on, in place of all earlier ones.
    ///
    /// Pull at least once between two assignments: librdkafka 2.0 may stop the process when it is given a partition again while it is
    /// still giving it back.
    public func assign(_ starts: [KafkaStart]) throws(KafkaError) {
        let list = PartitionList(starts)
        // librdkafka keeps a pause across assignments when the new one overtakes the old one's end.
        try resume(client.callbacks.paused.withLock { $0.all })
        try rd_kafka_assign(client.handle, list.pointer).check()
    }

    /// The partitions read now.
    public func assignment() throws(KafkaError) -> [KafkaTopicPartition] {
        var pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        try rd_kafka_assignment(client.handle, &pointer).check()
        guard let pointer else { return [] }
        return PartitionList(adopting: pointer).positions.map(\.partition)
    }

    /// Continues reading assigned partitions elsewhere; messages already fetched from the old place are dropped.
    ///
    /// - Throws: the first partition's error; `timedOut` when the brokers did not answer in `timeout`.
    public func seek(to starts: [KafkaStart], timeout: Duration = .seconds(10)) async throws(KafkaError) {
        try await client.perform { client throws(KafkaError) in
            let deadline = ContinuousClock.now + timeout
            while true {
                let rest = ContinuousClock.now.duration(to: deadline)
                let list = PartitionList(starts)
                guard let error = rd_kafka_seek_partitions(client.handle, list.pointer, rest.clampedMilliseconds) else {
                    return try list.checkEach()
                }
                let failure = KafkaError(consuming: error)
                // librdkafka 2.0 may give up its wait early; seeking again is the same as seeking once.
                guard failure.code == .timedOut, ContinuousClock.now < deadline else { throw failure }
            }
        }
    }

    /// Stops fetching from assigned partitions; messages that have arrived already are not handed out.
    public func pause(_ partitions: [KafkaTopicPartition]) throws(KafkaError) {
        let list = PartitionList(client.callbacks.paused.withLock { $0.pause(partitions) })
        try rd_kafka_pause_partitions(client.handle, list.pointer).check()
        try list.checkEach()
    }

    /// Fetches again from paused partitions, behind the last message handed out; others are left as they are.
    public func resume(_ partitions: [KafkaTopicPartition]) throws(KafkaError) {
        let list = PartitionList(client.callbacks.paused.withLock { $0.resume(partitions) })
        try rd_kafka_resume_partitions(client.handle, list.pointer).check()
        try list.checkEach()
    }

    /// The partition's ends as the last fetch reported them, without asking; nil before the first fetch.
    public func cachedWatermarks(of partition: KafkaTopicPartition) -> KafkaWatermarks? {
        var low: Int64 = 0
        var high: Int64 = 0
        let code = rd_kafka_get_watermark_offsets(
            client.handle, partition.topic, partition.partition, &low, &high)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, low >= 0, high >= 0 else { return nil }
        return KafkaWatermarks(low: low, high: high)
    }

    /// Leaves the group, if there is one, and stops. A pull under way returns at once.
    ///
    /// - Throws: what leaving the group failed with; the consumer is closed in either case.
    public func close() async throws(KafkaError) {
        client.callbacks.rebalances.withLock { $0.isLeaving = true }
        guard client.close() else { return }
        queue.endWait()
        if let error = await queue.leave() { throw error }
    }
}
