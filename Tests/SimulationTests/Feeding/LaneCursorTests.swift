import EventSourcing
import Testing

@testable import Simulation

@Suite struct `A simulated reader of one partition` {
    private func partition(_ count: Int, withoutOldest lost: Int = 0) -> SimulatedBroker.Partition {
        var partition = SimulatedBroker.Partition()
        for _ in 0..<count { _ = partition.append(nil) }
        partition.records.removeFirst(lost)
        return partition
    }

    private func news(_ cursor: inout LaneCursor, _ partition: SimulatedBroker.Partition, limit: Int = 9) -> [String] {
        cursor.fetch(from: partition, limit: limit)
        return cursor.take(.max).map { news in
            switch news {
            case .record(let record): "record \(record.offset)"
            case .foreign(_, let offset): "foreign \(offset)"
            case .end(_, let offset): "end \(offset)"
            case .missing: "missing"
            }
        }
    }

    @Test func `what is there comes in order, and every end is told once`() {
        var cursor = LaneCursor(0, at: .beginning)
        #expect(news(&cursor, partition(3), limit: 2) == ["foreign 0", "foreign 1"])
        #expect(news(&cursor, partition(3), limit: 2) == ["foreign 2", "end 3"])
        #expect(news(&cursor, partition(3)) == [])
        #expect(news(&cursor, partition(4)) == ["foreign 3", "end 4"])
    }

    @Test(arguments: [LaneStart.offset(5), .offset(1)])
    func `an offset that is not there is told once, and nothing is read until another place is named`(
        _ start: LaneStart
    ) {
        var cursor = LaneCursor(0, at: start)
        #expect(news(&cursor, partition(4, withoutOldest: 2)) == ["missing"])
        #expect(news(&cursor, partition(9, withoutOldest: 2)) == [])
    }

    @Test func `the beginning is the oldest record that is there`() {
        var cursor = LaneCursor(0, at: .beginning)
        #expect(news(&cursor, partition(3, withoutOldest: 2)) == ["foreign 2", "end 3"])
    }

    @Test func `a partition that was cut and has grown again is read on where it was`() {
        var cursor = LaneCursor(0, at: .offset(3))
        #expect(news(&cursor, partition(4)) == ["foreign 3", "end 4"])
        #expect(news(&cursor, partition(6)) == ["foreign 4", "foreign 5", "end 6"])
        var regrown = partition(6)
        regrown.truncate(by: 5)
        for _ in 0..<6 { _ = regrown.append(nil) }
        #expect(news(&cursor, regrown) == ["foreign 6", "end 7"])
    }
}
