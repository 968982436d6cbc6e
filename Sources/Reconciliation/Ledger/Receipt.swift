import EventModel
import FoundationEssentials
import WorkflowDomain

/// One decision about one field, with everything that it was made of: enough to explain it, to try another policy on it, and to take it back.
public struct Receipt: Equatable, Sendable {
    /// Which versions of the two streams were compared.
    public struct Compared: Hashable, Sendable {
        /// The version of the workflow's stream; `nil` while it has none.
        public let workflow: StreamVersion?
        /// The version of the journey's stream; `nil` while it has none.
        public let journey: StreamVersion?
        /// The mapping by which the sides were compared; `nil` for none.
        public let mapping: MappingPin?

        /// Two versions, and the mapping between.
        public init(workflow: StreamVersion?, journey: StreamVersion?, mapping: MappingPin? = nil) {
            self.workflow = workflow
            self.journey = journey
            self.mapping = mapping
        }
    }

    /// The rule that decided.
    public struct Ruling: Hashable, Sendable {
        /// The rule's name.
        public let rule: Rule
        /// Its place among the policy's rules, from 0.
        public let place: Int
        /// The policy's name.
        public let policy: String
        /// The policy's version.
        public let version: Int

        /// A ruling by its parts.
        public init(rule: Rule, place: Int, policy: String, version: Int) {
            self.rule = rule
            self.place = place
            self.policy = policy
            self.version = version
        }
    }

    /// What made the decision necessary.
    public enum Cause: Hashable, Sendable {
        /// The sides were compared.
        case comparison
        /// A person has settled the conflict that waited.
        case person(conflict: UUID)
        /// A decision is taken back.
        case flip(of: UUID)
    }

    /// The decision's own id.
    public let id: UUID
    /// What was found.
    public let finding: Finding
    /// What stands from now on; `nil` for nothing.
    public let outcome: FieldValue?
    /// The side whose value stands; `nil` for what neither had alone.
    public let winner: Side?
    /// The rule, where one was needed.
    public let ruling: Ruling?
    /// The side that owned the field by what was handed over, and so has decided; `nil` where nothing was.
    public let owner: Side?
    /// Why it was decided.
    public let cause: Cause
    /// When it was decided.
    public let at: Timestamp
    /// The effects that carry it out; a person's decision may be asked for again by others, which name it.
    public let effects: [UUID]

    /// A receipt by its parts.
    public init(
        id: UUID, finding: Finding, outcome: FieldValue?, winner: Side?, ruling: Ruling?, owner: Side? = nil,
        cause: Cause, at: Timestamp, effects: [UUID]
    ) {
        self.id = id
        self.finding = finding
        self.outcome = outcome
        self.winner = winner
        self.ruling = ruling
        self.owner = owner
        self.cause = cause
        self.at = at
        self.effects = effects
    }

    /// The side whose word does not stand; `nil` where no side has won.
    public var loser: Side? { winner?.other }

    /// Whether one side was overruled: somebody's last word was taken back. What is passed on overrules nobody.
    public var isContested: Bool { finding.kind == .conflict || winner != finding.side }
}

/// A conflict that waits for a person.
public struct QueuedConflict: Equatable, Sendable {
    /// Why it waits.
    public enum Reason: Hashable, Sendable {
        /// The policy has no answer.
        case policy(Settlement.Waiting)
        /// The sides keep taking back what was decided.
        case flapping
        /// The side that has lost could not be brought to it, so many times.
        case unreachable(attempts: Int)
    }

    /// The conflict's own id.
    public let id: UUID
    /// What was found.
    public let finding: Finding
    /// Why it waits.
    public let reason: Reason
    /// The rule that sent it here, if one did.
    public let ruling: Receipt.Ruling?
    /// Since when.
    public let at: Timestamp
    /// The decisions before it, of a field that flaps.
    public let history: [UUID]

    /// A conflict by its parts.
    public init(
        id: UUID, finding: Finding, reason: Reason, ruling: Receipt.Ruling?, at: Timestamp, history: [UUID] = []
    ) {
        self.id = id
        self.finding = finding
        self.reason = reason
        self.ruling = ruling
        self.at = at
        self.history = history
    }
}

extension QueuedConflict {
    /// Whether a rule may still settle it.
    var isForRules: Bool {
        switch reason {
        case .policy: true
        case .flapping, .unreachable: false
        }
    }
}

/// A difference that stays, because somebody or a rule says so.
public struct AcceptedDivergence: Equatable, Sendable {
    /// Its own id.
    public let id: UUID
    /// What was found; as long as both sides say this, it is no difference.
    public let finding: Finding
    /// The rule that accepts it; `nil` when a person does.
    public let ruling: Receipt.Ruling?
    /// The conflict that is settled by it, if it had waited.
    public let conflict: UUID?
    /// When.
    public let at: Timestamp

    /// An accepted difference by its parts.
    public init(id: UUID, finding: Finding, ruling: Receipt.Ruling?, conflict: UUID?, at: Timestamp) {
        self.id = id
        self.finding = finding
        self.ruling = ruling
        self.conflict = conflict
        self.at = at
    }
}
