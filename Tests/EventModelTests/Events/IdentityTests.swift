import EventModel
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite struct `Time-ordered ids` {
    private static let time = Timestamp(microseconds: 1_767_225_600_123_456)

    private func bytes(_ id: UUID) -> [UInt8] { withUnsafeBytes(of: id.uuid, Array.init) }

    private func milliseconds(_ id: UUID) -> Int64 { bytes(id).prefix(6).reduce(0) { $0 << 8 | Int64($1) } }

    @Test func `a version 7 id has the time first, then version, variant and randomness`() {
        var random = SeededGenerator(seed: 1)
        var or = [UInt8](repeating: 0, count: 16)
        for _ in 0..<200 {
            let id = TimeOrderedID.version7(at: Self.time, using: &random)
            #expect(milliseconds(id) == 1_767_225_600_123)
            #expect(bytes(id)[6] >> 4 == 7)
            #expect(bytes(id)[8] >> 6 == 2)
            for (index, byte) in bytes(id).enumerated() { or[index] |= byte }
        }
        #expect(or[6] == 0x7f && or[8] == 0xbf && or[9...].allSatisfy { $0 == 0xff } && or[7] == 0xff)
    }

    @Test func `a derived id is of version 8 and the same for the same command, index and time`() {
        let command = SequentialIDs.id(9)
        let id = TimeOrderedID.derived(from: command, index: 3, at: Self.time)
        #expect(id == TimeOrderedID.derived(from: command, index: 3, at: Self.time))
        #expect(milliseconds(id) == 1_767_225_600_123)
        #expect(bytes(id)[6] >> 4 == 8)
        #expect(bytes(id)[8] >> 6 == 2)
        #expect(id != TimeOrderedID.derived(from: command, index: 4, at: Self.time))
        #expect(id != TimeOrderedID.derived(from: SequentialIDs.id(10), index: 3, at: Self.time))
    }

    @Test func `a time before 1970 is no time`() {
        var random = SeededGenerator(seed: 1)
        #expect(milliseconds(TimeOrderedID.version7(at: .earliest, using: &random)) == 0)
    }
}
