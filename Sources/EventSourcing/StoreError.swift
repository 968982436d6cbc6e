import EventModel

/// A fault of the machine room, or a request that no state of the log could satisfy. A lost race is not an error but an answer:
/// ``AppendOutcome/conflict(_:)``.
public enum StoreError: Error, Sendable, Equatable {
    /// The store cannot be reached or is not ready; nothing happened. Wait, then try again.
    case unavailable(reason: String)
    /// The connection was lost while the append was under way: it may have happened. Retry with the same event ids.
    case unknownOutcome(reason: String)
    /// The queue of waiting appends is full; nothing happened. Slow down.
    case overloaded(waiting: Int, limit: Int)
    /// The request breaks a rule of the log; nothing happened, and a retry cannot help.
    case refused(AppendFlaw)
    /// The log contradicts itself at a position. Never retried: it stops the reader and wakes a person.
    case corrupt(at: GlobalPosition, reason: String)
    /// The database is not the one this log was written in; writers refuse until somebody has looked.
    case historyChanged(HistoryMismatch)
    /// The database's schema is not the one this program works with.
    case schemaMismatch(found: Int, needed: Int)
    /// The database refused for a reason that a retry does not change (permission, missing table …).
    case failed(reason: String)
    /// A key that seals or opens personal data cannot be had; nothing happened, and the configuration must be mended.
    case keys(KeyFlaw)
    /// The store was shut down, or the caller's task was cancelled before the request was sent.
    case cancelled

    /// Whether the same request may succeed later without anybody's help.
    public var isTransient: Bool {
        switch self {
        case .unavailable, .unknownOutcome, .overloaded: true
        case .refused, .corrupt, .historyChanged, .schemaMismatch, .failed, .keys, .cancelled: false
        }
    }
}

/// The identity that the log remembers against the identity of the database it was found in (L10).
public struct HistoryMismatch: Sendable, Hashable {
    /// System identifier and timeline when the history was last confirmed.
    public var remembered: (systemIdentifier: String, timeline: Int) { (rememberedSystem, rememberedTimeline) }
    /// System identifier and timeline of the server that answered.
    public var found: (systemIdentifier: String, timeline: Int) { (foundSystem, foundTimeline) }

    private let rememberedSystem: String
    private let rememberedTimeline: Int
    private let foundSystem: String
    private let foundTimeline: Int

    /// A mismatch by its two sides.
    public init(remembered: (systemIdentifier: String, timeline: Int), found: (systemIdentifier: String, timeline: Int))
    {
        rememberedSystem = remembered.systemIdentifier
        rememberedTimeline = remembered.timeline
        foundSystem = found.systemIdentifier
        foundTimeline = found.timeline
    }
}

extension StoreError: CustomStringConvertible {
    /// One sentence and what to do next; never payload, never credentials.
    public var description: String {
        switch self {
        case .unavailable(let reason): "the log is not available (\(reason)); try again"
        case .unknownOutcome(let reason):
            "the append may or may not have happened (\(reason)); retry it with the same event ids"
        case .overloaded(let waiting, let limit):
            "\(waiting) appends are waiting and the limit is \(limit); slow down and try again"
        case .refused(let flaw): flaw.description
        case .corrupt(let position, let reason):
            "the log is corrupt at position \(position): \(reason); stop writing and run `lockstep audit verify`"
        case .historyChanged(let mismatch):
            "the log was last written in system \(mismatch.remembered.systemIdentifier), timeline "
                + "\(mismatch.remembered.timeline), but this is system \(mismatch.found.systemIdentifier), timeline "
                + "\(mismatch.found.timeline); run `lockstep doctor` and, once the tail is compared, `lockstep doctor adopt-history`"
        case .schemaMismatch(let found, let needed):
            "the database has schema version \(found), this program needs \(needed); "
                + (found < needed ? "run `lockstep migrate up`" : "use the newer program")
        case .failed(let reason): "the database refused: \(reason)"
        case .keys(let flaw): flaw.description
        case .cancelled: "cancelled before anything was sent"
        }
    }
}
