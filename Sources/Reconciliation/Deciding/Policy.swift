import EventModel

/// How an organisation wants differences settled: rules as data, tried in order. A conflict that no rule is about waits for a person.
public struct Policy: Sendable, Hashable {
    /// What it is called.
    public let name: String
    /// Its version, counted from 1: every resolution names it.
    public let version: Int
    /// The rules; the first whose pattern matches decides.
    public let rules: [PolicyRule]

    /// A policy by its parts.
    public init(name: String, version: Int, rules: [PolicyRule]) {
        self.name = name
        self.version = version
        self.rules = rules
    }

    /// The rule for a field, and its place among the rules; `nil` where there is none.
    public func rule(for path: FieldPath) -> (place: Int, rule: PolicyRule)? {
        rules.firstIndex { $0.pattern.matches(path) }.map { ($0, rules[$0]) }
    }
}

extension Policy {
    /// Reads a policy from what a YAML or JSON file holds, and tells everything that is wrong with it at once.
    public init(_ document: JSONValue) throws(PolicyFlaws) {
        var flaws: [PolicyFlaw] = []
        let name = document["policy"]?.string ?? ""
        let version = document["version"]?.int ?? 0
        if name.isEmpty { flaws.append(PolicyFlaw("policy", .missing("a name"))) }
        if version < 1 { flaws.append(PolicyFlaw("version", .missing("a whole number from 1"))) }
        for key in document.object?.keys ?? [] where !["policy", "version", "rules", "description"].contains(key) {
            flaws.append(PolicyFlaw(key, .unknownMember))
        }
        var rules: [PolicyRule] = []
        let listed = document["rules"]?.array
        if listed == nil { flaws.append(PolicyFlaw("rules", .missing("a list of rules"))) }
        for (index, item) in (listed ?? []).enumerated() {
            guard let rule = Self.rule(item, at: "rules[\(index)]", &flaws) else { continue }
            if let earlier = rules.firstIndex(where: { $0.pattern.covers(rule.pattern) }) {
                flaws.append(PolicyFlaw("rules[\(index)]", .neverReached(pattern: "\(rules[earlier].pattern)")))
            }
            rules.append(rule)
        }
        guard flaws.isEmpty else { throw PolicyFlaws(all: flaws) }
        self.init(name: name, version: version, rules: rules)
    }

    private static func rule(_ item: JSONValue, at place: String, _ flaws: inout [PolicyFlaw]) -> PolicyRule? {
        for key in item.object?.keys ?? [] where !["path", "rule", "owner", "because"].contains(key) {
            flaws.append(PolicyFlaw("\(place).\(key)", .unknownMember))
        }
        let pattern = pattern(item["path"], at: "\(place).path", &flaws)
        let rule: Rule? = word(item["rule"], at: "\(place).rule", &flaws)
        var owner: Side?
        if let told = item["owner"] { owner = word(told, at: "\(place).owner", &flaws) }
        if let reason = item["because"], reason.string == nil {
            flaws.append(PolicyFlaw("\(place).because", .missing("a text")))
        }
        guard let pattern, let rule else { return nil }
        if !rule.fits(pattern) {
            flaws.append(PolicyFlaw("\(place).rule", .unfit(rule: rule, pattern: "\(pattern)")))
        }
        return PolicyRule(pattern, rule, owner: owner, because: item["because"]?.string)
    }

    private static func pattern(_ value: JSONValue?, at place: String, _ flaws: inout [PolicyFlaw]) -> PathPattern? {
        guard let text = value?.string else {
            flaws.append(PolicyFlaw(place, .missing("a path, such as steps/* or **")))
            return nil
        }
        do throws(PathPatternFlaw) { return try PathPattern(text) } catch {
            flaws.append(PolicyFlaw(place, .pattern(error)))
            return nil
        }
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ value: JSONValue?, at place: String, _ flaws: inout [PolicyFlaw]
    ) -> Word? {
        let allowed = Word.allCases.map(\.rawValue).joined(separator: ", ")
        guard let text = value?.string else {
            flaws.append(PolicyFlaw(place, .missing("one of \(allowed)")))
            return nil
        }
        if let word = Word(rawValue: text) { return word }
        flaws.append(PolicyFlaw(place, .unknownWord(text, allowed: allowed)))
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

/// Everything that is wrong with a policy.
public struct PolicyFlaws: Error, Sendable, Hashable {
    /// In the order of the file.
    public let all: [PolicyFlaw]
}

/// One thing that is wrong with a policy.
public struct PolicyFlaw: Sendable, Hashable {
    /// What is wrong.
    public enum Reason: Sendable, Hashable {
        /// Something has to be there.
        case missing(String)
        /// Nothing of that name is known.
        case unknownMember
        /// A word that is none of those.
        case unknownWord(String, allowed: String)
        /// The path is no pattern.
        case pattern(PathPatternFlaw)
        /// The rule cannot decide about such fields.
        case unfit(rule: Rule, pattern: String)
        /// An earlier rule decides about all of these fields.
        case neverReached(pattern: String)
    }

    /// Where, such as `rules[2].path`.
    public let place: String
    /// What.
    public let reason: Reason

    init(_ place: String, _ reason: Reason) {
        self.place = place
        self.reason = reason
    }
}

extension PolicyFlaw: CustomStringConvertible {
    /// One sentence: where, what, and what would be right.
    public var description: String {
        switch reason {
        case .missing(let wanted): "\(place): \(wanted) is missing"
        case .unknownMember: "\(place): no member of that name is known"
        case .unknownWord(let word, let allowed): "\(place): \"\(word)\" is none of \(allowed)"
        case .pattern(let flaw): "\(place): \(flaw)"
        case .unfit(let rule, let pattern):
            "\(place): \(rule.rawValue) cannot decide about \(pattern): furthest is for status and steps, union, max and min are for data"
        case .neverReached(let pattern):
            "\(place): never reached, because \(pattern) above it decides about the same fields"
        }
    }
}
