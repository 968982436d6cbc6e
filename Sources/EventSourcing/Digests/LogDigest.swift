import EventModel

/// The running digest of the log up to a position: a fingerprint of everything below it.
public struct LogDigest: Sendable, Hashable {
    /// The last position that the digest covers.
    public var position: GlobalPosition
    /// 32 bytes; see ``EventDigest/chain(_:_:)``.
    public var digest: [UInt8]

    /// The digest of an empty log.
    public static let empty = LogDigest(position: .start, digest: EventDigest.empty)

    /// A digest by its parts.
    public init(position: GlobalPosition, digest: [UInt8]) {
        self.position = position
        self.digest = digest
    }

    /// The digest after one more event.
    public mutating func add(_ event: RecordedEvent) {
        digest = EventDigest.chain(digest, event)
        position = event.position
    }
}

/// Where running digests are kept. They are written by whoever computed them, never while appending.
public protocol LogDigestStore: Sendable {
    /// Recorded digests behind a position, in order, at most `limit`.
    func digests(after position: GlobalPosition, limit: Int) async throws(StoreError) -> [LogDigest]
    /// The recorded digest with the highest position.
    func latestDigest() async throws(StoreError) -> LogDigest?
    /// Records a digest, unless there is one for its position.
    ///
    /// - Returns: the digest that is recorded now; it differs from `digest` when the history is not what it was.
    func record(_ digest: LogDigest) async throws(StoreError) -> LogDigest
}
