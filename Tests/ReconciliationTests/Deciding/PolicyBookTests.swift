import EventModel
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `A book of policies` {
    private static let fallback = Policy(name: "default", version: 2, rules: [PolicyRule(.everything, .manual)])

    private func policy(
        _ name: String, _ version: Int = 1, workspace: String? = nil, workflow: String? = nil, _ rule: Rule = .manual
    ) throws -> Policy {
        Policy(
            name: name, version: version,
            scope: PolicyScope(
                workspace: try workspace.map { try Workspace($0) }, workflow: workflow.flatMap(WorkflowID.init)),
            rules: [PolicyRule(.everything, rule)])
    }

    private func chosen(_ policies: [Policy], _ workspace: String, _ workflow: String?) throws -> String {
        let book = try PolicyBook(policies, fallback: Self.fallback)
        let chosen = book.policy(workspace: try Workspace(workspace), workflow: workflow.flatMap(WorkflowID.init))
        return "\(chosen.name) \(chosen.version)"
    }

    @Test func `chooses the most specific policy: workflow and workspace, workflow, workspace, any, the fallback`()
        throws
    {
        let policies = [
            try policy("both", workspace: "shop", workflow: "refund"), try policy("flow", workflow: "refund"),
            try policy("space", workspace: "shop"), try policy("house"),
        ]
        #expect(try chosen(policies, "shop", "refund") == "both 1")
        #expect(try chosen(policies, "other", "refund") == "flow 1")
        #expect(try chosen(policies, "shop", "order") == "space 1")
        #expect(try chosen(policies, "shop", nil) == "space 1")
        #expect(try chosen(policies, "other", "order") == "house 1")
        #expect(try chosen([], "other", "order") == "default 2")
    }

    @Test func `puts the highest version of each in force, and remembers the others`() throws {
        let policies = [
            try policy("flow", 3, workflow: "order"), try policy("flow", 1, workflow: "refund"),
            try policy("flow", 2, workflow: "refund"),
        ]
        #expect(try chosen(policies, "shop", "order") == "flow 3")
        #expect(try chosen(policies, "shop", "refund") == "default 2", "an earlier version is not in force anywhere")
        let book = try PolicyBook(policies, fallback: Self.fallback)
        #expect(book.policy(named: "flow", version: 1)?.scope.workflow?.text == "refund")
        #expect(book.policy(named: "default", version: 2) == Self.fallback)
        #expect(book.policy(named: "flow", version: 4) == nil)
        #expect(try chosen([policy("default", 1, .latest)], "a", nil) == "default 2")
        #expect(try chosen([policy("default", 3, .latest)], "a", nil) == "default 3")
    }

    @Test func `refuses what would leave it to chance, all at once, and takes the same document twice`() throws {
        let policies = [
            try policy("a", workspace: "shop"), try policy("b", workspace: "shop"), try policy("c", 2, .latest),
            try policy("c", 2, .manual), try policy("d", workflow: "w"), try policy("d", workflow: "w"),
        ]
        #expect(
            throws: PolicyBookFlaws(all: [
                .differing(name: "c", version: 2),
                .sameScope(PolicyScope(workspace: try Workspace("shop")), names: ["a", "b"]),
            ])
        ) { try PolicyBook(policies, fallback: Self.fallback) }
        #expect(throws: PolicyBookFlaws(all: [.differing(name: "default", version: 2)])) {
            try PolicyBook([policy("default", 2, .latest)], fallback: Self.fallback)
        }
        #expect(
            PolicyBookFlaw.sameScope(PolicyScope(), names: ["a", "b"]).description
                == "\"a\" and \"b\" are both for everything: leave one, or give them one name")
    }
}
