import LZ4
import Testing

@Suite("LZ4 frames") struct LZ4FrameTests {
    private let plenty = 1 << 20

    @Test(arguments: SampleContent.all)
    func `what was compressed comes back`(_ sample: SampleContent) throws {
        let content = sample.bytes
        let frame = try LZ4Frame.compress(content)
        #expect(try LZ4Frame.decompress(frame, limit: content.count) == content)
    }

    @Test(arguments: SampleContent.all, [1, 7, 4_096])
    func `pieces of any size make and read the same content`(_ sample: SampleContent, _ size: Int) throws {
        let content = sample.bytes.prefix(size == 1 ? 5_000 : 300_000)
        var writer = try LZ4FrameWriter(options: LZ4FrameOptions(level: 3, checksumsBlocks: true))
        var frame: [UInt8] = []
        try forEachPiece(of: Array(content), size) { piece throws(LZ4Error) in try writer.write(piece, to: &frame) }
        try writer.finish(to: &frame)
        var reader = try LZ4FrameReader(limit: plenty)
        var read: [UInt8] = []
        try forEachPiece(of: frame, size) { piece throws(LZ4Error) in try reader.read(piece, to: &read) }
        try reader.finish()
        #expect(read == Array(content))
    }

    @Test func `repetitive content becomes much smaller`() throws {
        let frame = try LZ4Frame.compress([UInt8](repeating: 0x61, count: 1_000_000))
        #expect(frame.count < 10_000)
    }

    @Test func `the declared size must be the real one`() throws {
        var writer = try LZ4FrameWriter(options: LZ4FrameOptions(contentByteCount: 5))
        var frame: [UInt8] = []
        try withBytes([1, 2, 3]) { bytes throws(LZ4Error) in try writer.write(bytes, to: &frame) }
        var failure: LZ4Error?
        do { try writer.finish(to: &frame) } catch { failure = error }
        #expect(failure == .contentSizeMismatch(declared: 5, written: 3))
    }

    @Test func `frames one after another are read as one content, skippable ones passed over`() throws {
        let first = try LZ4Frame.compress([1, 2, 3])
        let second = try LZ4Frame.compress([4, 5])
        let skippable: [UInt8] = [0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]
        let frames = skippable + first + skippable + second + skippable
        #expect(try LZ4Frame.decompress(frames, limit: plenty) == [1, 2, 3, 4, 5])
    }

    @Test func `content at the limit passes and one byte more does not`() throws {
        let frame = try LZ4Frame.compress([UInt8](repeating: 7, count: 200_000))
        #expect(try LZ4Frame.decompress(frame, limit: 200_000).count == 200_000)
        #expect(throws: LZ4Error.overLimit(limit: 199_999)) { try LZ4Frame.decompress(frame, limit: 199_999) }
        #expect(throws: LZ4Error.overLimit(limit: 0)) { try LZ4Frame.decompress(frame, limit: 0) }
    }
}

@Suite("Hostile LZ4 input") struct HostileLZ4Tests {
    private let plenty = 1 << 20

    @Test func `a frame cut anywhere is truncated`() throws {
        let frame = try LZ4Frame.compress(SampleContent(byteCount: 3_000, noise: 60, seed: 1).bytes)
        for length in 0..<frame.count {
            #expect(throws: LZ4Error.truncated(byteCount: length)) {
                try LZ4Frame.decompress(Array(frame.prefix(length)), limit: plenty)
            }
        }
    }

    /// A match may be moved to equal bytes elsewhere: then the content is right and nobody is harmed.
    @Test func `a flipped bit never changes the content unnoticed`() throws {
        let content = SampleContent(byteCount: 2_000, noise: 60, seed: 2).bytes
        let frame = try LZ4Frame.compress(content)
        for bit in 0..<(frame.count * 8) {
            var damaged = frame
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let read = try? LZ4Frame.decompress(damaged, limit: plenty)
            let isHarmless = read == nil || read == content
            #expect(isHarmless, "bit \(bit)")
        }
    }

    @Test func `noise behind a frame is told from noise alone`() throws {
        let frame = try LZ4Frame.compress([1, 2, 3])
        #expect(throws: LZ4Error.trailingGarbage(offset: frame.count)) {
            try LZ4Frame.decompress(frame + [1, 2, 3, 4, 5], limit: plenty)
        }
        #expect(throws: LZ4Error.notAFrame) { try LZ4Frame.decompress([1, 2, 3, 4, 5], limit: plenty) }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `noise behind a good header never crashes`(_ seed: UInt64) throws {
        let header = try LZ4Frame.compress([1, 2, 3]).prefix(15)
        let noise = SampleContent(byteCount: 500, noise: 255, seed: seed).bytes
        #expect(throws: LZ4Error.self) { try LZ4Frame.decompress(header + noise, limit: plenty) }
    }

    @Test func `a reader that failed stays failed`() throws {
        var reader = try LZ4FrameReader(limit: 10)
        var output: [UInt8] = []
        var failures: [LZ4Error] = []
        for _ in 0..<2 {
            do {
                try withBytes([1, 2, 3, 4]) { bytes throws(LZ4Error) in try reader.read(bytes, to: &output) }
            } catch { failures.append(error) }
        }
        #expect(failures == [.notAFrame, .finished])
    }
}

func withBytes(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(LZ4Error) -> Void) throws(LZ4Error) {
    try forEachPiece(of: bytes, max(1, bytes.count), body)
}

func forEachPiece(
    of bytes: [UInt8], _ size: Int, _ body: (UnsafeRawBufferPointer) throws(LZ4Error) -> Void
) throws(LZ4Error) {
    let result: Result<Void, LZ4Error> = bytes.withUnsafeBytes { all in
        Result { () throws(LZ4Error) in
            for start in stride(from: 0, to: all.count, by: size) {
                try body(UnsafeRawBufferPointer(rebasing: all[start..<min(all.count, start + size)]))
            }
        }
    }
    try result.get()
}
