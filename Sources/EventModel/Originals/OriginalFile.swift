/// The bytes of an imported file, as the event of the import speaks of them.
public struct OriginalFile: Equatable, Sendable {
    /// Where the bytes are.
    public enum Place: Equatable, Sendable {
        /// In the event, as base64, or the hidden form of it.
        case here(JSONValue)
        /// In so many events behind it.
        case parts(Int)
        /// Nowhere: the file is larger than one append takes, only its digest is known.
        case nowhere
    }

    /// How many bytes the file has.
    public let bytes: Int
    /// SHA-256 of them.
    public let digest: ContentDigest
    /// Where they are.
    public let place: Place

    /// What is known of a file.
    public init(bytes: Int, digest: ContentDigest, place: Place) {
        self.bytes = bytes
        self.digest = digest
        self.place = place
    }
}

/// How much of an imported file is kept.
public enum OriginalLimits {
    /// Bytes of a file that go into one event of their own: sealed, they stay below 1 MiB.
    public static let partBytes = 384 << 10
    /// Bytes of a file that one append of 8 MiB can take beside the import; of a larger one the digest is kept.
    public static let fileBytes = 10 * partBytes
}
