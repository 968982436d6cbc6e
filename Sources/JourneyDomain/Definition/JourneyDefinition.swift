import EventModel

/// One Parlant journey: what starts it, the states that a conversation walks through, and the transitions between them.
///
/// The value is canonical: states are ordered by id, sets are ordered, every JSON inside is in canonical form. Transitions keep their
/// order, because Parlant's engine numbers the states by walking them in it. Fields that we do not know are kept.
public struct JourneyDefinition: Equatable, Sendable {
    /// What people call it; 1 to 100 characters where Parlant takes it.
    public let title: String
    /// What it is for; Parlant's `description`.
    public let summary: String
    /// The conditions of activation, as texts, in their order.
    public let conditions: [String]
    /// Labels, ordered.
    public let labels: [String]
    /// Tags such as `agent:<id>`, ordered.
    public let tags: [String]
    /// The higher, the sooner it is considered; 0 unless said otherwise.
    public let priority: Int
    /// `fluid`, `canned_strict` and so on, if the journey says so.
    public let compositionMode: String?
    /// The state in which every conversation begins; one of ``states``.
    public let root: ElementID
    /// The states by id, root included; the end is not among them, see ``JourneyState/end``.
    public let states: [JourneyState]
    /// The transitions in their order.
    public let transitions: [JourneyTransition]
    /// What else is known of the journey and is ours: where it came from, for example. Parlant has no place for it.
    public let metadata: JSONObject
    /// Fields of the journey that are not ours to understand.
    public let extra: JSONObject

    /// A journey; the parts are put into canonical order and form.
    public init(
        title: String, summary: String = "", conditions: [String] = [], labels: [String] = [], tags: [String] = [],
        priority: Int = 0, compositionMode: String? = nil, root: ElementID, states: [JourneyState],
        transitions: [JourneyTransition], metadata: JSONObject = JSONObject(), extra: JSONObject = JSONObject()
    ) {
        self.title = title
        self.summary = summary
        self.conditions = conditions
        self.labels = Self.ordered(labels)
        self.tags = Self.ordered(tags)
        self.priority = priority
        self.compositionMode = compositionMode
        self.root = root
        self.states = states.ordered(by: \.id)
        self.transitions = transitions
        self.metadata = metadata.canonicalized
        self.extra = extra.canonicalized
    }

    /// The state `id`; walks the states.
    public func state(_ id: ElementID) -> JourneyState? { states.first { $0.id == id } }

    /// `texts` as an ordered set.
    static func ordered(_ texts: [String]) -> [String] {
        texts.count < 2 ? texts : texts.map { ElementID($0) }.orderedSet.map(\.text)
    }
}

/// One state of a journey; Parlant's `JourneyNode`.
public struct JourneyState: Equatable, Sendable {
    /// The id of the end, which Parlant's journeys share; transitions lead to it, none leaves it.
    public static let end = ElementID("end")

    /// What happens in a state.
    public enum Kind: String, Sendable, CaseIterable {
        /// The agent talks to the customer.
        case chat
        /// A tool runs.
        case tool
        /// The way parts; nothing is said.
        case fork
    }

    /// Its id; Parlant's node ids are global, so two journeys must not share one.
    public let id: ElementID
    /// What happens in it; the root and nodes of unknown kinds have none.
    public let kind: Kind?
    /// What the agent is to do, if anything.
    public let action: String?
    /// What people should know of it; Parlant's `description`.
    public let summary: String?
    /// The tools that run, as `service:tool`, in their order.
    public let tools: [String]
    /// Labels, ordered.
    public let labels: [String]
    /// How the agent composes messages here, if it says so.
    public let compositionMode: String?
    /// Ours and others' notes; the engine's own (`journey_node`) is left out, see ``kind``.
    public let metadata: JSONObject
    /// Fields that are not ours to understand.
    public let extra: JSONObject

    /// A state; the parts are put into canonical order and form.
    public init(
        id: ElementID, kind: Kind?, action: String? = nil, summary: String? = nil, tools: [String] = [],
        labels: [String] = [], compositionMode: String? = nil, metadata: JSONObject = JSONObject(),
        extra: JSONObject = JSONObject()
    ) {
        self.id = id
        self.kind = kind
        self.action = action
        self.summary = summary
        self.tools = tools
        self.labels = JourneyDefinition.ordered(labels)
        self.compositionMode = compositionMode
        self.metadata = metadata.canonicalized
        self.extra = extra.canonicalized
    }
}

/// One way from a state to another; Parlant's `JourneyEdge`.
public struct JourneyTransition: Equatable, Sendable {
    /// Its id, unique in the journey. Parlant gives its edges ids of its own; ours travels in the metadata there.
    public let id: ElementID
    /// The state it leaves.
    public let source: ElementID
    /// The state it enters, or ``JourneyState/end``.
    public let target: ElementID
    /// When it is taken; `nil` means as soon as the state is done. A state with several transitions needs one on each.
    public let condition: String?
    /// Ours and others' notes.
    public let metadata: JSONObject
    /// Fields that are not ours to understand.
    public let extra: JSONObject

    /// A transition; the parts are put into canonical form.
    public init(
        id: ElementID, source: ElementID, target: ElementID, condition: String? = nil,
        metadata: JSONObject = JSONObject(), extra: JSONObject = JSONObject()
    ) {
        self.id = id
        self.source = source
        self.target = target
        self.condition = condition
        self.metadata = metadata.canonicalized
        self.extra = extra.canonicalized
    }
}
