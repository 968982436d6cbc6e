import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing
import Testing

@Suite("Scan of a partition of states")
struct StateScanTests {
    private typealias Record = (key: String, mark: StateMark)

    private func record(
        _ key: String, _ position: Int64, _ sequence: Int64, through: Int64, writer: Int64 = 1, fold: Int = 1
    ) -> Record {
        let zero = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        return (
            key,
            StateMark(
                position: GlobalPosition(position), eventID: zero, incarnation: zero, fold: fold,
                through: GlobalPosition(through), sequence: sequence, writer: writer)
        )
    }

    /// Scans records at offsets from 0; `nil` is a record that compaction has removed.
    private func scan(_ records: [Record?], _ checkpoint: PartitionEnd? = nil) -> StateFindings? {
        var scan = StateScan(checkpoint: checkpoint, fold: 1)
        for _ in 0..<2 {
            switch pass(records, &scan) {
            case .done(let findings): return findings
            case .more, .restart: continue
            }
        }
        return nil
    }

    private func pass(_ records: [Record?], _ scan: inout StateScan) -> StateScan.Step {
        var start = 0
        if case .offset(let offset) = scan.origin { start = Int(offset) }
        guard start <= records.count else { return scan.outOfRange() }
        for offset in start..<records.count {
            guard let record = records[offset] else { continue }
            let key = StateKey(workspace: .default, syncKey: record.key)
            if scan.receive(record.mark, of: key, at: Int64(offset)) == .restart { return .restart }
        }
        return scan.reachedEnd(at: Int64(records.count))
    }

    private var whole: [Record?] {
        [record("a", 3, 1, through: 0), record("b", 9, 2, through: 10), record("a", 12, 3, through: 20)]
    }

    @Test func `numbers that follow each other are believed`() {
        let found = scan(whole)
        #expect(found?.standing == .unnamed && found?.through == GlobalPosition(20) && found?.sequence == 3)
        #expect(found?.last == PartitionEnd(position: GlobalPosition(12), offset: 2) && found?.endOffset == 3)
        #expect(found?.suspects.isEmpty == true)
        let again = scan(whole, PartitionEnd(position: GlobalPosition(9), offset: 1))
        #expect(again?.standing == .confirmed && again?.through == GlobalPosition(20))
    }

    @Test func `behind a gap nothing is believed`() {
        let found = scan([whole[0], nil, whole[2]])
        #expect(found?.through == .start && found?.sequence == 3)
        #expect(found?.highest?.position == GlobalPosition(12))
    }

    @Test func `the next scan begins before a gap, so that it finds it again`() {
        let found = scan([whole[0], nil, record("a", 12, 3, through: 20), record("b", 14, 4, through: 30)])
        #expect(found?.last == PartitionEnd(position: GlobalPosition(3), offset: 0))
        #expect(scan([nil, whole[1]])?.last == nil)
    }

    @Test func `the next scan begins before a late record, so that its key is named again until it is written`() {
        let behind = record("b", 30, 5, through: 35, writer: 3)
        let found = scan(whole + [record("b", 25, 4, through: 30, writer: 2), record("a", 11, 4, through: 20), behind])
        #expect(found?.suspects.map(\.syncKey) == ["a"] && found?.through == GlobalPosition(35))
        #expect(found?.last == PartitionEnd(position: GlobalPosition(25), offset: 3))
    }

    @Test func `a checkpointed record that compaction took is no loss, but all behind it may be late`() {
        let found = scan([whole[0], nil, whole[2]], PartitionEnd(position: GlobalPosition(9), offset: 1))
        #expect(found?.standing == .confirmed && found?.through == .start)
        #expect(found?.suspects.map(\.syncKey) == ["a"])
    }

    @Test(arguments: [
        PartitionEnd(position: GlobalPosition(30), offset: 3), .init(position: GlobalPosition(8), offset: 1),
    ])
    func `an end before the checkpoint, or another record in its place, is a loss`(_ checkpoint: PartitionEnd) {
        let found = scan(whole, checkpoint)
        #expect(found?.standing == .rewritten && found?.through == GlobalPosition(20))
    }

    @Test func `an empty partition behind a checkpoint is a loss, too`() {
        let found = scan([], PartitionEnd(position: GlobalPosition(9), offset: 0))
        #expect(found?.standing == .rewritten && found?.through == .start && found?.endOffset == 0)
    }

    @Test func `a record of an earlier writer is late, whatever its number`() {
        let newer = record("b", 25, 4, through: 30, writer: 2)
        for sequence: Int64 in [4, 5, 9] {
            let found = scan(whole + [newer, record("a", 11, sequence, through: 90)])
            #expect(found?.suspects.map(\.syncKey) == ["a"])
            #expect(found?.through == GlobalPosition(30) && found?.sequence == 4)
            #expect(found?.last == PartitionEnd(position: GlobalPosition(25), offset: 3))
        }
    }

    @Test func `states of another fold are not gone on behind, and may hide ours`() {
        let found = scan([record("a", 90, 7, through: 95, fold: 2)] + whole)
        #expect(found?.newestFold == 2 && found?.through == GlobalPosition(20) && found?.suspects.isEmpty == true)
        let behind = scan(whole + [record("b", 5, 9, through: 95, fold: 0)])
        #expect(behind?.suspects.map(\.syncKey) == ["b"] && behind?.through == GlobalPosition(20))
    }
}
