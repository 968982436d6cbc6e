import EventModel
import WorkflowDomain

/// What a block, an edge or a workflow says about its counterpart in the journey that its own fields cannot say: the member `parlant`
/// of its `data`, or of the workflow's `metadata`.
///
/// Whatever a journey has and a workflow has no place for is kept here, so that it is there again on the way back.
struct Overrides {
    /// The key under which it is kept.
    static let key = "parlant"

    /// Its members.
    let object: JSONObject

    init(of block: Block) { self.init(block.data) }

    init(of edge: Edge) { self.init(ofEdge: edge.extra) }

    /// - Parameter extra: the other fields of an edge.
    init(ofEdge extra: JSONObject) { self.init(extra["data"]?.object) }

    init(of workflow: WorkflowDefinition) { self.init(workflow.metadata) }

    init(_ parent: JSONObject?) { object = parent?[Self.key]?.object ?? JSONObject() }

    /// The id of the counterpart.
    var id: ElementID? { object["id"]?.string.map { ElementID($0) } }

    /// Whether the block stands for the end that all journeys share.
    var isEnd: Bool { object["end"]?.bool == true }

    /// Whether the block only splits the ways out of the one before it, and is no state of its own.
    var isInline: Bool { object["inline"]?.bool == true }

    /// Whether the rows of the block are all there are: nothing happens when none holds.
    var isComplete: Bool { object["complete"]?.bool == true }

    /// Whether a block without a way on leaves the conversation where it is, rather than ending it.
    var isOpen: Bool { object["open"]?.bool == true }

    /// The id of the journey that the workflow was made of, if it was born in Parlant.
    var journeyID: String? { isBornInParlant ? object["id"]?.string : nil }

    /// Whether the workflow was made of a journey that was born in Parlant.
    var isBornInParlant: Bool { object["born"]?.bool == true }
}
