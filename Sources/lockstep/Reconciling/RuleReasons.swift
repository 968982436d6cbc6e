import EventModel
import EventSourcing
import Reconciliation

/// Why the rules of policies are what they are, in the words of their files: of the versions on record, and of those that are only in use.
struct RuleReasons: Sendable {
    private struct Edition: Hashable {
        let name: String
        let version: Int
    }

    private let log: SealedLog
    private let book: PolicyBook
    private var known: [Edition: Policy?] = [:]

    init(_ log: SealedLog, book: PolicyBook) {
        (self.log, self.book) = (log, book)
    }

    /// The `because` of the rule that has ruled; `nil` where it gives none, or where the version is neither on record nor in use, or was written for another
    /// version of this program.
    mutating func reason(of ruling: Receipt.Ruling?) async throws -> String? {
        guard let ruling else { return nil }
        let edition = Edition(name: ruling.policy, version: ruling.version)
        let policy: Policy?
        if let read = known[edition] {
            policy = read
        } else {
            policy = try await recorded(edition) ?? book.policy(named: edition.name, version: edition.version)
            known[edition] = .some(policy)
        }
        // A receipt names its rule: a place that is another rule by now says nothing of it.
        guard let policy, policy.rules.indices.contains(ruling.place), policy.rules[ruling.place].rule == ruling.rule
        else { return nil }
        return policy.rules[ruling.place].reason
    }

    private func recorded(_ edition: Edition) async throws -> Policy? {
        guard let stream = try? StreamName(category: Category(PolicyEvent.category), key: edition.name) else {
            return nil
        }
        var query: StreamQuery? = StreamQuery(workspace: .default, stream)
        while let current = query {
            let page = try await log.read(current)
            for event in page.events where event.type.rawValue == PolicyEvent.Kind.published.rawValue {
                guard case .published(let policy) = try? PolicyEvent(event), policy.version == edition.version
                else { continue }
                return try? Policy(yaml: Array(policy.text.utf8))
            }
            query = current.next(after: page)
        }
        return nil
    }
}

extension Receipt.Ruling {
    /// For people: `manual, rule 2 of policy house 3`.
    var words: String { "\(rule.rawValue), rule \(place) of policy \(policy) \(version)" }
}

extension JSONWriter {
    /// The members of an answer that say which rule it was; all of them `null` where none was asked.
    mutating func members(of ruling: Receipt.Ruling?) {
        member("rule", ruling?.rule.rawValue)
        member("rule_place", ruling?.place)
        member("policy", ruling?.policy)
        member("policy_version", ruling?.version)
    }
}
