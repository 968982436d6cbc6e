import EventModel
import WorkflowDomain

extension Policy {
    /// Reads a policy from the text of a YAML or JSON file, and tells everything that is wrong with it at once, with lines.
    public init(yaml bytes: [UInt8]) throws(PolicyFlaws) {
        let text = PolicyText(bytes)
        guard let policy = text.policy else { throw PolicyFlaws(all: text.flaws) }
        self = policy
    }

    /// Reads a policy from what a YAML or JSON file holds, and tells everything that is wrong with it at once.
    public init(_ document: JSONValue) throws(PolicyFlaws) {
        var reading = PolicyReading(document)
        let policy = reading.policy()
        guard let policy, reading.flaws.isEmpty else { throw PolicyFlaws(all: reading.flaws) }
        self = policy
    }
}

/// The text of a policy, as far as it is understood.
struct PolicyText {
    /// The policy; `nil` when anything is wrong with it.
    let policy: Policy?
    /// The rules with nothing wrong, each with its place in the list.
    let rules: [(place: Int, rule: PolicyRule)]
    /// What is wrong, by lines.
    let flaws: [PolicyFlaw]
    /// The line of each place.
    let lines: [String: Int]
    /// SHA-256 of what the document says, in canonical form; `nil` when it is no YAML.
    let digest: ContentDigest?

    init(_ bytes: [UInt8]) {
        var lines: [String: Int] = [:]
        do throws(YAMLFlaw) {
            let document = try YAMLText.value(of: bytes, limits: PolicyLimits.yaml) { place, line in
                if lines[place] == nil { lines[place] = line }
            }
            var reading = PolicyReading(document)
            let policy = reading.policy()
            self.policy = reading.flaws.isEmpty ? policy : nil
            rules = reading.sound
            flaws = reading.flaws.map { $0.onLine(in: lines) }.byLine
            digest = ContentDigest(of: document.canonicalBytes())
        } catch {
            (policy, rules, flaws, digest) = (nil, [], [PolicyFlaw(error)], nil)
        }
        self.lines = lines
    }
}

extension [PolicyFlaw] {
    /// In the order of the file.
    var byLine: [PolicyFlaw] { sorted { ($0.line ?? 0) < ($1.line ?? 0) } }
}

extension PolicyFlaw {
    fileprivate init(_ flaw: YAMLFlaw) {
        switch flaw {
        case .empty: self.init("", .missing("a policy"))
        case .tooLarge(let bytes, let limit): self.init("", .tooLarge(bytes, limit: limit, of: "bytes"))
        case .malformed(let line, _, let message):
            self.init("", .malformed("this is not YAML: \(message)"), line: line > 0 ? line : nil)
        }
    }

    /// With the line of its place; of what is missing, the line of what it is missing in.
    func onLine(in lines: [String: Int]) -> PolicyFlaw {
        var flaw = self
        var place = place[...]
        while flaw.line == nil, !place.isEmpty {
            flaw.line = lines[String(place)]
            place = place.lastIndex { $0 == "." || $0 == "[" }.map { place[..<$0] } ?? ""
        }
        return flaw
    }
}

/// Goes through a document and gathers what is wrong with it.
private struct PolicyReading {
    private let document: JSONValue
    private(set) var flaws: [PolicyFlaw] = []
    /// The rules that nothing is wrong with, and their places.
    private(set) var sound: [(place: Int, rule: PolicyRule)] = []

    init(_ document: JSONValue) { self.document = document }

    mutating func policy() -> Policy? {
        let name = name()
        let version = version()
        for key in document.object?.keys ?? []
        where !["policy", "version", "workspace", "workflow", "rules", "description"].contains(key) {
            flaws.append(PolicyFlaw(key, .unknownMember))
        }
        text(document["description"], at: "description")
        let scope = PolicyScope(workspace: workspace(), workflow: workflow())
        let rules = rules()
        return name.map { Policy(name: $0, version: version, scope: scope, rules: rules) }
    }

    private mutating func name() -> String? {
        let wanted = "a name of 1 to \(PolicyLimits.name) letters, digits, \"-\", \"_\" and \".\" (ASCII)"
        guard let name = document["policy"]?.string, (1...PolicyLimits.name).contains(name.utf8.count),
            name.utf8.allSatisfy({
                ($0 | 0x20) &- UInt8(ascii: "a") < 26 || $0 &- UInt8(ascii: "0") < 10
                    || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0)
            })
        else {
            flaws.append(PolicyFlaw("policy", .missing(wanted)))
            return nil
        }
        return name
    }

    private mutating func version() -> Int {
        let version = document["version"]?.int ?? 0
        if !(1...PolicyLimits.version).contains(version) {
            flaws.append(PolicyFlaw("version", .missing("a whole number from 1 to \(PolicyLimits.version)")))
        }
        return version
    }

    private mutating func workspace() -> Workspace? {
        guard let value = document["workspace"] else { return nil }
        do throws(NameFlaw) { return try Workspace(value.string ?? "") } catch {
            flaws.append(PolicyFlaw("workspace", .missing("the name of a workspace (\(error))")))
            return nil
        }
    }

    private mutating func workflow() -> WorkflowID? {
        guard let value = document["workflow"] else { return nil }
        let id = value.string.flatMap(WorkflowID.init)
        if id == nil { flaws.append(PolicyFlaw("workflow", .missing("the id of a workflow, \(WorkflowID.allowed),"))) }
        return id
    }

    private mutating func rules() -> [PolicyRule] {
        guard let listed = document["rules"]?.array else {
            flaws.append(PolicyFlaw("rules", .missing("a list of rules")))
            return []
        }
        guard listed.count <= PolicyLimits.rules else {
            flaws.append(PolicyFlaw("rules", .tooLarge(listed.count, limit: PolicyLimits.rules, of: "rules")))
            return []
        }
        var rules: [PolicyRule] = []
        for (index, item) in listed.enumerated() {
            let known = flaws.count
            guard let rule = rule(item, at: "rules[\(index)]") else { continue }
            if let earlier = rules.first(where: { $0.pattern.covers(rule.pattern) }) {
                flaws.append(PolicyFlaw("rules[\(index)]", .neverReached(pattern: "\(earlier.pattern)")))
            }
            rules.append(rule)
            if flaws.count == known { sound.append((index, rule)) }
        }
        return rules
    }

    private mutating func rule(_ item: JSONValue, at place: String) -> PolicyRule? {
        for key in item.object?.keys ?? [] where !["path", "rule", "owner", "otherwise", "because"].contains(key) {
            flaws.append(PolicyFlaw("\(place).\(key)", .unknownMember))
        }
        let pattern = pattern(item["path"], at: "\(place).path")
        let rule: Rule? = word(item["rule"], at: "\(place).rule")
        var (owner, otherwise): (Side?, Otherwise?) = (nil, nil)
        if let told = item["owner"] { owner = word(told, at: "\(place).owner") }
        if let told = item["otherwise"] { otherwise = word(told, at: "\(place).otherwise") }
        text(item["because"], at: "\(place).because")
        guard let pattern, let rule else { return nil }
        if !rule.fits(pattern) {
            flaws.append(PolicyFlaw("\(place).rule", .unfit(rule: rule, pattern: "\(pattern)")))
        }
        return PolicyRule(
            pattern, rule, owner: owner, otherwise: otherwise ?? .manual, because: item["because"]?.string)
    }

    private mutating func pattern(_ value: JSONValue?, at place: String) -> PathPattern? {
        guard let text = value?.string else {
            flaws.append(PolicyFlaw(place, .missing("a path, such as steps/* or **")))
            return nil
        }
        guard isShort(text, PolicyLimits.path, at: place) else { return nil }
        do throws(PathPatternFlaw) { return try PathPattern(text) } catch {
            flaws.append(PolicyFlaw(place, .pattern(error)))
            return nil
        }
    }

    private mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ value: JSONValue?, at place: String
    ) -> Word? {
        let allowed = Word.allCases.map(\.rawValue).joined(separator: ", ")
        guard let text = value?.string else {
            flaws.append(PolicyFlaw(place, .missing("one of \(allowed)")))
            return nil
        }
        if let word = Word(rawValue: text) { return word }
        flaws.append(PolicyFlaw(place, .unknownWord(String(text.prefix(80)), allowed: allowed)))
        return nil
    }

    private mutating func text(_ value: JSONValue?, at place: String) {
        guard let value else { return }
        guard let text = value.string else { return flaws.append(PolicyFlaw(place, .missing("a text"))) }
        _ = isShort(text, PolicyLimits.text, at: place)
    }

    private mutating func isShort(_ text: String, _ limit: Int, at place: String) -> Bool {
        let count = text.unicodeScalars.count
        if count > limit { flaws.append(PolicyFlaw(place, .tooLarge(count, limit: limit, of: "characters"))) }
        return count <= limit
    }
}
