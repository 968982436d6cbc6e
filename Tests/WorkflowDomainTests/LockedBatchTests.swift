import EventModel
import Testing
import WorkflowDomain

@Suite("Edits of several elements of which some are locked") struct LockedBatchTests {
    private static let somewhere = Position(x: JSONNumber(1), y: JSONNumber(1))

    /// `vault` is locked and `gold` is inside of it; `a`, `b` and `c` are free.
    @Test(
        arguments: [
            (.removeBlocks(["vault", "a"]), .removeBlocks(["a"])),
            (.removeBlocks(["gold", "a"]), .removeBlocks(["a"])),
            (
                .moveBlocks([BlockPlace("gold", at: somewhere), BlockPlace("a", at: somewhere)]),
                .moveBlocks([BlockPlace("a", at: somewhere)])
            ),
            (.enableBlocks(["vault", "a", "b"], false), .enableBlocks(["a", "b"], false)),
            (
                .reparentBlocks([BlockReparenting("gold", into: nil), BlockReparenting("c", into: "loop")]),
                .reparentBlocks([BlockReparenting("c", into: "loop")])
            ),
            (
                .reparentBlocks([BlockReparenting("b", into: "vault"), BlockReparenting("c", into: "loop")]),
                .reparentBlocks([BlockReparenting("c", into: "loop")])
            ),
            (
                .configureBlocks([
                    BlockConfiguration("gold", fields: ["horizontalHandles": false]),
                    BlockConfiguration("a", fields: ["horizontalHandles": false]),
                ]), .configureBlocks([BlockConfiguration("a", fields: ["horizontalHandles": false])])
            ),
            (
                .addEdges([
                    Edge(id: "x", source: "a", target: "vault", sourceHandle: "source"),
                    Edge(id: "y", source: "a", target: "c", sourceHandle: "source"),
                ]), .addEdges([Edge(id: "y", source: "a", target: "c", sourceHandle: "source")])
            ),
            (.removeEdges(["gold-edge", "ab"]), .removeEdges(["ab"])),
        ] as [(WorkflowEdit, WorkflowEdit)])
    func `a batch passes over what is locked, and the rest goes ahead`(_ batch: WorkflowEdit, _ rest: WorkflowEdit)
        throws
    {
        var history = try WorkflowHistory(WorkflowEditingTests.guarded)
        var expected = try WorkflowHistory(WorkflowEditingTests.guarded)
        let before = history.definition
        let (passed, wanted) = (try history.edit(batch), try expected.edit(rest))
        #expect(passed == wanted && passed.count == 1)
        #expect(history.definition == expected.definition && history.definition != before)
    }

    @Test(
        arguments: [
            .removeBlocks(["gold", "vault"]), .enableBlocks(["vault", "gold"], false),
            .setSubBlocks([
                SubBlockEdit(SubBlockChange("a", "p", value: 1)), SubBlockEdit(SubBlockChange("gold", "p", value: 1)),
            ]),
        ] as [WorkflowEdit])
    func `a batch of nothing but locked blocks is refused, and so is one that belongs together`(_ batch: WorkflowEdit)
        throws
    {
        var history = try WorkflowHistory(WorkflowEditingTests.guarded)
        #expect(throws: WorkflowDecider.Rejection.edit(.locked("vault"))) { try history.edit(batch) }
    }
}
