import EventModel
import WorkflowDomain

/// The executions that a policy is for: those of a workspace, of a workflow, of both, or all.
public struct PolicyScope: Sendable, Hashable {
    /// The workspace; `nil` for any.
    public let workspace: Workspace?
    /// The workflow; `nil` for any.
    public let workflow: WorkflowID?

    /// A scope by its parts.
    public init(workspace: Workspace? = nil, workflow: WorkflowID? = nil) {
        self.workspace = workspace
        self.workflow = workflow
    }

    /// Whether it holds for the executions of a workflow.
    ///
    /// - Parameter workflow: `nil` while nobody has said which.
    public func holds(for workspace: Workspace, _ workflow: WorkflowID?) -> Bool {
        (self.workspace ?? workspace) == workspace && (self.workflow == nil || self.workflow == workflow)
    }
}

extension PolicyScope: CustomStringConvertible {
    /// For people: `workflow refund in workspace shop`.
    public var description: String {
        switch (workspace, workflow) {
        case (nil, nil): "everything"
        case (let workspace?, nil): "workspace \(workspace)"
        case (nil, let workflow?): "workflow \(workflow)"
        case (let workspace?, let workflow?): "workflow \(workflow) in workspace \(workspace)"
        }
    }
}

/// The policies of an organisation, every version of them: which one is for an execution, and what an earlier version said.
public struct PolicyBook: Sendable {
    private struct Edition: Hashable {
        let name: String
        let version: Int
    }

    private let editions: [Edition: Policy]
    private let inForce: [PolicyScope: Policy]
    private let fallback: Policy

    /// Of every policy the highest version is in force, for the executions of its scope.
    ///
    /// - Parameter fallback: what is in force where none of the others is.
    /// - Throws: ``PolicyBookFlaws``, all at once, when it would depend on chance which policy counts.
    public init(_ policies: [Policy], fallback: Policy) throws(PolicyBookFlaws) {
        var flaws: [PolicyBookFlaw] = []
        var editions: [Edition: Policy] = [:]
        for policy in policies + [fallback] {
            let edition = Edition(name: policy.name, version: policy.version)
            if let known = editions[edition], known != policy {
                flaws.append(.differing(name: policy.name, version: policy.version))
            }
            editions[edition] = policy
        }
        var highest = [fallback.name: fallback]
        for policy in policies where highest[policy.name].map({ $0.version < policy.version }) ?? true {
            highest[policy.name] = policy
        }
        var inForce: [PolicyScope: Policy] = [:]
        for policy in highest.values.sorted(by: { $0.name < $1.name }) where policy != fallback {
            if let other = inForce[policy.scope] {
                flaws.append(.sameScope(policy.scope, names: [other.name, policy.name]))
            }
            inForce[policy.scope] = policy
        }
        guard flaws.isEmpty else { throw PolicyBookFlaws(all: flaws) }
        (self.editions, self.inForce, self.fallback) = (editions, inForce, fallback)
    }

    /// One policy, for everything.
    public init(only policy: Policy) {
        self.editions = [Edition(name: policy.name, version: policy.version): policy]
        (self.inForce, self.fallback) = ([:], policy)
    }

    /// The policy for the executions of a workflow: the most specific one that is in force.
    public func policy(workspace: Workspace, workflow: WorkflowID?) -> Policy {
        let scopes = [
            PolicyScope(workspace: workspace, workflow: workflow), PolicyScope(workflow: workflow),
            PolicyScope(workspace: workspace), PolicyScope(),
        ]
        return scopes.lazy.compactMap { inForce[$0] }.first ?? fallback
    }

    /// What a version of a policy said, in force or not; `nil` when it is not in the book.
    public func policy(named name: String, version: Int) -> Policy? {
        editions[Edition(name: name, version: version)]
    }
}

/// Why policies cannot be in force together.
public struct PolicyBookFlaws: Error, Sendable, Hashable {
    /// All of them.
    public let all: [PolicyBookFlaw]
}

/// One reason why policies cannot be in force together.
public enum PolicyBookFlaw: Sendable, Hashable {
    /// Two documents of one name and version say different things.
    case differing(name: String, version: Int)
    /// Several policies are for the same executions.
    case sameScope(PolicyScope, names: [String])
}

extension PolicyBookFlaw {
    /// The policies that it is about.
    public var names: [String] {
        switch self {
        case .differing(let name, _): [name]
        case .sameScope(_, let names): names
        }
    }
}

extension PolicyBookFlaw: CustomStringConvertible {
    /// One sentence: what is wrong, and what to do.
    public var description: String {
        switch self {
        case .differing(let name, let version):
            "there are two different documents of version \(version) of \"\(name)\": a version is never edited; give the newer one version \(version + 1)"
        case .sameScope(let scope, let names):
            "\(names.map { "\"\($0)\"" }.joined(separator: " and ")) are both for \(scope): leave one, or give them one name"
        }
    }
}
