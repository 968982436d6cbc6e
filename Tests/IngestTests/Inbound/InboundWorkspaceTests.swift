import EventModel
import EventSourcing
import FoundationEssentials
import Testing

@testable import Ingest

@Suite("Workspaces of inbound messages") struct InboundWorkspaceTests {
    private let acme = Workspace(trusting: "acme")

    @Test func `a message is taken in for the workspace that it names, and for the default one otherwise`() async throws
    {
        let world = try InboundWorld()
        world.topic.write([
            .words(["a"]), .words(["b"], workspace: "acme"), .words(["c"], workspace: "default"),
            .words(["d"], workspace: "acme"),
        ])
        try await world.run([world.consumer()], until: 4)
        #expect(try await world.words() == ["a", "c"])
        #expect(try await world.words(in: acme) == ["b", "d"])
    }

    @Test func `a name is remembered by workspace, and one message for two is two commands`() async throws {
        let world = try InboundWorld()
        world.topic.write([
            .words(["a"], id: "1"), .words(["a"], id: "1", workspace: "acme"),
            .words(["b"], id: "1", workspace: "acme"),
        ])
        try await world.run([world.consumer()], until: 3)
        #expect(try await world.words() == ["a"])
        #expect(try await world.words(in: acme) == ["a"])
        #expect(world.ledger.kept.map(\.message.code) == ["key_reused"])
        #expect(world.ledger.kept.map(\.message.workspace) == [acme])
    }

    @Test(arguments: ["", " ", "a b", "../x", ".x", "ä", String(repeating: "w", count: 65), "x\u{0}"])
    func `a name that no workspace can have is refused with the rule that it breaks`(_ name: String) async throws {
        let world = try InboundWorld()
        world.topic.write([.words(["a"], workspace: name), .words(["b"])])
        try await world.run([world.consumer()], until: 2)
        let kept = try #require(world.ledger.kept.first)
        #expect(kept.message.code == "bad_header" && kept.message.workspace == .default)
        #expect(kept.message.reason.hasPrefix("header ls_workspace: "))
        #expect(try await world.words() == ["b"])
    }

    @Test func `where workspaces are listed, messages for others are refused and belong to none`() async throws {
        let world = try InboundWorld()
        world.topic.write([.words(["a"], workspace: "acme"), .words(["b"], workspace: "evil"), .words(["c"])])
        try await world.run([world.consumer(for: .only([acme]))], until: 3)
        #expect(try await world.words(in: acme) == ["a"])
        #expect(try await world.words() == [], "the default workspace is not listed either")
        #expect(world.ledger.kept.map(\.message.code) == ["unknown_workspace", "unknown_workspace"])
        #expect(
            world.ledger.kept.first?.message.reason
                == "nothing is taken in for workspace evil, which header ls_workspace names")
        #expect(world.ledger.kept.allSatisfy { $0.message.workspace == .default })
    }

    @Test func `desks beyond the limit are forgotten, the ones used last stay`() throws {
        let world = try InboundWorld()
        let made = Made()
        let desks = InboundDesks(remembering: 2) { [log = world.log, ledger = world.ledger] workspace in
            made.add(workspace)
            return InboundDesk(of: NotebookSide(), into: log, workspace: workspace, remembering: ledger)
        }
        for name in ["a", "b", "a", "c", "a", "b"] { _ = desks.desk(of: Workspace(trusting: name)) }
        #expect(made.names == ["a", "b", "c", "b"])
    }
}
