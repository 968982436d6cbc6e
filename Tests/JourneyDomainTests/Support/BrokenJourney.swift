import EventModel
import EventSourcingTesting
import JourneyDomain

/// Journeys made up from a seed and then broken in none, one or several ways that a program can, and a file cannot or should not.
struct BrokenJourney {
    private var random: SplitMix64
    private var states: [JourneyState]
    private var transitions: [JourneyTransition]
    private var root: ElementID
    private var title: String
    private var extra: JSONObject
    private var metadata: JSONObject

    /// The journey of a seed.
    static func journey(_ seed: UInt64) -> JourneyDefinition {
        let whole = RandomJourney.journey(seed)
        var broken = BrokenJourney(seed, whole)
        for _ in 0..<Int.random(in: 0...3, using: &broken.random) { broken.breakSomething() }
        return JourneyDefinition(
            title: broken.title, summary: whole.summary, conditions: whole.conditions, labels: whole.labels,
            tags: whole.tags, priority: whole.priority, compositionMode: whole.compositionMode, root: broken.root,
            states: broken.states, transitions: broken.transitions, metadata: broken.metadata, extra: broken.extra)
    }

    private init(_ seed: UInt64, _ whole: JourneyDefinition) {
        random = SplitMix64(seed: seed &* 31)
        states = whole.states
        transitions = whole.transitions
        root = whole.root
        title = whole.title
        extra = whole.extra
        metadata = whole.metadata
    }

    private mutating func breakSomething() {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: states.append(states[0])
        case 1: transitions += transitions.prefix(1)
        case 2: root = ElementID("no such state")
        case 3: states.append(JourneyState(id: "", kind: .chat))
        case 4: states.append(JourneyState(id: ElementID(String(repeating: "x", count: 513)), kind: .fork))
        case 5: breakField()
        case 6: title += "\0"
        default: metadata["deep"] = Self.nested(Int.random(in: 120...130, using: &random))
        }
    }

    /// Gives some unknown field the name of one that is known.
    private mutating func breakField() {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            extra[random.pick(["title", "nodes", "edges", "root_id", "conditions", "metadata"])] = random.pick([
                .null, 7, "x",
            ])
        case 1:
            let field = random.pick(["kind", "action", "tools", "id"])
            let clash = JourneyState(id: "clash", kind: nil, extra: JSONObject([.init(key: field, value: "chat")]))
            states.append(clash)
        default:
            let clash = JSONObject([.init(key: random.pick(["condition", "source"]), value: .null)])
            transitions.append(JourneyTransition(id: "clash", source: root, target: root, extra: clash))
        }
    }

    private static func nested(_ levels: Int) -> JSONValue {
        (0..<levels).reduce(.null) { value, _ in .array([value]) }
    }
}
