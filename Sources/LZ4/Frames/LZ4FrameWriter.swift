internal import CLZ4

/// Makes one frame from content that comes in pieces; memory does not grow with the content.
public struct LZ4FrameWriter: ~Copyable {
    private enum Stage { case fresh, open, done }

    /// Content given to liblz4 at a time, in bytes.
    private static let pieceBytes = 64 * 1_024
    private static let headerBytes = 19

    private let context: CompressionContext
    private let declared: UInt64?
    private var preferences: LZ4F_preferences_t
    private var written: UInt64 = 0
    private var stage = Stage.fresh

    /// A writer of one frame.
    ///
    /// - Throws: `outOfMemory`.
    public init(options: LZ4FrameOptions = LZ4FrameOptions()) throws(LZ4Error) {
        context = try CompressionContext()
        declared = options.contentByteCount
        preferences = options.native
    }

    /// Takes `content` and appends what became of it to `output`; some of it may be kept for later.
    ///
    /// - Throws: `finished` after ``finish(to:)`` or a failure.
    public mutating func write(_ content: UnsafeRawBufferPointer, to output: inout [UInt8]) throws(LZ4Error) {
        try open(&output)
        var rest = content[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceBytes))
            rest = rest.dropFirst(piece.count)
            let context = context.pointer
            try append(LZ4F_compressBound(piece.count, &preferences), to: &output) { room in
                LZ4F_compressUpdate(context, room.baseAddress, room.count, piece.baseAddress, piece.count, nil)
            }
            written += UInt64(piece.count)
        }
    }

    /// Appends the end of the frame to `output`.
    ///
    /// - Throws: `contentSizeMismatch` when the options declared another size.
    public mutating func finish(to output: inout [UInt8]) throws(LZ4Error) {
        try open(&output)
        stage = .done
        if let declared, declared != written {
            throw .contentSizeMismatch(declared: declared, written: written)
        }
        let context = context.pointer
        try append(LZ4F_compressBound(0, &preferences), to: &output) { room in
            LZ4F_compressEnd(context, room.baseAddress, room.count, nil)
        }
    }

    private mutating func open(_ output: inout [UInt8]) throws(LZ4Error) {
        guard stage != .done else { throw .finished }
        guard stage == .fresh else { return }
        stage = .open
        var preferences = preferences
        let context = context.pointer
        try append(Self.headerBytes, to: &output) { room in
            LZ4F_compressBegin(context, room.baseAddress, room.count, &preferences)
        }
    }

    /// Lets `produce` fill up to `capacity` bytes at the end of `output`.
    private mutating func append(
        _ capacity: Int, to output: inout [UInt8], _ produce: (UnsafeMutableRawBufferPointer) -> Int
    ) throws(LZ4Error) {
        let result = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { room in
            let count = produce(room)
            if LZ4F_isError(count) == 0 { output.append(contentsOf: UnsafeRawBufferPointer(room).prefix(count)) }
            return count
        }
        guard LZ4F_isError(result) != 0 else { return }
        stage = .done
        throw .corrupt(reason: String(cString: LZ4F_getErrorName(result)), offset: Int(clamping: written))
    }
}

/// Owns an `LZ4F_cctx`.
struct CompressionContext: ~Copyable {
    let pointer: OpaquePointer

    init() throws(LZ4Error) {
        var created: OpaquePointer?
        let code = LZ4F_createCompressionContext(&created, clz4_frame_version)
        guard LZ4F_isError(code) == 0, let created else { throw .outOfMemory }
        pointer = created
    }

    deinit { LZ4F_freeCompressionContext(pointer) }
}
