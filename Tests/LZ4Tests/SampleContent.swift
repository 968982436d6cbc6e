import EventSourcingTesting

/// Content of every kind that matters to a compressor, from a seed that a failure prints.
struct SampleContent: CustomStringConvertible, Sendable {
    let byteCount: Int
    /// 0 is one repeated byte, 255 is noise.
    let noise: UInt8
    let seed: UInt64

    var description: String { "\(byteCount) bytes, noise \(noise), seed \(seed)" }

    var bytes: [UInt8] {
        var generator = SplitMix64(seed: seed)
        return (0..<byteCount).map { _ in
            let random = UInt8(truncatingIfNeeded: generator.next())
            return random <= noise ? UInt8(truncatingIfNeeded: generator.next()) : 0x61
        }
    }

    static let all: [SampleContent] = {
        let sizes = [0, 1, 3, 64, 1_000, 65_535, 65_536, 65_537, 300_000]
        return sizes.flatMap { size in
            [UInt8(0), 20, 255].map { SampleContent(byteCount: size, noise: $0, seed: UInt64(size) &+ UInt64($0)) }
        }
    }()
}
