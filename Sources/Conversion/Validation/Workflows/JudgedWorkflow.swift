import EventModel
import WorkflowDomain

/// A workflow's blocks and edges by number, for rules that follow them. Built once, in linear time.
struct JudgedWorkflow {
    /// An edge and the blocks at its ends, where they are there.
    struct Link {
        let edge: Edge
        let source: Int?
        let target: Int?

        var place: JSONPath { JSONPath.root["edges"][edge.id.text] }
    }

    let workflow: WorkflowDefinition
    let blocks: [Block]
    /// The first block of each id.
    let index: [ElementID: Int]
    let links: [Link]
    /// The links that leave each block.
    let outgoing: [[Int]]
    /// The container that each block is in, by its own word; only where there is such a block.
    let parents: [Int?]
    /// The blocks that are in each block.
    let children: [[Int]]

    init(_ workflow: WorkflowDefinition) {
        self.workflow = workflow
        blocks = workflow.blocks
        let index = Dictionary(
            workflow.blocks.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        self.index = index
        links = workflow.edges.map { Link(edge: $0, source: index[$0.source], target: index[$0.target]) }
        parents = workflow.blocks.map { $0.parentID.flatMap { index[$0] } }
        var outgoing: [[Int]] = Array(repeating: [], count: blocks.count)
        for (number, link) in links.enumerated() {
            if let source = link.source { outgoing[source].append(number) }
        }
        self.outgoing = outgoing
        var children: [[Int]] = Array(repeating: [], count: blocks.count)
        for (block, parent) in parents.enumerated() {
            if let parent { children[parent].append(block) }
        }
        self.children = children
    }

    /// The blocks that each block leads to by edges; an edge to itself is left out.
    var following: [[Int]] {
        outgoing.enumerated().map { block, numbers in
            numbers.compactMap { links[$0].target }.filter { $0 != block }
        }
    }

    func place(_ block: Int) -> JSONPath { JSONPath.root["blocks"][blocks[block].id.text] }

    /// A block as a message shows it.
    func name(_ block: Int) -> String {
        blocks[block].name.isEmpty ? blocks[block].id.quoted : blocks[block].name.quoted
    }
}
