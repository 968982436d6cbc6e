import EventModel
import WorkflowDomain

/// A workflow in the making: its elements by id, so that each can be changed at the cost of one look-up.
struct WorkflowDraft {
    var blocks: [ElementID: Block] = [:]
    var edges: [ElementID: Edge] = [:]
    var loops: [Container] = []
    var parallels: [Container] = []
    var variables: [Variable] = []
    var metadata = JSONObject()
    var extra = JSONObject()
    /// How the journey's elements are called, so that an edge gets the id by which its transition is called as wanted.
    let names: JourneyNames

    init(names: JourneyNames) { self.names = names }

    init(_ workflow: WorkflowDefinition, names: JourneyNames) {
        self.names = names
        blocks = Dictionary(workflow.blocks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        edges = Dictionary(workflow.edges.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        loops = workflow.loops
        parallels = workflow.parallels
        variables = workflow.variables
        metadata = workflow.metadata
        extra = workflow.extra
    }

    /// The workflow.
    var workflow: WorkflowDefinition {
        WorkflowDefinition(
            blocks: Array(blocks.values), edges: Array(edges.values), loops: loops, parallels: parallels,
            variables: variables, metadata: metadata, extra: extra)
    }

    /// `wanted`, or the first of `wanted~2`, `wanted~3` … that no block is called.
    func freeBlockID(_ wanted: String) -> ElementID {
        var id = ElementID(wanted)
        var number = 2
        while blocks[id] != nil {
            id = ElementID("\(wanted)~\(number)")
            number += 1
        }
        return id
    }

    /// `wanted`, or the first of `wanted~2`, `wanted~3` … that no edge is called.
    func freeEdgeID(_ wanted: ElementID) -> ElementID {
        var id = wanted
        var number = 2
        while edges[id] != nil {
            id = ElementID("\(wanted.text)~\(number)")
            number += 1
        }
        return id
    }

    /// The block that stands for the end of the journey; made when there is none yet.
    mutating func end() -> ElementID {
        if let known = blocks.values.filter({ Overrides(of: $0).isEnd }).map(\.id).min() { return known }
        let id = freeBlockID("end")
        blocks[id] = Block(
            id: id, type: "response", name: "End", data: JSONObject.overrides([.init(key: "end", value: true)]))
        return id
    }

    /// Adds members to what a block says about its state.
    mutating func override(block id: ElementID, with members: JSONObject) {
        guard !members.isEmpty, let block = blocks[id] else { return }
        blocks[id] = block.replacing(data: block.data.merging(overrides: members))
    }

    /// Adds members to what an edge says about its transition.
    mutating func override(edge id: ElementID, with members: JSONObject) {
        guard !members.isEmpty, let edge = edges[id] else { return }
        var extra = edge.extra
        extra["data"] = .object((extra["data"]?.object ?? JSONObject()).merging(overrides: members))
        edges[id] = Edge(
            id: edge.id, source: edge.source, target: edge.target, sourceHandle: edge.sourceHandle,
            targetHandle: edge.targetHandle, extra: extra)
    }
}

extension JSONObject {
    /// An object that holds nothing but overrides.
    static func overrides(_ members: [Member]) -> JSONObject {
        JSONObject([.init(key: Overrides.key, value: .object(JSONObject(members)))])
    }

    /// This object with `members` among its overrides.
    func merging(overrides members: JSONObject) -> JSONObject {
        guard !members.isEmpty else { return self }
        var object = self
        var said = object[Overrides.key]?.object ?? JSONObject()
        for member in members.members { said[member.key] = member.value }
        object[Overrides.key] = .object(said)
        return object
    }
}
