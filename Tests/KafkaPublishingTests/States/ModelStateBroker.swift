import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing

/// A compacted topic in memory that can lose, repeat and make anew what a broker can.
struct ModelStateBroker: ModelTopic {
    var partitions: [[ModelRecord<StateRecord>]]
    var nextOffset: [Int64]

    init(lanes: Int) {
        partitions = Array(repeating: [], count: lanes)
        nextOffset = Array(repeating: 0, count: lanes)
    }

    mutating func append(_ record: StateRecord) -> Int64 {
        append(record, toPartition: Int(record.lane.rawValue))
    }

    /// Compaction up to an offset: what a later record of the same key replaces is gone.
    mutating func compact(_ partition: Int, through offset: Int64) {
        let records = partitions[partition]
        let newest = Dictionary(
            records.filter { $0.offset <= offset }.map { ($0.record.key, $0.offset) }, uniquingKeysWith: max)
        partitions[partition] = records.filter { $0.offset > offset || newest[$0.record.key] == $0.offset }
    }

    func survey(from checkpoint: PublishingCheckpoint?, fold: Int) -> [StateFindings] {
        partitions.indices.map { partition in
            var scan = StateScan(checkpoint: checkpoint?.ends[Lane(Int32(partition))], fold: fold)
            while true {
                if case .done(let findings) = pass(partition, &scan) { return findings }
            }
        }
    }

    private func pass(_ partition: Int, _ scan: inout StateScan) -> StateScan.Step {
        var start = Int64(0)
        if case .offset(let offset) = scan.origin {
            guard offset <= nextOffset[partition] else { return scan.outOfRange() }
            start = offset
        }
        for stored in partitions[partition] where stored.offset >= start {
            if scan.receive(stored.record.mark, of: stored.record.key, at: stored.offset) == .restart {
                return .restart
            }
        }
        return scan.reachedEnd(at: nextOffset[partition])
    }

    /// What somebody who reads the topic for the first time ends up with, by the rule for readers.
    func readAnew() -> [StateKey: [UInt8]] {
        var reader = ModelStateReader()
        for stored in partitions.joined() { reader.take(stored.record) }
        return reader.states
    }

    /// What the last record of each key says, which is what compaction keeps.
    var lastOfEachKey: [StateKey: [UInt8]] {
        var last: [StateKey: [UInt8]] = [:]
        for stored in partitions.joined() { last[stored.record.key] = stored.record.value }
        return last
    }
}

extension ModelRecord where Content == StateRecord {
    var record: StateRecord { content }
}

/// A reader that follows the rule.
struct ModelStateReader {
    private(set) var versions: [StateKey: StateVersion] = [:]
    private(set) var states: [StateKey: [UInt8]] = [:]

    mutating func take(_ record: StateRecord) {
        let version = StateVersion(record.mark)
        guard version.replaces(versions[record.key]) else { return }
        versions[record.key] = version
        states[record.key] = record.value
    }
}
