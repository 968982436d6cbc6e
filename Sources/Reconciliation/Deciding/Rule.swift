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
    /// What is further on stands: an end before being under way, a block that has ended before one at work. How far the whole walk through the graph
    /// has come is no field. Blocks are compared one by one, and where the sides stand at different blocks, each is ahead at its own.
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

/// What becomes of a difference when a side cannot be told what is to stand. The names are stable: policies are written in them.
public enum Otherwise: String, Sendable, CaseIterable, Hashable {
    /// A person decides.
    case manual
    /// Both may go on saying what they say, on record, for as long as they do.
    case accept
}

/// One rule of a policy: the first whose pattern matches decides.
public struct PolicyRule: Sendable, Hashable {
    /// What it is about.
    public let pattern: PathPattern
    /// How it decides about a conflict. What one side alone has changed stands, unless the other side cannot be told of it. Then the rule decides as
    /// if both had changed it.
    public let rule: Rule
    /// The side whose field it is, if it is one's: its changes stand, and those of the other are taken back. Then the rule has nothing to decide.
    public let owner: Side?
    /// What becomes of it when a side cannot be told what is to stand.
    public let otherwise: Otherwise
    /// Why, for people.
    public let reason: String?

    /// A rule by its parts.
    public init(
        _ pattern: PathPattern, _ rule: Rule, owner: Side? = nil, otherwise: Otherwise = .manual,
        because reason: String? = nil
    ) {
        self.pattern = pattern
        self.rule = rule
        self.owner = owner
        self.otherwise = otherwise
        self.reason = reason
    }
}
