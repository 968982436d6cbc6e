/// Which assigned partitions are paused, as a value.
///
/// librdkafka 2.0 resumes a partition that was never paused by reading it again from where it was assigned. So only
/// what changes a partition's state is passed on.
struct PausedPartitions {
    private var paused: Set<KafkaTopicPartition> = []

    /// Returns those of `partitions` that were not paused.
    mutating func pause(_ partitions: [KafkaTopicPartition]) -> [KafkaTopicPartition] {
        partitions.filter { paused.insert($0).inserted }
    }

    /// Returns those of `partitions` that were paused.
    mutating func resume(_ partitions: [KafkaTopicPartition]) -> [KafkaTopicPartition] {
        partitions.filter { paused.remove($0) != nil }
    }

    /// Partitions that are no longer assigned, or are assigned anew, are not paused.
    mutating func forget(_ partitions: [KafkaTopicPartition]) { paused.subtract(partitions) }

    /// All that are paused.
    var all: [KafkaTopicPartition] { Array(paused) }
}
