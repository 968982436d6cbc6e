import EventModel
import FoundationEssentials

/// What happens between the two sides of one execution; stream `reconciliation-<execution>`.
public enum ReconciliationEvent: Equatable, Sendable {
    /// Both sides say the same of these fields: their base from now on.
    case agreed(FieldsAgreed)
    /// A difference was decided.
    case resolved(Receipt, Parties)
    /// A conflict waits for a person.
    case conflictQueued(QueuedConflict, Parties)
    /// A conflict that waited is none any more.
    case conflictLapsed(ConflictLapsed)
    /// A difference stays.
    case divergenceAccepted(AcceptedDivergence, Parties)
    /// A side is to be brought to do something.
    case effectRequested(Effect, subject: String)
    /// Somebody is about to try: from here on nobody knows, until there is an answer or an echo, whether it was carried out.
    case effectSent(EffectSent)
    /// It was tried, and nobody knows whether it was carried out.
    case effectUnknown(EffectUnknown)
    /// It was carried out.
    case effectConfirmed(EffectConfirmed)
    /// It was not carried out, and will not be.
    case effectStale(EffectStale)
    /// Somebody has taken over fields, or given them back.
    case ownershipTaken(HandOver)
    /// Neither side has moved for long; until one does, the execution is left alone.
    case wentStale(WentStale)
}

/// Whose personal data the two sides of an execution hold, and which of their versions were compared.
public struct Parties: Hashable, Sendable {
    /// Whose data the workflow's values are: `execution:<id>`, `customer:<id>`.
    public let workflow: String
    /// Whose data the journey's values are, and those that both share.
    public let journey: String
    /// The versions that were compared.
    public let compared: Receipt.Compared

    /// Parties by their parts.
    public init(workflow: String, journey: String, compared: Receipt.Compared) {
        self.workflow = workflow
        self.journey = journey
        self.compared = compared
    }

    /// Whose data a side's values are.
    public subscript(_ side: Side) -> String {
        switch side {
        case .workflow: workflow
        case .journey: journey
        }
    }

    /// Whose data it is that a side is told: the workflow's where the workflow alone has said all of it, and else the journey's.
    func subject(of said: [(path: FieldPath, winner: Side?)]) -> String {
        // A member of a value is told with the rest of it, which may be the other side's.
        said.allSatisfy { $0.winner == .workflow && $0.path.members.isEmpty } ? workflow : journey
    }
}

/// Both sides say the same of these fields.
public struct FieldsAgreed: Equatable, Sendable {
    /// The fields, or members of their data, ordered by path; `nil` for one that neither has any more.
    public let fields: [AgreedField]
    /// Whose data they are.
    public let parties: Parties

    /// The event.
    public init(fields: [AgreedField], parties: Parties) {
        self.fields = fields
        self.parties = parties
    }
}

/// One field that both sides say the same of.
public struct AgreedField: Equatable, Sendable {
    /// The field, or the member of its data.
    public let path: FieldPath
    /// What both say; `nil` for nothing.
    public let value: FieldValue?

    /// A field by its parts.
    public init(_ path: FieldPath, _ value: FieldValue?) {
        self.path = path
        self.value = value
    }
}

/// A conflict that waited is none any more.
public struct ConflictLapsed: Equatable, Sendable {
    /// The conflict.
    public let conflict: UUID
    /// The field; not which member of its data.
    public let field: FieldPath

    /// The event.
    public init(conflict: UUID, field: FieldPath) {
        self.conflict = conflict
        self.field = field
    }
}

/// Somebody is about to carry an effect out.
public struct EffectSent: Equatable, Sendable {
    /// The effect.
    public let effect: UUID
    /// Which time this is, from 1.
    public let times: Int

    /// When.
    public let at: Timestamp

    /// The event.
    public init(effect: UUID, times: Int, at: Timestamp) {
        self.at = at
        self.effect = effect
        self.times = times
    }
}

/// Nobody knows whether an effect was carried out.
public struct EffectUnknown: Equatable, Sendable {
    /// The effect.
    public let effect: UUID
    /// Why, in a sentence.
    public let because: String

    /// When.
    public let at: Timestamp

    /// The event.
    public init(effect: UUID, because: String, at: Timestamp) {
        self.at = at
        self.effect = effect
        self.because = because
    }
}

/// An effect was carried out.
public struct EffectConfirmed: Equatable, Sendable {
    /// The effect.
    public let effect: UUID
    /// How that is known.
    public let witness: EffectEnd.Witness

    /// When.
    public let at: Timestamp

    /// The event.
    public init(effect: UUID, witness: EffectEnd.Witness, at: Timestamp) {
        self.at = at
        self.effect = effect
        self.witness = witness
    }
}

/// An effect was not carried out, and will not be.
public struct EffectStale: Equatable, Sendable {
    /// The effect.
    public let effect: UUID
    /// Why, as a stable word.
    public let reason: EffectEnd.Staleness
    /// Why, in a sentence.
    public let because: String
    /// When that was known: the next try is not before a pause from here.
    public let at: Timestamp

    /// The event.
    public init(effect: UUID, reason: EffectEnd.Staleness, because: String, at: Timestamp) {
        self.effect = effect
        self.reason = reason
        self.because = because
        self.at = at
    }
}

/// Somebody has taken over fields, or given them back to the policy.
public struct HandOver: Equatable, Sendable {
    /// The fields.
    public let pattern: PathPattern
    /// Whose they are from now on; `nil` for whatever the policy says.
    public let owner: Side?
    /// Why, for people.
    public let because: String?

    /// The event.
    public init(pattern: PathPattern, owner: Side?, because: String?) {
        self.pattern = pattern
        self.owner = owner
        self.because = because
    }
}
