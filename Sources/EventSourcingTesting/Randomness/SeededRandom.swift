import EventSourcing
import Synchronization

/// Randomness that a seed decides: xoshiro256**, its state filled by ``SplitMix64``. The same seed gives the same numbers on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// A generator; neighbouring seeds give unrelated numbers.
    public init(seed: UInt64) {
        var mixer = SplitMix64(seed: seed)
        words = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
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
