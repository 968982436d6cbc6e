import EventSourcing
import Synchronization

/// Randomness that a seed decides: xoshiro256**, its state filled by splitmix64. The same seed gives the same numbers on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// A generator; neighbouring seeds give unrelated numbers.
    public init(seed: UInt64) {
        var mixer = seed
        func mix() -> UInt64 {
            mixer &+= 0x9e37_79b9_7f4a_7c15
            var word = mixer
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            return word ^ (word >> 31)
        }
        words = (mix(), mix(), mix(), mix())
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        func rotate(_ word: UInt64, _ by: UInt64) -> UInt64 { (word << by) | (word >> (64 - by)) }
        let result = rotate(words.1 &* 5, 7) &* 9
        let shifted = words.1 << 17
        words.2 ^= words.0
        words.3 ^= words.1
        words.1 ^= words.2
        words.0 ^= words.3
        words.2 ^= shifted
        words.3 = rotate(words.3, 45)
        return result
    }
}

extension SeededGenerator {
    /// A number below `bound`, which is at least 1.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// Whether something happens that happens `perMille` times in a thousand.
    public mutating func chance(perMille: Int) -> Bool { below(1_000) < perMille }

    /// A time within a range, to the microsecond.
    public mutating func duration(_ range: ClosedRange<Int>) -> Duration {
        .microseconds(range.lowerBound + below(range.upperBound - range.lowerBound + 1))
    }

    /// A generator of its own, so that one part's appetite for numbers does not change another's.
    public mutating func fork() -> SeededGenerator { SeededGenerator(seed: next()) }
}

/// A ``SeededGenerator`` that tasks share.
public final class SeededRandom: RandomSource {
    private let generator: Mutex<SeededGenerator>

    /// Shared randomness from a seed.
    public init(seed: UInt64) {
        generator = Mutex(SeededGenerator(seed: seed))
    }

    /// 64 random bits.
    public func next() -> UInt64 { generator.withLock { $0.next() } }
}
