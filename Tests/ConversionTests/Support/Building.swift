import Conversion
import EventModel
import JourneyDomain
import WorkflowDomain

/// A block with an id that is its name, too.
func block(
    _ id: ElementID, _ type: String = "agent", in parent: String? = nil, enabled: Bool = true,
    inputs: [(ElementID, JSONValue)] = []
) -> Block {
    let data = parent.map { JSONObject([.init(key: "parentId", value: .string($0))]) } ?? JSONObject()
    return Block(
        id: id, type: type, name: id.text, subBlocks: inputs.map { SubBlock(id: $0.0, type: nil, value: $0.1) },
        isEnabled: enabled, data: data)
}

/// An edge called after its ends.
func edge(_ source: ElementID, _ target: ElementID, _ handle: String? = nil) -> Edge {
    Edge(id: ElementID("\(source)-\(target)"), source: source, target: target, sourceHandle: handle)
}

/// The conversion of a workflow of these blocks and edges.
func converted(_ blocks: [Block], _ edges: [Edge]) throws(ConversionError) -> JourneyConversion {
    try WorkflowToJourney.convert(WorkflowDefinition(blocks: blocks, edges: edges), id: "wf")
}

extension JourneyDefinition {
    /// The ways as `source -> target [condition]`, the workflow's id left out.
    var ways: [String] {
        transitions.map { way in
            let ends = "\(way.source.text) -> \(way.target.text)".split(
                separator: "wf.", omittingEmptySubsequences: false
            ).joined()
            return ends + (way.condition.map { " [\($0)]" } ?? "")
        }
    }
}
