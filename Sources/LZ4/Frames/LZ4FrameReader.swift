internal import CLZ4

/// Reads frames, one after another, from bytes that come in pieces; memory does not grow with the content.
///
/// Skippable frames are passed over, as the `lz4` tool does.
public struct LZ4FrameReader: ~Copyable {
    /// Content taken from liblz4 at a time, in bytes.
    private static let pieceBytes = 64 * 1_024
    private static let magicBytes = 4

    private let context: DecompressionContext
    private let limit: Int
    private var consumed = 0
    private var produced = 0
    /// The first bytes of the next frame, while there are fewer than ``magicBytes`` of them; nil inside a frame.
    private var magic: [UInt8]? = []
    private var hasFailed = false
    private var framesRead = 0

    /// A reader that gives out at most `limit` bytes of content.
    ///
    /// - Throws: `outOfMemory`.
    public init(limit: Int) throws(LZ4Error) {
        context = try DecompressionContext()
        self.limit = max(0, limit)
    }

    /// Bytes of content given out so far.
    public var contentByteCount: Int { produced }

    /// Takes `input` and appends the content it completes to `output`.
    ///
    /// - Throws: ``LZ4Error``; the reader is of no use after that. Content appended before is checked only as far as
    ///   block checksums go: it counts when ``finish()`` has returned.
    public mutating func read(_ input: UnsafeRawBufferPointer, to output: inout [UInt8]) throws(LZ4Error) {
        guard !hasFailed else { throw .finished }
        do throws(LZ4Error) {
            var rest = input[...]
            while !rest.isEmpty {
                if magic != nil {
                    try readMagic(&rest)
                } else {
                    try decode(&rest, &output)
                }
            }
        } catch {
            hasFailed = true
            throw error
        }
    }

    /// Says that there is no more input.
    ///
    /// - Throws: `truncated` when it ends inside a frame, or holds none.
    public consuming func finish() throws(LZ4Error) {
        guard !hasFailed else { throw .finished }
        guard let magic, magic.isEmpty, framesRead > 0 else { throw .truncated(byteCount: consumed) }
    }

    /// Between frames: gathers a magic number and begins the frame it announces.
    private mutating func readMagic(_ rest: inout Slice<UnsafeRawBufferPointer>) throws(LZ4Error) {
        var gathered = magic ?? []
        while gathered.count < Self.magicBytes, let byte = rest.popFirst() { gathered.append(byte) }
        consumed += gathered.count - (magic?.count ?? 0)
        magic = gathered
        guard gathered.count == Self.magicBytes else { return }
        guard Self.isMagic(gathered) else {
            throw framesRead == 0 ? .notAFrame : .trailingGarbage(offset: consumed - Self.magicBytes)
        }
        magic = nil
        var size = gathered.count
        var nothing = 0
        let hint = gathered.withUnsafeBytes {
            LZ4F_decompress(context.pointer, nil, &nothing, $0.baseAddress, &size, nil)
        }
        try check(hint)
    }

    /// Inside a frame: takes input until it is used up, or the frame ends.
    private mutating func decode(
        _ rest: inout Slice<UnsafeRawBufferPointer>, _ output: inout [UInt8]
    ) throws(LZ4Error) {
        let input = UnsafeRawBufferPointer(rebasing: rest)
        var taken = input.count
        var made = 0
        let context = context.pointer
        let hint = withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 1) { room in
            made = room.count
            let hint = LZ4F_decompress(context, room.baseAddress, &made, input.baseAddress, &taken, nil)
            if LZ4F_isError(hint) == 0, made <= limit - produced {
                output.append(contentsOf: UnsafeRawBufferPointer(room).prefix(made))
            }
            return hint
        }
        try check(hint)
        guard made <= limit - produced else { throw .overLimit(limit: limit) }
        produced += made
        consumed += taken
        rest = rest.dropFirst(taken)
        if hint == 0 { endFrame() }
    }

    private mutating func endFrame() {
        magic = []
        framesRead += 1
    }

    private func check(_ hint: Int) throws(LZ4Error) {
        guard LZ4F_isError(hint) != 0 else { return }
        throw .corrupt(reason: String(cString: LZ4F_getErrorName(hint)), offset: consumed)
    }

    private static func isMagic(_ bytes: [UInt8]) -> Bool {
        let number = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return number == 0x184D_2204 || number & 0xFFFF_FFF0 == 0x184D_2A50
    }
}

/// Owns an `LZ4F_dctx`.
struct DecompressionContext: ~Copyable {
    let pointer: OpaquePointer

    init() throws(LZ4Error) {
        var created: OpaquePointer?
        let code = LZ4F_createDecompressionContext(&created, clz4_frame_version)
        guard LZ4F_isError(code) == 0, let created else { throw .outOfMemory }
        pointer = created
    }

    deinit { LZ4F_freeDecompressionContext(pointer) }
}
