import EventModel
import WorkflowDomain

/// What is to be said of a policy's document before it is in force: everything that is wrong with it, and which of its rules the engines can never,
/// or not always, carry out.
public struct PolicyCheck: Sendable {
    /// The policy; `nil` when the document cannot be read as one.
    public let policy: Policy?
    /// What is wrong, in the order of the file: with any of these it is refused.
    public let flaws: [PolicyFlaw]
    /// What is worth knowing, in the order of the file.
    public let warnings: [PolicyWarning]

    /// Checks the text of a YAML or JSON file.
    ///
    /// - Parameter telling: what the two engines can be told.
    public init(yaml bytes: [UInt8], telling: Telling = .engines) {
        let text = PolicyText(bytes)
        self.init(text.policy, text.rules, text.flaws, telling, text.lines)
    }

    /// Checks a policy.
    public init(_ policy: Policy, telling: Telling = .engines) {
        self.init(policy, policy.rules.enumerated().map { ($0, $1) }, [], telling, [:])
    }

    private init(
        _ policy: Policy?, _ rules: [(place: Int, rule: PolicyRule)], _ known: [PolicyFlaw], _ telling: Telling,
        _ lines: [String: Int]
    ) {
        var (flaws, warnings): ([PolicyFlaw], [PolicyWarning]) = (known, [])
        for (index, rule) in rules {
            let place = "rules[\(index)]"
            switch Performance(of: rule, telling) {
            case .always: break
            case .never(let side, let because):
                let name = rule.owner.map { "owner: \($0.rawValue)" } ?? rule.rule.rawValue
                flaws.append(
                    PolicyFlaw(place, .neverTold(rule: name, side: side, because: because)).onLine(in: lines))
            case .partly(let limits):
                warnings.append(
                    PolicyWarning(place, .partly(limits, otherwise: rule.otherwise), line: lines[place]))
            case .idle(let teller):
                warnings.append(PolicyWarning(place, .idle(rule.pattern, teller: teller), line: lines[place]))
            }
        }
        (self.policy, self.flaws, self.warnings) = (policy, flaws.byLine, warnings)
    }
}

/// Something that is worth knowing of a policy, and does not keep it from being in force.
public struct PolicyWarning: Sendable, Hashable {
    /// What it is.
    public enum Reason: Sendable, Hashable {
        /// What is to stand can be told at times only.
        case partly([Limit], otherwise: Otherwise)
        /// Only one side has words for such fields, so that there is never anything to decide.
        case idle(PathPattern, teller: Side)
    }

    /// What a side can be told of the fields of a rule.
    public struct Limit: Sendable, Hashable {
        /// The side.
        public let side: Side
        /// What is declared.
        public let declaration: Capabilities.Declaration
    }

    /// Where, such as `rules[2]`.
    public let place: String
    /// What.
    public let reason: Reason
    /// The line in the file, from 1; `nil` where it was not read from one.
    public let line: Int?

    init(_ place: String, _ reason: Reason, line: Int?) {
        self.place = place
        self.reason = reason
        self.line = line
    }
}

extension PolicyWarning: CustomStringConvertible {
    /// Where and what.
    public var description: String { "\(place): \(message)" }

    /// What.
    public var message: String {
        switch reason {
        case .partly(let limits, let otherwise):
            "carried out at times: "
                + Side.allCases.compactMap { side in Self.sentence(side, limits.filter { $0.side == side }) }
                .joined(separator: "; ")
                + (otherwise == .manual ? "; else a person decides" : "; else the sides may differ")
        case .idle(let pattern, let teller):
            "nothing to decide: only the \(teller.rawValue) has words for \(pattern)"
        }
    }
}

extension PolicyWarning {
    /// `the workflow can be told of steps/* completed while it is waiting, but never of variables/*/**`.
    private static func sentence(_ side: Side, _ limits: [Limit]) -> String? {
        let told = limits.filter { $0.declaration.isEverTold }.map { "\($0.declaration)" }
        let untold = limits.filter { !$0.declaration.isEverTold }.map { "\($0.declaration.pattern)" }
        let never = "never of " + untold.joined(separator: " or ")
        switch (told.isEmpty, untold.isEmpty) {
        case (true, true): return nil
        case (false, true): return "the \(side.rawValue) can be told of " + told.joined(separator: " and of ")
        case (true, false): return "the \(side.rawValue) can be told " + never
        case (false, false):
            return "the \(side.rawValue) can be told of " + told.joined(separator: " and of ") + ", but " + never
        }
    }
}

/// How far a rule can be carried out.
private enum Performance {
    case always
    case partly([PolicyWarning.Limit])
    case never(Side, because: [String])
    case idle(teller: Side)

    init(of rule: PolicyRule, _ telling: Telling) {
        let roots = FieldPath.Root.allCases.filter { rule.pattern.within($0) != nil }
        let shared = roots.filter { Vocabulary.conversation.tells($0) && Vocabulary.everything.tells($0) }
        guard !shared.isEmpty else {
            self = .idle(teller: roots.contains(where: Vocabulary.conversation.tells) ? .journey : .workflow)
            return
        }
        let patterns = shared.compactMap(rule.pattern.within)
        func limits(_ side: Side) -> [PolicyWarning.Limit] {
            telling[side].about(patterns).map { PolicyWarning.Limit(side: side, declaration: $0) }
        }
        let told = rule.told.map(limits)
        let isEverNeeded = rule.needsAll ? told.allSatisfy(\.isEverTold) : told.contains(where: \.isEverTold)
        if !told.isEmpty, !isEverNeeded, let side = told.first(where: { !$0.isEverTold })?.first?.side {
            let reasons = told.joined().filter { $0.side == side }.map(\.declaration.because)
            self = .never(side, because: reasons)
        } else {
            let restricted = told.joined().filter { !$0.declaration.isAlwaysTold }
            self = restricted.isEmpty ? .always : .partly(Array(restricted))
        }
    }
}

extension PolicyRule {
    /// The sides that have to be told when the rule decides.
    fileprivate var told: [Side] {
        if let owner { return [owner.other] }
        return switch rule {
        case .workflowWins: [.journey]
        case .journeyWins: [.workflow]
        case .latest, .first, .furthest, .max, .min, .union, .refuse: [.workflow, .journey]
        case .manual: []
        }
    }

    /// Whether all of them have to be, each time: nobody's value is the other's.
    fileprivate var needsAll: Bool { owner == nil && rule == .refuse }
}

extension [PolicyWarning.Limit] {
    fileprivate var isEverTold: Bool { contains { $0.declaration.isEverTold } }
}

extension Capabilities {
    /// The declarations that count for some field of these patterns, with one for what nothing is declared about.
    fileprivate func about(_ patterns: [PathPattern]) -> [Declaration] {
        patterns.flatMap { pattern in
            let overlapping = declarations.filter { $0.pattern.overlaps(pattern) }
            guard let end = overlapping.firstIndex(where: { $0.pattern.covers(pattern) }) else {
                return overlapping + [Declaration(pattern, .readOnly, because: "nothing is declared about it")]
            }
            return Array(overlapping[...end])
        }
    }
}

extension Capabilities.Declaration {
    fileprivate var isEverTold: Bool {
        switch settability {
        case .settable: words?.isEmpty != true
        case .settableWhen(let statuses): !statuses.isEmpty && words?.isEmpty != true
        case .readOnly: false
        }
    }

    fileprivate var isAlwaysTold: Bool { settability == .settable && words == nil && !isOnlyWhereItWaits }
}
