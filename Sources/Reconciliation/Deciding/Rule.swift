/// How a conflict is decided. The names are stable: policies are written in them.
public enum Rule: String, Sendable, CaseIterable, Hashable {
    /// The workflow's value stands.
    case workflowWins = "workflow_wins"
    /// The journey's value stands.
    case journeyWins = "journey_wins"
    /// What was said last stands: by place in the log, never by a clock.
    case latest
    /// What was said first stands.
    case first
    /// What is further on stands: an end before being under way, a block that has ended before one at work.
    case furthest
    /// What either has stands: the elements of both arrays, the value that is there before one that is gone.
    case union
    /// The greater number stands.
    case max
    /// The smaller number stands.
    case min
    /// A person decides.
    case manual
    /// Neither stands: both return to what was agreed on last.
    case refuse
}

/// One rule of a policy: the first whose pattern matches decides.
public struct PolicyRule: Sendable, Hashable {
    /// What it is about.
    public let pattern: PathPattern
    /// How it decides about a conflict; what one side alone has changed stands.
    public let rule: Rule
    /// The side whose field it is, if it is one's: its changes stand, and those of the other are taken back. Then the rule has nothing to decide.
    public let owner: Side?
    /// Why, for people.
    public let reason: String?

    /// A rule by its parts.
    public init(_ pattern: PathPattern, _ rule: Rule, owner: Side? = nil, because reason: String? = nil) {
        self.pattern = pattern
        self.rule = rule
        self.owner = owner
        self.reason = reason
    }
}
