/// Why bytes could not be turned into a frame or back.
public enum LZ4Error: Error, Hashable, Sendable {
    /// The bytes end inside a frame; there were `byteCount` of them.
    case truncated(byteCount: Int)
    /// The bytes do not begin with a frame.
    case notAFrame
    /// The bytes from `offset` on, behind a whole frame, are not a frame.
    case trailingGarbage(offset: Int)
    /// A frame contradicts itself within the `offset` bytes read so far; the reason is liblz4's name for it.
    case corrupt(reason: String, offset: Int)
    /// The content is longer than `limit` bytes.
    case overLimit(limit: Int)
    /// The writer was given another number of bytes than its header declares.
    case contentSizeMismatch(declared: UInt64, written: UInt64)
    /// The reader or writer has failed or finished before.
    case finished
    /// There is no memory.
    case outOfMemory
}
