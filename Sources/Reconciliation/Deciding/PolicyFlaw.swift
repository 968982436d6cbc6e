/// Everything that is wrong with a policy.
public struct PolicyFlaws: Error, Sendable, Hashable {
    /// In the order of the file.
    public let all: [PolicyFlaw]
}

/// One thing that is wrong with a policy.
public struct PolicyFlaw: Sendable, Hashable {
    /// What is wrong.
    public enum Reason: Sendable, Hashable {
        /// The text is no YAML.
        case malformed(String)
        /// Something has to be there, and of that kind.
        case missing(String)
        /// Nothing of that name is known.
        case unknownMember
        /// A word that is none of those.
        case unknownWord(String, allowed: String)
        /// There is more of it than may be.
        case tooLarge(Int, limit: Int, of: String)
        /// The path is no pattern.
        case pattern(PathPatternFlaw)
        /// The rule cannot decide about such fields.
        case unfit(rule: Rule, pattern: String)
        /// An earlier rule decides about all of these fields.
        case neverReached(pattern: String)
        /// What is to stand can never be told to a side, whatever happens.
        case neverTold(rule: String, side: Side, because: [String])
    }

    /// Where, such as `rules[2].path`; empty for the document.
    public let place: String
    /// What.
    public let reason: Reason
    /// The line in the file, from 1; `nil` where it was not read from one.
    public internal(set) var line: Int?

    init(_ place: String, _ reason: Reason, line: Int? = nil) {
        self.place = place
        self.reason = reason
        self.line = line
    }
}

extension PolicyFlaw: CustomStringConvertible {
    /// One sentence: where, what, and what would be right.
    public var description: String { place.isEmpty ? message : "\(place): \(message)" }

    /// What, and what would be right.
    public var message: String {
        switch reason {
        case .malformed(let message): message
        case .missing(let wanted): "\(wanted) is missing"
        case .unknownMember: "no member of that name is known"
        case .unknownWord(let word, let allowed): "\"\(word)\" is none of \(allowed)"
        case .tooLarge(let size, let limit, let unit): "\(size) \(unit), the limit is \(limit)"
        case .pattern(let flaw): "\(flaw)"
        case .unfit(let rule, let pattern):
            "\(rule.rawValue) cannot decide about \(pattern): furthest is for status and steps, union, max and min are for data"
        case .neverReached(let pattern): "never reached, because \(pattern) above it decides about the same fields"
        case .neverTold(let rule, let side, let because):
            "\(rule) can never be carried out: the \(side.rawValue) cannot be told (\(because.joined(separator: "; "))); "
                + "write manual, or let the other side own it"
        }
    }
}
