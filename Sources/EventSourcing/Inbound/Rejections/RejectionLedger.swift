import EventModel
import FoundationEssentials

/// Where refused messages are kept. Implementations agree on every sentence here.
public protocol RejectionLedger: Sendable {
    /// A page of refused messages, the oldest first.
    func rejections(_ query: RejectionQuery) async throws(StoreError) -> [KeptRejection]

    /// One of them; `nil` when there is none of this id.
    func rejection(_ id: UUID) async throws(StoreError) -> KeptRejection?

    /// Records another attempt. One that was accepted stays accepted.
    ///
    /// - Returns: whether this attempt is the one that was recorded: `false` when it was accepted before, or does not exist.
    func record(_ attempt: RejectionAttempt, of id: UUID) async throws(StoreError) -> Bool
}

/// Which refused messages are asked for.
public struct RejectionQuery: Sendable, Hashable {
    /// What has become of them.
    public enum State: String, Sendable, CaseIterable {
        /// They are still refused.
        case waiting
        /// They were accepted by a retry.
        case accepted
        /// All of them.
        case all
    }

    /// What has become of them.
    public var state: State
    /// The tenant; `nil` is every one.
    public var workspace: Workspace?
    /// The kind of reason; `nil` is every one.
    public var code: String?
    /// Behind this one; `nil` is from the oldest on.
    public var after: (time: Timestamp, id: UUID)?
    /// How many at most; at least 1.
    public var limit: Int

    /// A query.
    public init(
        _ state: State = .waiting, workspace: Workspace? = nil, code: String? = nil,
        after: (time: Timestamp, id: UUID)? = nil, limit: Int = 100
    ) {
        self.state = state
        self.workspace = workspace
        self.code = code
        self.after = after
        self.limit = max(1, limit)
    }

    /// Equal when every part is.
    public static func == (left: RejectionQuery, right: RejectionQuery) -> Bool {
        left.state == right.state && left.workspace == right.workspace && left.code == right.code
            && left.limit == right.limit && left.after?.time == right.after?.time && left.after?.id == right.after?.id
    }

    /// Hashes what tells most queries apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(state)
        hasher.combine(after?.id)
    }
}

/// What became of a refused message when it was tried again.
public enum RejectionAttempt: Sendable, Hashable {
    /// It was accepted, and became so many events; 0 when it says nothing new.
    case accepted(events: Int64)
    /// It is still refused.
    case refused(InboundRejection)
}
