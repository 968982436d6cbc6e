/// A record of a partition in memory.
struct ModelRecord<Content: Hashable & Sendable>: Hashable, Sendable {
    var content: Content
    var offset: Int64
}

/// Partitions in memory, whatever is in them, that can lose what a broker can.
protocol ModelTopic {
    associatedtype Content: Hashable, Sendable
    /// The surviving records of each partition.
    var partitions: [[ModelRecord<Content>]] { get set }
    /// The next offset of each partition.
    var nextOffset: [Int64] { get set }
}

extension ModelTopic {
    /// - Returns: the offset of the record.
    mutating func append(_ content: Content, toPartition index: Int) -> Int64 {
        defer { nextOffset[index] += 1 }
        partitions[index].append(ModelRecord(content: content, offset: nextOffset[index]))
        return nextOffset[index]
    }

    /// An unclean election: the newest records are gone and their offsets are given out again.
    mutating func truncate(_ partition: Int, keeping count: Int) {
        guard count < partitions[partition].count else { return }
        nextOffset[partition] = partitions[partition][count].offset
        partitions[partition].removeSubrange(count...)
    }
}
