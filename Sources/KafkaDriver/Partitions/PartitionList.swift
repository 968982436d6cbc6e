internal import CRDKafka

/// Owns an `rd_kafka_topic_partition_list_t`.
struct PartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(capacity: Int) { pointer = rd_kafka_topic_partition_list_new(Int32(capacity)) }

    init(adopting pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) { self.pointer = pointer }

    init(_ offsets: [KafkaPosition]) {
        self.init(capacity: offsets.count)
        for position in offsets { add(position.partition, offset: position.offset) }
    }

    init(_ partitions: [KafkaTopicPartition]) {
        self.init(capacity: partitions.count)
        for partition in partitions { add(partition, offset: crdkafka_offset_invalid) }
    }

    init(_ starts: [KafkaStart]) {
        self.init(capacity: starts.count)
        for start in starts { add(start.partition, offset: start.offset.native) }
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    func add(_ partition: KafkaTopicPartition, offset: Int64) {
        let entry = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
        entry?.pointee.offset = offset
    }

    /// Throws the first error that librdkafka noted beside a partition.
    func checkEach() throws(KafkaError) {
        for index in 0..<Int(pointer.pointee.cnt) {
            let entry = pointer.pointee.elems[index]
            try entry.err.check(.partition(KafkaTopicPartition(entry)))
        }
    }

    /// The partitions with their offsets.
    var positions: [KafkaPosition] {
        (0..<Int(pointer.pointee.cnt)).map { index in
            let entry = pointer.pointee.elems[index]
            return KafkaPosition(KafkaTopicPartition(entry), entry.offset)
        }
    }
}

extension KafkaTopicPartition {
    init(_ entry: rd_kafka_topic_partition_t) { self.init(String(cString: entry.topic), entry.partition) }
}
