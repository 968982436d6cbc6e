import EventModel
import WorkflowDomain

/// A workflow that is edited now and then: the same few blocks, with something different in each variant.
enum ModelWorkflow {
    static let ids = ["w1", "w2"]
    /// Variants of each workflow; an edit may go back to an earlier one.
    static let variants = 4

    static func variant(_ number: Int, of id: String) -> WorkflowDefinition {
        var blocks = [
            Block(id: "start", type: "start_trigger", name: "Start"),
            Block(
                id: "ask", type: "agent", name: "Ask",
                subBlocks: [SubBlock(id: "prompt", type: "long-input", value: .string("Ask for order \(number)"))]),
        ]
        var edges = [Edge(id: "e1", source: "start", target: "ask", sourceHandle: "source")]
        if number % 2 == 1 {
            blocks.append(Block(id: "pay", type: "api", name: "Pay back"))
            edges.append(Edge(id: "e2", source: "ask", target: "pay", sourceHandle: "source"))
        }
        return WorkflowDefinition(blocks: blocks, edges: edges, metadata: ["name": .string("Refund \(id)")])
    }
}
