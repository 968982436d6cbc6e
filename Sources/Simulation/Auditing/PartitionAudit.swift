import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials

/// L2 over the raw partitions, with the published recipe and nothing else: accept a record if and only if its `ls_previous` is the
/// `ls_position` accepted last. Written apart from the production code on purpose.
enum PartitionAudit {
    /// The first partition that does not yield exactly the events of its keys, in order.
    static func violation(of partitions: [SimulatedBroker.Partition], _ log: InMemoryLog) -> Violation? {
        for (number, partition) in partitions.enumerated() {
            let expected = log.entries.filter { lane(of: $0.stream, partitions.count) == number }
            var accepted = 0
            var last: Int64 = 0
            for record in partition.records.compactMap(\.record) where record.mark.previous.rawValue == last {
                last = record.mark.position.rawValue
                guard accepted < expected.count, expected[accepted].position.rawValue == last,
                    expected[accepted].draft.id == record.mark.eventID,
                    expected[accepted].draft.data == record.event.data
                else {
                    return Violation(.faithfulCopy, "partition \(number) yields \(last) as its event \(accepted + 1)")
                }
                accepted += 1
            }
            if accepted < expected.count {
                return Violation(
                    .faithfulCopy,
                    "partition \(number) yields \(accepted) of \(expected.count) events, then nothing behind \(last)")
            }
        }
        return nil
    }

    private static func lane(of stream: StreamName, _ count: Int) -> Int {
        Array(stream.syncKey.utf8).withUnsafeBytes { Int(Lane(of: $0, count: count).rawValue) }
    }
}
