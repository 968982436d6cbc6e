import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing

/// A topic in memory that can lose, repeat and reorder what a broker can.
struct ModelBroker: ModelTopic {
    var partitions: [[ModelRecord<RecordMark>]]
    var nextOffset: [Int64]

    init(lanes: Int) {
        partitions = Array(repeating: [], count: lanes)
        nextOffset = Array(repeating: 0, count: lanes)
    }

    mutating func append(_ mark: RecordMark, to lane: Lane) -> Int64 {
        append(mark, toPartition: Int(lane.rawValue))
    }

    /// Retention: the oldest records are gone.
    mutating func expire(_ partition: Int, dropping count: Int) {
        partitions[partition].removeFirst(min(count, partitions[partition].count))
    }

    func ends(from checkpoint: PublishingCheckpoint?) -> TopicEnds {
        TopicEnds(partitions: partitions.indices.map { scan($0, checkpoint?.ends[Lane(Int32($0))]) })
    }

    private func scan(_ partition: Int, _ checkpoint: PartitionEnd?) -> PartitionFindings {
        var scan = PartitionScan(checkpoint: checkpoint)
        while true {
            switch pass(partition, &scan) {
            case .done(let findings): return findings
            case .more, .restart: continue
            }
        }
    }

    private func pass(_ partition: Int, _ scan: inout PartitionScan) -> PartitionScan.Step {
        let records = partitions[partition]
        let low = records.first?.offset ?? nextOffset[partition]
        var start = low
        if case .offset(let offset) = scan.origin {
            guard offset >= low, offset <= nextOffset[partition] else { return scan.outOfRange() }
            start = offset
        }
        for record in records where record.offset >= start {
            if scan.receive(record.mark, at: record.offset) == .restart { return .restart }
        }
        return scan.reachedEnd(at: nextOffset[partition])
    }
}

extension ModelRecord where Content == RecordMark {
    var mark: RecordMark { content }
}

/// A consumer of the whole model topic that has been there from the beginning: it reads what is new, and everything again when its
/// offset is gone or it sees a hole at the end.
struct ModelConsumer {
    var rules: [PartitionRule]
    var offsets: [Int64]
    var seen: [[GlobalPosition]]

    init(lanes: Int) {
        rules = Array(repeating: PartitionRule(.beginning), count: lanes)
        offsets = Array(repeating: 0, count: lanes)
        seen = Array(repeating: [], count: lanes)
    }

    mutating func poll(_ broker: ModelBroker) {
        for partition in rules.indices {
            if offsets[partition] > broker.nextOffset[partition] { offsets[partition] = 0 }
            if read(partition, broker) {
                offsets[partition] = 0
                _ = read(partition, broker)
            }
        }
    }

    /// Returns whether a hole was seen.
    private mutating func read(_ partition: Int, _ broker: ModelBroker) -> Bool {
        var sawHole = false
        for record in broker.partitions[partition] where record.offset >= offsets[partition] {
            switch rules[partition].accept(previous: record.mark.previous, position: record.mark.position) {
            case .accepted: seen[partition].append(record.mark.position)
            case .ignored(.hole): sawHole = true
            case .ignored: break
            }
        }
        offsets[partition] = broker.nextOffset[partition]
        return sawHole
    }
}
