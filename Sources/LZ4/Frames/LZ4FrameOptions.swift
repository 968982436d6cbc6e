internal import CLZ4

/// How a frame is made. Every frame carries a checksum of its content.
public struct LZ4FrameOptions: Sendable, Hashable {
    /// 0 is fast; 3 to 12 take longer and make less; below 0 is faster still.
    public var level: Int32
    /// The content's size in bytes, written into the frame's header; nil leaves it out.
    public var contentByteCount: UInt64?
    /// Whether every block carries a checksum of its own.
    public var checksumsBlocks: Bool

    /// Options.
    public init(level: Int32 = 0, contentByteCount: UInt64? = nil, checksumsBlocks: Bool = false) {
        self.level = level
        self.contentByteCount = contentByteCount
        self.checksumsBlocks = checksumsBlocks
    }

    var native: LZ4F_preferences_t {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        preferences.frameInfo.blockMode = LZ4F_blockLinked
        preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
        preferences.frameInfo.blockChecksumFlag = checksumsBlocks ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum
        preferences.frameInfo.contentSize = contentByteCount ?? 0
        preferences.compressionLevel = level
        return preferences
    }
}
