import EventModel
import FoundationEssentials

/// Everything that a look at the two sides of an execution needs. A value: the same look has the same answer.
public struct Examination: Sendable {
    /// What is compared; the base is the ledger's.
    public var sides: Comparison.Sides
    /// How the sides can be told something, and whether they were.
    public var circumstances: Circumstances
    /// The words of the mapping; `nil` where none is pinned.
    public var names: MappedNames?
    /// The policy that holds for the execution.
    public var policy: Policy
    /// What the engines can be told.
    public var telling: Telling
    /// Whose data is compared, and in which versions.
    public var parties: Parties
    /// How often something is tried.
    public var limits: LedgerLimits
    /// Now.
    public var at: Timestamp
    /// What ids are made from: another one for every look.
    public var seed: UUID

    /// A look by its parts.
    public init(
        sides: Comparison.Sides, circumstances: Circumstances, names: MappedNames?, policy: Policy,
        telling: Telling, parties: Parties,
        limits: LedgerLimits = LedgerLimits(), at: Timestamp, seed: UUID
    ) {
        self.sides = sides
        self.circumstances = circumstances
        self.names = names
        self.policy = policy
        self.telling = telling
        self.parties = parties
        self.limits = limits
        self.at = at
        self.seed = seed
    }

    /// The id of something that is decided in this look.
    func id(_ name: String) -> UUID { TimeOrderedID.derived(from: seed, name: name, index: 0, at: at) }
}

/// What a look at an execution has come to.
public struct Examined: Equatable, Sendable {
    /// Why nothing is done about a difference now.
    public enum Hold: String, Sendable, CaseIterable, Hashable {
        /// The side that would be told is still doing something else.
        case effectPending = "effect_pending"
        /// The last tries came to nothing; the next one is not due yet.
        case pausing
        /// There is nobody, or nothing, to tell yet.
        case notYet = "not_yet"
        /// The conversation has gone on by itself, and the run is under way and may still come to where it stands, or to where it can be told of it. Nobody
        /// is moved back unless a rule, or a person, says so.
        case ahead
        /// The side that would be told has ended, and hears nothing any more.
        case over
        /// What it holds is too large, or nested too deep, to be put on record: it has to be settled at the engines.
        case tooLarge = "too_large"
        /// There is more to record than one look may; the next one goes on.
        case nextLook = "next_look"
        /// A person has been asked.
        case queued
    }

    /// What is to be recorded, in order.
    public var events: [ReconciliationEvent] = []
    /// What differs and stays so for now.
    public var holds: [FieldPath: Hold] = [:]
    /// Everything that was found.
    public var findings: [Finding] = []
    /// When to look again although nothing happens: the end of a pause, or of an effect's time; `nil` for not at all.
    public var again: Timestamp?

    /// What differs, has not been accepted, and can still end: what is over stays as it is.
    public var differences: [Finding] { findings.filter { $0.isDivergence && holds[$0.path] != .over } }

    /// What differs and can end by itself, by time or by a person. Where there is nobody to tell yet, or the conversation is ahead, only something that
    /// happens changes anything, and then the execution is looked at anyway.
    public var apart: [Finding] { differences.filter { holds[$0.path] != .notYet && holds[$0.path] != .ahead } }

    /// Whether nothing differs that can still end.
    public var isConverged: Bool { differences.isEmpty }
}

extension Ledger {
    /// Looks at both sides and says what follows. Nothing follows twice: what was requested is pending until it has ended, and what waits for a
    /// person is not asked again.
    public func examine(_ look: Examination) -> Examined {
        var look = look
        look.sides.base = base
        var examiner = Examiner(ledger: self, look: look)
        return examiner.run()
    }
}

extension Finding {
    /// Whether both sides say what they said in another finding about the same field.
    func saysTheSame(as other: Finding) -> Bool {
        path == other.path && workflow == other.workflow && journey == other.journey
    }
}

extension Policy {
    /// Which of its rules has settled something; `nil` where none was needed.
    func ruling(_ settlement: Settlement) -> Receipt.Ruling? {
        settlement.rule.map(ruling(at:))
    }

    /// One of its rules, as a decision names it.
    func ruling(at place: Int) -> Receipt.Ruling {
        Receipt.Ruling(rule: rules[place].rule, place: place, policy: name, version: version)
    }
}
