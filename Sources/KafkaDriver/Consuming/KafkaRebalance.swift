internal import CRDKafka

/// What the group's coordinator decided about this member.
public struct KafkaRebalance: Sendable, Hashable {
    /// Whether partitions come or go.
    public enum Kind: Sendable, Hashable {
        /// These partitions are this member's now.
        case assigned
        /// These partitions go to another member.
        case revoked
        /// These partitions have already gone: the member was away too long. Do not commit for them.
        case lost
    }

    /// Whether partitions come or go.
    public let kind: Kind
    /// The partitions.
    public let partitions: [KafkaTopicPartition]
    /// Whether ``KafkaConsumer/acknowledge(_:startingAt:)`` must be called before anything else happens.
    public let needsAcknowledgement: Bool
}

/// Who applies a rebalance.
public enum KafkaRebalancing: Sendable, Hashable {
    /// The consumer, at once; the application is told afterwards, and reading starts at the group's stored offsets.
    case automatic
    /// The application, through ``KafkaConsumer/acknowledge(_:startingAt:)``: it can finish and commit before
    /// partitions go, and begin at offsets of its own when partitions come.
    case acknowledged
}

/// What the coordinator has said and nobody has read yet, as a value.
struct RebalanceInbox {
    var mode = KafkaRebalancing.automatic
    /// While a consumer leaves its group nobody is there to acknowledge anything.
    var isLeaving = false
    private var unread: [KafkaRebalance] = []

    /// Notes a rebalance; returns whether the consumer applies it itself.
    mutating func receive(_ kind: KafkaRebalance.Kind, _ partitions: [KafkaTopicPartition]) -> Bool {
        let appliesItself = mode == .automatic || isLeaving
        unread.append(KafkaRebalance(kind: kind, partitions: partitions, needsAcknowledgement: !appliesItself))
        return appliesItself
    }

    var isEmpty: Bool { unread.isEmpty }

    mutating func take() -> [KafkaRebalance] {
        defer { unread = [] }
        return unread
    }
}

extension ClientCallbacks {
    /// Called by librdkafka on the thread that pulls, or on the one that leaves the group.
    func rebalance(
        _ client: OpaquePointer, _ code: rd_kafka_resp_err_t,
        _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) {
        let listed = (0..<Int(partitions.pointee.cnt)).map { KafkaTopicPartition(partitions.pointee.elems[$0]) }
        let isAssignment = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
        let isLost = !isAssignment && rd_kafka_assignment_lost(client) != 0
        let kind: KafkaRebalance.Kind = isAssignment ? .assigned : isLost ? .lost : .revoked
        let appliesItself = rebalances.withLock { $0.receive(kind, listed) }
        paused.withLock { $0.forget(listed) }
        if appliesItself, let error = applyRebalance(client, kind, partitions) { observer?.error?(error) }
        if !rebalances.withLock({ $0.isLeaving }) { endWait(client) }
    }

    /// Makes the pull that serves this callback return, so that the application hears of it at once. While the consumer
    /// leaves its group there is no pull, and librdkafka takes the same signal for the end of its own wait.
    private func endWait(_ client: OpaquePointer) {
        guard let queue = rd_kafka_queue_get_consumer(client) else { return }
        rd_kafka_queue_yield(queue)
        rd_kafka_queue_destroy(queue)
    }
}

/// Takes partitions up or gives them back, in the way the group's protocol wants.
func applyRebalance(
    _ client: OpaquePointer, _ kind: KafkaRebalance.Kind,
    _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
) -> KafkaError? {
    let isCooperative = rd_kafka_rebalance_protocol(client).map { String(cString: $0) } == "COOPERATIVE"
    switch (kind, isCooperative) {
    case (.assigned, true): return rd_kafka_incremental_assign(client, partitions).map { KafkaError(consuming: $0) }
    case (.revoked, true), (.lost, true):
        return rd_kafka_incremental_unassign(client, partitions).map { KafkaError(consuming: $0) }
    case (.assigned, false): return failure(of: rd_kafka_assign(client, partitions))
    case (.revoked, false), (.lost, false): return failure(of: rd_kafka_assign(client, nil))
    }
}

private func failure(of code: rd_kafka_resp_err_t) -> KafkaError? {
    code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code)
}
