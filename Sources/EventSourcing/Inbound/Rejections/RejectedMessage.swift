import EventModel
import FoundationEssentials

/// A refused message as it is kept.
public struct RejectedMessage: Sendable, Hashable {
    /// Follows from its place: the same message is kept once.
    public let id: UUID
    /// Under whose key it is sealed: the tenant that it names, or the default one when it names none that is taken.
    public let workspace: Workspace
    /// Where it was refused.
    public let place: InboundPlace
    /// The kind of reason; a ``InboundRejection/Code`` of this version of Lockstep or another.
    public let code: String
    /// What is wrong, in a sentence.
    public let reason: String
    /// The side that its payload was recognised as, if it was.
    public let kind: String?
    /// Bytes of its payload.
    public let bytes: Int64
    /// The record, sealed; see ``RejectionSealing``.
    public let sealed: [UInt8]

    /// A message by its parts.
    public init(
        workspace: Workspace, place: InboundPlace, code: String, reason: String, kind: String?, bytes: Int64,
        sealed: [UInt8]
    ) {
        id = place.key.id
        self.workspace = workspace
        self.place = place
        self.code = code
        self.reason = reason
        self.kind = kind
        self.bytes = bytes
        self.sealed = sealed
    }

    /// A message that was refused just now.
    public init(_ rejection: InboundRejection, workspace: Workspace, place: InboundPlace, bytes: Int, sealed: [UInt8]) {
        self.init(
            workspace: workspace, place: place, code: rejection.code.rawValue, reason: rejection.reason,
            kind: rejection.kind, bytes: Int64(bytes), sealed: sealed)
    }
}

/// A refused message and what has become of it since.
public struct KeptRejection: Sendable, Hashable {
    /// The message, with the reason of the latest attempt.
    public let message: RejectedMessage
    /// When it was refused first.
    public let rejectedAt: Timestamp
    /// How often it has been tried.
    public let attempts: Int
    /// When it was tried last.
    public let triedAt: Timestamp
    /// When it was accepted after all.
    public let acceptedAt: Timestamp?
    /// Events that it became then.
    public let events: Int64

    /// A rejection by its parts.
    public init(
        _ message: RejectedMessage, rejectedAt: Timestamp, attempts: Int, triedAt: Timestamp, acceptedAt: Timestamp?,
        events: Int64
    ) {
        self.message = message
        self.rejectedAt = rejectedAt
        self.attempts = attempts
        self.triedAt = triedAt
        self.acceptedAt = acceptedAt
        self.events = events
    }
}
