import EventModel

/// What a conversion did: how much of what there was, and everything that has no native form on the other side.
///
/// Which element became which is in the ``Mapping`` that comes with the report.
public struct ConversionReport: Equatable, Sendable {
    /// How many elements there were on both sides.
    public let counts: ConversionCounts
    /// What has no native form; at most ``ConversionLimits/remarks``, in the order of the source.
    public let remarks: [ConversionRemark]
    /// How many remarks there are, those that are not listed included.
    public let remarkCount: Int

    /// A report; remarks beyond ``ConversionLimits/remarks`` are counted but not kept.
    public init(counts: ConversionCounts, remarks: [ConversionRemark]) {
        self.counts = counts
        self.remarks = Array(remarks.prefix(ConversionLimits.remarks))
        remarkCount = remarks.count
    }

    /// The report as JSON: `{counts, remarks: [{code, element, id, explanation, instead}], remarkCount}`.
    public var canonicalValue: JSONValue {
        let value: JSONValue = [
            "counts": counts.value, "remarks": .array(remarks.map(\.value)),
            "remarkCount": .number(JSONNumber(remarkCount)),
        ]
        return value.canonicalized
    }
}

/// How many elements each side has.
public struct ConversionCounts: Equatable, Sendable {
    /// The workflow's blocks, annotations included.
    public let blocks: Int
    /// The workflow's edges.
    public let edges: Int
    /// The workflow's variables.
    public let variables: Int
    /// The journey's states, the end not counted.
    public let states: Int
    /// The journey's transitions.
    public let transitions: Int

    /// The counts.
    public init(blocks: Int, edges: Int, variables: Int, states: Int, transitions: Int) {
        self.blocks = blocks
        self.edges = edges
        self.variables = variables
        self.states = states
        self.transitions = transitions
    }

    var value: JSONValue {
        [
            "blocks": .number(JSONNumber(blocks)), "edges": .number(JSONNumber(edges)),
            "variables": .number(JSONNumber(variables)), "states": .number(JSONNumber(states)),
            "transitions": .number(JSONNumber(transitions)),
        ]
    }
}

/// One thing that the other side has no form for, and what was done instead. Nothing is lost: it returns on the way back.
public struct ConversionRemark: Equatable, Sendable {
    /// What can be said; the raw values are stable.
    public enum Code: String, Sendable, CaseIterable {
        /// An annotation of the canvas.
        case note
        /// A block that is switched off.
        case disabledBlock = "disabled_block"
        /// A block that no start leads to.
        case unreachableBlock = "unreachable_block"
        /// No block starts the workflow.
        case noStart = "no_start"
        /// Several blocks start the workflow.
        case severalStarts = "several_starts"
        /// An edge from or to a block that is not there.
        case danglingEdge = "dangling_edge"
        /// An edge from or to an annotation.
        case noteEdge = "note_edge"
        /// An edge from outside a container to its inside, or the reverse.
        case crossingEdge = "crossing_edge"
        /// An edge from or to a block that is switched off.
        case disabledEdge = "disabled_edge"
        /// An edge that closes a cycle which is no loop.
        case cycle
        /// Several blocks run side by side.
        case parallelVisit = "parallel_visit"
        /// A block that runs only if one of several earlier decisions asked for it.
        case conditionalJoin = "conditional_join"
        /// Branches that run side by side and lead to different places outside.
        case unstructuredFanOut = "unstructured_fan_out"
        /// A container that repeats its members.
        case repetition
        /// A block that runs a child workflow.
        case childWorkflow = "child_workflow"
        /// A name that is empty or too long for a title.
        case adjustedTitle = "adjusted_title"
        /// A variable of the workflow.
        case variable
        /// A container that is listed but has no block.
        case containerWithoutBlock = "container_without_block"
        /// A state with several ways out that is not a fork.
        case decisionBlock = "decision_block"
        /// Something of the journey that workflows have no place for.
        case journeyField = "journey_field"
        /// A change of the journey that no change of the workflow says.
        case journeyPatch = "journey_patch"
        /// What was kept on an element for the way back cannot be read any more.
        case unreadableComplement = "unreadable_complement"
    }

    /// What it is.
    public let code: Code
    /// The kind of the element; `nil` for the whole definition.
    public let element: ConversionElement?
    /// The element's id; `nil` for the whole definition.
    public let id: ElementID?
    /// Why there is no native form, in one sentence.
    public let explanation: String
    /// What was done instead, in one sentence.
    public let instead: String

    /// A remark.
    public init(
        _ code: Code, element: ConversionElement? = nil, id: ElementID? = nil, explanation: String, instead: String
    ) {
        self.code = code
        self.element = element
        self.id = id
        self.explanation = explanation
        self.instead = instead
    }

    var value: JSONValue {
        var object = JSONObject()
        object["code"] = .string(code.rawValue)
        object["element"] = (element?.rawValue).map(JSONValue.string)
        object["id"] = (id?.text).map(JSONValue.string)
        object["explanation"] = .string(explanation)
        object["instead"] = .string(instead)
        return .object(object)
    }
}
