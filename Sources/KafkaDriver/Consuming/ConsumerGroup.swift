internal import CRDKafka

extension KafkaConsumer {
    /// Joins the group named by `group.id` for these topics; a name that begins with `^` is a regular expression.
    ///
    /// Partitions come and go as `rebalance` elements of the batches. A group without stored offsets begins where
    /// `auto.offset.reset` says; this module's default makes that a failure, so set `earliest` or begin at offsets of
    /// your own.
    public func subscribe(to topics: [String], rebalancing: KafkaRebalancing = .automatic) throws(KafkaError) {
        client.callbacks.rebalances.withLock { $0.mode = rebalancing }
        let list = PartitionList(topics.map { KafkaTopicPartition($0, crdkafka_partition_ua) })
        try rd_kafka_subscribe(client.handle, list.pointer).check()
    }

    /// Leaves the group but keeps the consumer.
    public func unsubscribe() throws(KafkaError) { try rd_kafka_unsubscribe(client.handle).check() }

    /// Applies a rebalance that waits for it: takes the partitions up, or gives them back.
    ///
    /// - Parameter starts: where to begin in assigned partitions; the others begin at the group's stored offset. Must be
    ///   called within `max.poll.interval.ms`.
    public func acknowledge(_ rebalance: KafkaRebalance, startingAt starts: [KafkaStart] = []) throws(KafkaError) {
        guard rebalance.needsAcknowledgement else { return }
        let chosen = Dictionary(starts.map { ($0.partition, $0.offset) }) { _, last in last }
        let list = PartitionList(rebalance.partitions.map { KafkaStart($0, chosen[$0] ?? .stored) })
        if let error = applyRebalance(client.handle, rebalance.kind, list.pointer) { throw error }
    }

    /// Commits for the group and waits for the coordinator's answer. An offset is that of the *next* message to read.
    ///
    /// - Throws: `illegalGeneration`, `unknownMember` or `rebalanceInProgress` when the partitions are no longer ours.
    public func commit(_ offsets: [KafkaPosition]) async throws(KafkaError) {
        try await client.perform { client throws(KafkaError) in
            let list = PartitionList(offsets)
            try rd_kafka_commit(client.handle, list.pointer, 0).check()
            try list.checkEach()
        }
    }

    /// Commits without waiting; a failure is lost, and the next commit makes up for it.
    public func commitLater(_ offsets: [KafkaPosition]) throws(KafkaError) {
        let list = PartitionList(offsets)
        try rd_kafka_commit(client.handle, list.pointer, 1).check()
    }

    /// The offsets the group has committed; partitions without one are left out.
    public func committed(
        _ partitions: [KafkaTopicPartition], timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [KafkaPosition] {
        try await client.perform { client throws(KafkaError) in
            let list = PartitionList(partitions)
            try rd_kafka_committed(client.handle, list.pointer, timeout.clampedMilliseconds).check()
            try list.checkEach()
            return list.positions.filter { $0.offset >= 0 }
        }
    }

    /// This member's id in the group; nil before it has joined.
    public var memberID: String? {
        guard let text = rd_kafka_memberid(client.handle) else { return nil }
        defer { rd_kafka_mem_free(client.handle, text) }
        let id = String(cString: text)
        return id.isEmpty ? nil : id
    }
}
