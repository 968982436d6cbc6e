import EventModel
import FoundationEssentials
import Synchronization

/// Randomness from outside, shared between tasks.
public protocol RandomSource: Sendable {
    /// 64 random bits.
    func next() -> UInt64
}

/// The machine's own randomness.
public struct SystemRandomSource: RandomSource {
    /// The machine's own randomness.
    public init() {}

    /// 64 random bits.
    public func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// Makes UUIDv7 from injected time and randomness.
public struct IDSource: Sendable {
    private let time: any Timekeeper
    private let random: any RandomSource

    /// Ids from this time and this randomness.
    public init(time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()) {
        self.time = time
        self.random = random
    }

    /// A new id.
    public func next() -> UUID {
        var generator = Generator(random: random)
        return TimeOrderedID.version7(at: time.now(), using: &generator)
    }

    private struct Generator: RandomNumberGenerator {
        let random: any RandomSource
        mutating func next() -> UInt64 { random.next() }
    }
}
