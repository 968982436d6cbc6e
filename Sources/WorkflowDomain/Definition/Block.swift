import EventModel

/// One block of a workflow.
public struct Block: Equatable, Sendable {
    /// Its id, unique in the workflow.
    public let id: ElementID
    /// What it does: one of ``SimBlockTypes/known``, or a type that Sim has learned since.
    public let type: String
    /// What the editor shows, and what references like `<name.output>` go by.
    public let name: String
    /// Where it lies on the canvas; relative to the container if it is in one. Absent where the format has no canvas.
    public let position: Position?
    /// Its inputs by id.
    public let subBlocks: [SubBlock]
    /// The declared outputs.
    public let outputs: JSONObject
    /// Whether it takes part in executions.
    public let isEnabled: Bool
    /// Settings of containers and membership in them.
    public let data: JSONObject
    /// Other fields: handles' orientation, `height`, `triggerMode`, `retry`, `locked` and whatever comes.
    public let extra: JSONObject

    /// A block; the parts are put into canonical order and form.
    public init(
        id: ElementID, type: String, name: String, position: Position? = nil, subBlocks: [SubBlock] = [],
        outputs: JSONObject = JSONObject(), isEnabled: Bool = true, data: JSONObject = JSONObject(),
        extra: JSONObject = JSONObject()
    ) {
        self.id = id
        self.type = type
        self.name = name
        self.position = position
        self.subBlocks = subBlocks.ordered(by: \.id)
        self.outputs = outputs.canonicalized
        self.isEnabled = isEnabled
        self.data = data.canonicalized
        self.extra = extra.canonicalized
    }

    // Inlined where they are asked for, which is everywhere: the call would take hold of all that is in the block.

    /// The container that this block is in.
    @inlinable
    public var parentID: ElementID? { data["parentId"]?.string.map { ElementID($0) } }

    /// Whether it is a loop or a parallel.
    @inlinable
    public var isContainer: Bool { type == "loop" || type == "parallel" }

    /// Whether it only annotates the canvas.
    @inlinable
    public var isNote: Bool { type == "note" }

    /// Whether it starts executions: a trigger by its switch, or by its type.
    @inlinable
    public var isTrigger: Bool {
        if extra["triggerMode"]?.bool == true { return true }
        return ["starter", "start_trigger", "schedule", "generic_webhook"].contains(type) || type.hasSuffix("_trigger")
    }

    /// The value of the input `id`, if there is such an input.
    public func value(_ id: String) -> JSONValue? { subBlocks.first { $0.id == ElementID(id) }?.value }
}

/// One input of a block.
public struct SubBlock: Equatable, Sendable {
    /// Its id, unique in the block.
    public let id: ElementID
    /// The editor's widget (`short-input`, `code`, …), if the format tells.
    public let type: String?
    /// What was entered; `null` when nothing was.
    public let value: JSONValue
    /// Other fields.
    public let extra: JSONObject

    /// An input; the parts are put into canonical form.
    public init(id: ElementID, type: String?, value: JSONValue, extra: JSONObject = JSONObject()) {
        self.id = id
        self.type = type
        self.value = value.canonicalized
        self.extra = extra.canonicalized
    }
}

/// A place on the canvas, in the editor's units.
public struct Position: Equatable, Sendable {
    /// To the right.
    public let x: JSONNumber
    /// Down.
    public let y: JSONNumber

    /// A place; the numbers are put into canonical form.
    public init(x: JSONNumber, y: JSONNumber) {
        self.x = x.canonicalized
        self.y = y.canonicalized
    }
}
