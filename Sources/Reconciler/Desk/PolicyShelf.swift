import EventModel
import Reconciliation
import Synchronization
import WorkflowDomain

/// The policies that hold, and what the engines can be told.
public struct PolicyShelf: Sendable {
    /// What both sides can be told.
    public let telling: Telling
    private let book: PolicyBook
    private let digests = DigestMemory()

    /// A shelf with these policies.
    public init(_ book: PolicyBook, telling: Telling) {
        self.book = book
        self.telling = telling
    }

    /// The policy for an execution.
    public func policy(workspace: Workspace, workflow: WorkflowID?) -> Policy {
        book.policy(workspace: workspace, workflow: workflow)
    }

    /// Tells a policy of this shelf from every other one that decides otherwise.
    public func digest(of policy: Policy) -> ContentDigest { digests.digest(of: policy) }
}

/// The digests of policies that were asked for, by name and version: a book holds one policy of each.
private final class DigestMemory: Sendable {
    private struct Edition: Hashable {
        let name: String
        let version: Int
    }

    private let known = Mutex<[Edition: ContentDigest]>([:])

    func digest(of policy: Policy) -> ContentDigest {
        let edition = Edition(name: policy.name, version: policy.version)
        if let digest = known.withLock({ $0[edition] }) { return digest }
        let rules = policy.rules.map { rule in
            "\(rule.pattern)\t\(rule.rule.rawValue)\t\(rule.owner?.rawValue ?? "-")\t\(rule.otherwise.rawValue)\n"
        }
        let digest = ContentDigest(of: Array("\(policy.name)\t\(policy.version)\n\(rules.joined())".utf8))
        known.withLock { $0[edition] = digest }
        return digest
    }
}
