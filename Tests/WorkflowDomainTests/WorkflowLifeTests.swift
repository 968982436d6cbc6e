import EventModel
import Testing
import WorkflowDomain

@Suite("The life of a workflow") struct WorkflowLifeTests {
    private let file = WorkflowEditingTests.chain

    @Test func `nothing can be done with a workflow that was never imported`() {
        for command in [
            .rename("x"), .edit(.removeBlocks(["a"])), .replaceState(WorkflowDefinition(blocks: [], edges: [])),
            .publish(label: nil), .unpublish, .archive, .restore,
        ] as [WorkflowDecider.Command] {
            #expect(throws: WorkflowDecider.Rejection.notImported) { try WorkflowDecider.decide(command, .notImported) }
        }
    }

    @Test func `a name is changed once and can be changed back`() throws {
        var history = try WorkflowHistory(file)
        try history.apply(.rename("Refund"))
        try history.apply(.rename("Refunds"))
        #expect(history.definition.name == "Refunds" && history.current?.revision == 3)
        #expect(history.events.map(\.eventType) == [.imported, .renamed, .renamed])
        for name in ["", String(repeating: "n", count: WorkflowLimits.nameBytes + 1)] {
            let rejection = WorkflowDecider.Rejection.illegalName(
                bytes: name.utf8.count, limit: WorkflowLimits.nameBytes)
            #expect(throws: rejection) { try WorkflowDecider.decide(.rename(name), history.state) }
        }
    }

    @Test func `a revision is published under a label, another label is another publication`() throws {
        var history = try WorkflowHistory(file)
        try history.apply(.publish(label: "first"))
        #expect(history.current?.publication?.revision == 1 && history.current?.publication?.label == "first")
        try history.apply(.rename("Refund"))
        #expect(history.current?.publication?.digest != history.current?.digest)
        try history.apply(.publish(label: "first"))
        try history.apply(.publish(label: nil))
        try history.apply(.unpublish)
        #expect(history.current?.publication == nil)
        #expect(
            history.events.map(\.eventType) == [.imported, .published, .renamed, .published, .published, .unpublished])
        let long = String(repeating: "l", count: WorkflowLimits.labelBytes + 1)
        let rejection = WorkflowDecider.Rejection.illegalLabel(bytes: long.utf8.count, limit: WorkflowLimits.labelBytes)
        #expect(throws: rejection) { try WorkflowDecider.decide(.publish(label: long), history.state) }
    }

    @Test func `an archived workflow refuses every change until it is restored`() throws {
        var history = try WorkflowHistory(file)
        try history.apply(.archive)
        let other = try read(WorkflowEditingTests.nested)
        for command in [
            .rename("x"), .edit(.removeBlocks(["a"])), .replaceState(other.definition), .publish(label: nil),
            other.command,
        ] as [WorkflowDecider.Command] {
            #expect(throws: WorkflowDecider.Rejection.archived) {
                try WorkflowDecider.decide(command, history.state)
            }
        }
        // What has taken effect before is no change.
        #expect(try WorkflowDecider.decide(try read(file).command, history.state).isEmpty)
        #expect(try WorkflowDecider.decide(.edit(.removeBlocks(["gone"])), history.state).isEmpty)
        try history.apply(.restore)
        try history.apply(other.command)
        #expect(history.events.map(\.eventType) == [.imported, .archived, .restored, .revised])
    }

    @Test func `a state that says the same replaces nothing`() throws {
        var history = try WorkflowHistory(file)
        try history.apply(.replaceState(try read(file).definition))
        #expect(history.events.count == 1)
        try history.apply(.replaceState(try read(WorkflowEditingTests.nested).definition))
        guard case .replaced(let event)? = history.events.last else {
            Issue.record("nothing replaced")
            return
        }
        #expect(event.previousDigest == history.events[0].digest && event.changes.blocks.removed == ["a", "b", "c"])
    }

    @Test func `a difference is told in people's words`() throws {
        let old = try read(file).definition
        var history = try WorkflowHistory(file)
        try history.edit(.removeBlocks(["b"]))
        try history.edit(.renameBlock("a", name: "Refund"))
        try history.edit(.addBlocks(WorkflowPart(blocks: [Block(id: "d", type: "api", name: "Pay")])))
        try history.edit(.addEdges([Edge(id: "ad", source: "a", target: "d")]))
        try history.edit(.setVariable(Variable(id: "v", name: "limit", type: "number", value: 5)))
        try history.apply(.rename("Other"))
        let difference = WorkflowDifference(from: old, to: history.definition)
        #expect(
            difference.lines(from: old, to: history.definition) == [
                "block «Pay» added", "block «b» removed", "block «Refund» changed", "edge «Refund → Pay» added",
                "edge «a → b» removed", "edge «b → c» removed", "variable «limit» added",
                "name, description or other metadata changed",
            ])
        #expect(difference.lines(from: nil, to: history.definition).contains("edge «ab» removed"))
        guard case .edited(let removal) = history.events[1] else { return }
        #expect(
            removal.change.lines(before: old) == [
                "block «b» removed", "edge «a → b» removed", "edge «b → c» removed",
            ])
    }
}
