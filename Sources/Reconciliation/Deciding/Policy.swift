import EventModel

/// How an organisation wants differences settled: rules as data, tried in order. A conflict that no rule is about waits for a person.
public struct Policy: Sendable, Hashable {
    /// What it is called.
    public let name: String
    /// Its version, counted from 1: every resolution names it.
    public let version: Int
    /// The executions that it is for.
    public let scope: PolicyScope
    /// The rules; the first whose pattern matches decides.
    public let rules: [PolicyRule]

    /// A policy by its parts.
    public init(name: String, version: Int, scope: PolicyScope = PolicyScope(), rules: [PolicyRule]) {
        self.name = name
        self.version = version
        self.scope = scope
        self.rules = rules
    }

    /// The rule for a field, and its place among the rules; `nil` where there is none.
    public func rule(for path: FieldPath) -> (place: Int, rule: PolicyRule)? {
        place(of: path).map { ($0, rules[$0]) }
    }

    /// The place of the rule for a field.
    func place(of path: FieldPath) -> Int? {
        for place in rules.indices where rules[place].pattern.matches(path) { return place }
        return nil
    }
}

extension Rule {
    /// Whether the rule can decide about everything that a pattern means: order and numbers are not in every field.
    func fits(_ pattern: PathPattern) -> Bool {
        let hasWords = pattern.root.map { $0 == .status || $0 == .steps } ?? true
        let hasData = pattern.root.map { $0 != .status && $0 != .steps } ?? true
        return switch self {
        case .workflowWins, .journeyWins, .latest, .first, .manual, .refuse: true
        case .furthest: hasWords && pattern.root != nil
        case .union, .max, .min: hasData && pattern.root != nil
        }
    }
}
