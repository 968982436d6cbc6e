import EventModel
import EventSourcing
import FoundationEssentials
import Synchronization

/// Ids 1, 2, 3 … as UUIDs: a test can name them, and they are as different as ids must be.
public final class SequentialIDs: Sendable {
    private let last: Mutex<UInt64>
    private let space: UInt16

    /// Ids behind `start`; sources with different `space` never give the same id.
    public init(after start: UInt64 = 0, space: UInt16 = 0) {
        last = Mutex(start)
        self.space = space
    }

    /// The next id.
    public func next() -> UUID {
        let number = last.withLock { last in
            last += 1
            return last
        }
        return Self.id(number, space: space)
    }

    /// The id with a number: laid out like a UUIDv8, with the number in its last eight bytes.
    public static func id(_ number: UInt64, space: UInt16 = 0) -> UUID {
        func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: number >> (8 * index)) }
        return UUID(
            uuid: (
                0, 0, byte(7), byte(6), byte(5), byte(4), 0x80, 0, 0x80, 0, UInt8(space >> 8), UInt8(space & 0xff),
                byte(3), byte(2), byte(1), byte(0)
            ))
    }
}
