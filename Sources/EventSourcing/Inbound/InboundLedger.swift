import EventModel
import FoundationEssentials

/// Remembers which named messages have become events. Implementations agree on every sentence here.
public protocol InboundLedger: Sendable {
    /// What the messages of these keys contained, for those that are known.
    func fingerprints(
        of keys: [InboundKey], in workspace: Workspace
    ) async throws(StoreError) -> [InboundKey: InboundFingerprint]

    /// Remembers messages. A key that is known keeps what it has.
    func remember(_ entries: [InboundEntry], in workspace: Workspace) async throws(StoreError)
}

/// A named message that has become events.
public struct InboundEntry: Sendable, Hashable {
    /// Which message.
    public let key: InboundKey
    /// What it contained.
    public let fingerprint: InboundFingerprint

    /// An entry by its parts.
    public init(key: InboundKey, fingerprint: InboundFingerprint) {
        self.key = key
        self.fingerprint = fingerprint
    }
}
