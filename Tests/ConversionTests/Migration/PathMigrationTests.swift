import Conversion
import EventModel
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("A live conversation when its workflow is edited") struct PathMigrationTests {
    private static func block(_ id: ElementID, _ type: String = "agent", name: String? = nil, in parent: String? = nil)
        -> Block
    {
        let data = parent.map { JSONObject([.init(key: "parentId", value: .string($0))]) } ?? JSONObject()
        return Block(id: id, type: type, name: name ?? id.text, data: data)
    }

    private static func edge(_ source: ElementID, _ target: ElementID, _ handle: String? = nil) -> Edge {
        Edge(id: ElementID("\(source)-\(target)"), source: source, target: target, sourceHandle: handle)
    }

    private static func side(_ blocks: [Block], _ edges: [Edge]) throws -> PathMigration.Side {
        let conversion = try WorkflowToJourney.convert(
            WorkflowDefinition(blocks: blocks, edges: edges), id: "wf")
        return PathMigration.Side(journey: conversion.journey, mapping: conversion.mapping)
    }

    private static let start = block("s", "start_trigger")
    private static func line(_ ids: ElementID...) throws -> PathMigration.Side {
        try side([start] + ids.map { block($0) }, zip(["s"] + ids, ids).map { edge($0, $1) })
    }

    @Test func `keeps its path by states when a block is inserted before it, though the stored numbers change`() throws
    {
        let migration = PathMigration(from: try Self.line("a", "b", "c"), to: try Self.line("new", "a", "b", "c"))
        #expect(
            migration.migrate(stored: ["2", "3"]) == .carried(path: [.state("wf.a"), .state("wf.b")], isChanged: true))
    }

    @Test func `needs nothing when the edit is behind it`() throws {
        let migration = PathMigration(from: try Self.line("a", "b"), to: try Self.line("a", "b", "c"))
        #expect(migration.migrate(stored: ["2"]) == .carried(path: [.state("wf.a")], isChanged: false))
    }

    @Test func `survives that its block is renamed`() throws {
        let renamed = try Self.side([Self.start, Self.block("a", name: "Another name")], [Self.edge("s", "a")])
        let migration = PathMigration(from: try Self.line("a"), to: renamed)
        #expect(
            migration.migrate(stored: ["1", "2"]) == .carried(path: [.state("wf.s"), .state("wf.a")], isChanged: false))
    }

    @Test func `forgets states of its past that are gone`() throws {
        let migration = PathMigration(from: try Self.line("a", "b", "c"), to: try Self.line("a", "c"))
        #expect(
            migration.migrate(stored: ["2", "3", "4"])
                == .carried(path: [.state("wf.a"), .state("wf.c")], isChanged: true))
    }

    @Test func `is stranded when the state in which it stands is gone`() throws {
        let migration = PathMigration(from: try Self.line("a", "b", "c"), to: try Self.line("a", "c"))
        #expect(migration.migrate(stored: ["2", "3"]) == .stranded(.stateRemoved("wf.b")))
    }

    @Test func `is stranded when its block moved into a container`() throws {
        let moved = try Self.side(
            [Self.start, Self.block("l", "loop"), Self.block("a", in: "l")],
            [Self.edge("s", "l"), Self.edge("l", "a", "loop-start-source")])
        let migration = PathMigration(from: try Self.line("a"), to: moved)
        #expect(migration.migrate(stored: ["2"]) == .stranded(.containerChanged("wf.a")))
    }

    @Test func `is stranded when nothing leads to its state any more`() throws {
        let cut = try Self.side([Self.start, Self.block("a"), Self.block("b")], [Self.edge("s", "a")])
        let migration = PathMigration(from: try Self.line("a", "b"), to: cut)
        #expect(migration.migrate(stored: ["2", "3"]) == .stranded(.unreachable("wf.b")))
    }

    @Test func `is stranded on a branch that its way no longer leads to`() throws {
        func fork(_ targets: [ElementID]) throws -> PathMigration.Side {
            let edges = [Self.edge("s", "a"), Self.edge("s", "b", "error")] + targets.map { Self.edge($0, "x") }
            return try Self.side([Self.start, Self.block("a"), Self.block("b"), Self.block("x")], edges)
        }
        let migration = PathMigration(from: try fork(["a", "b"]), to: try fork(["b"]))
        #expect(
            migration.migrate([.state("wf.a"), .state("wf.x")]) == .stranded(.wayRemoved(from: "wf.a", to: "wf.x")))
        #expect(
            migration.migrate([.state("wf.b"), .state("wf.x")])
                == .carried(path: [.state("wf.b"), .state("wf.x")], isChanged: true))
    }

    @Test func `that has left the journey has left it`() throws {
        let migration = PathMigration(from: try Self.line("a", "b"), to: try Self.line("b"))
        #expect(migration.migrate(stored: [nil]) == .carried(path: [.left], isChanged: false))
        #expect(migration.migrate(stored: ["2", nil]) == .carried(path: [.left], isChanged: true))
    }

    @Test func `with a path that says nothing is stranded`() throws {
        let migration = PathMigration(from: try Self.line("a"), to: try Self.line("a"))
        #expect(migration.migrate(stored: []) == .stranded(.emptyPath))
        #expect(migration.migrate(stored: ["99"]) == .stranded(.unknownState("99")))
        #expect(migration.migrate(stored: ["-1"]) == .stranded(.unknownState("-1")))
        #expect(migration.migrate([.state("nowhere")]) == .stranded(.unknownState("nowhere")))
    }

    @Test func `is unchanged by no edit, wherever it stands`() throws {
        for seed in 0..<200 as Range<UInt64> {
            let conversion = try WorkflowToJourney.convert(RandomFlow.workflow(seed: seed, .wild), id: "wf")
            let side = PathMigration.Side(journey: conversion.journey, mapping: conversion.mapping)
            let migration = PathMigration(from: side, to: side)
            for index in JourneyPathIndex(conversion.journey).states.indices {
                let stored = [String(index + 1)]
                guard case .carried(_, false) = migration.migrate(stored: stored) else {
                    Issue.record("seed \(seed), index \(index + 1)")
                    continue
                }
            }
        }
    }

    @Test func `would silently stand elsewhere if nobody migrated it`() throws {
        let shift = IndexShift(
            from: try Self.line("a", "b").journey, to: try Self.line("new", "a", "b").journey)
        #expect(shift.changes.map(\.index) == [2, 3, 4, 5])
        #expect(shift.changes.first?.before == "wf.a" && shift.changes.first?.after == "wf.new")
        #expect(shift.changes.last?.before == nil && shift.changes.last?.after == JourneyState.end)
        #expect(IndexShift(from: try Self.line("a").journey, to: try Self.line("a").journey).changes.isEmpty)
    }
}
