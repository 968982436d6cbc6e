internal import CLZ4

/// Whole LZ4 frames in memory, interchangeable with the `lz4` tool.
public enum LZ4Frame {
    /// One frame with a content checksum and the content's size, holding `content`.
    ///
    /// - Throws: `outOfMemory`.
    public static func compress(
        _ content: UnsafeRawBufferPointer, options: LZ4FrameOptions = LZ4FrameOptions()
    ) throws(LZ4Error) -> [UInt8] {
        var sized = options
        sized.contentByteCount = UInt64(content.count)
        var writer = try LZ4FrameWriter(options: sized)
        var frame: [UInt8] = []
        frame.reserveCapacity(content.count / 2 + 64)
        try writer.write(content, to: &frame)
        try writer.finish(to: &frame)
        return frame
    }

    /// One frame with a content checksum and the content's size, holding `content`.
    public static func compress(
        _ content: [UInt8], options: LZ4FrameOptions = LZ4FrameOptions()
    ) throws(LZ4Error) -> [UInt8] {
        let frame: Result<[UInt8], LZ4Error> = content.withUnsafeBytes { bytes in
            Result { () throws(LZ4Error) in try compress(bytes, options: options) }
        }
        return try frame.get()
    }

    /// The content of one or more frames, one after another; skippable frames are passed over.
    ///
    /// - Parameter limit: the most bytes of content to give out.
    /// - Throws: ``LZ4Error``, above all `overLimit` before more than `limit` bytes were made.
    public static func decompress(_ frames: UnsafeRawBufferPointer, limit: Int) throws(LZ4Error) -> [UInt8] {
        var reader = try LZ4FrameReader(limit: limit)
        var content: [UInt8] = []
        try reader.read(frames, to: &content)
        try reader.finish()
        return content
    }

    /// The content of one or more frames, one after another; skippable frames are passed over.
    public static func decompress(_ frames: [UInt8], limit: Int) throws(LZ4Error) -> [UInt8] {
        let content: Result<[UInt8], LZ4Error> = frames.withUnsafeBytes { bytes in
            Result { () throws(LZ4Error) in try decompress(bytes, limit: limit) }
        }
        return try content.get()
    }
}
