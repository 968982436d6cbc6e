import EventModel

/// A loop or a parallel: which blocks are inside, and how they are repeated.
public struct Container: Equatable, Sendable {
    /// The id of its block.
    public let id: ElementID
    /// The members, ordered by id: membership is a set.
    public let nodes: [ElementID]
    /// `iterations`, `loopType`, `forEachItems`, `count`, `distribution`, `enabled` and so on.
    public let settings: JSONObject

    /// A container; the parts are put into canonical order and form, a node named twice is kept once.
    public init(id: ElementID, nodes: [ElementID], settings: JSONObject) {
        self.id = id
        self.nodes = nodes.orderedSet
        self.settings = settings.canonicalized
    }

    /// `for`, `forEach`, `while` or `doWhile`, of a loop that says so.
    public var loopType: String? { settings["loopType"]?.string }

    /// `count` or `collection`, of a parallel that says so.
    public var parallelType: String? { settings["parallelType"]?.string }

    /// How often the members run, where that is a fixed number.
    public var times: Int? { (settings["iterations"] ?? settings["count"])?.int }

    /// What the members run over, where that is a collection: JSON or a reference as text.
    public var items: JSONValue? { settings["forEachItems"] ?? settings["distribution"] }
}

/// A variable of a workflow.
public struct Variable: Equatable, Sendable {
    /// Its id, unique in the workflow.
    public let id: ElementID
    /// What references go by.
    public let name: String
    /// `string`, `number`, `boolean`, `object`, `array` or `plain`, if the file says so.
    public let type: String?
    /// Its initial value.
    public let value: JSONValue
    /// Other fields.
    public let extra: JSONObject

    /// A variable; the parts are put into canonical form.
    public init(id: ElementID, name: String, type: String?, value: JSONValue, extra: JSONObject = JSONObject()) {
        self.id = id
        self.name = name
        self.type = type
        self.value = value.canonicalized
        self.extra = extra.canonicalized
    }
}
