import EventModel
import EventSourcingTesting
import JourneyDomain

/// Journeys made up from a seed: any shape, any text, ends that may dangle.
struct RandomJourney {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// The journey of a seed.
    static func journey(_ seed: UInt64) -> JourneyDefinition {
        var maker = RandomJourney(seed: seed)
        return maker.journey()
    }

    private mutating func journey() -> JourneyDefinition {
        let ids = (0..<Int.random(in: 1...8, using: &random)).map {
            ElementID("wf.\($0)\(random.pick(["", "é", " b", "\"", "-x"]))")
        }
        let states = ids.enumerated().map { state($1, isRoot: $0 == 0) }
        let ends = ids + [JourneyState.end, "gone"]
        let transitions = (0..<Int.random(in: 0...12, using: &random)).map { number in
            JourneyTransition(
                id: ElementID("t\(number)"), source: random.pick(ids), target: random.pick(ends),
                condition: random.pick([nil, "", "it is <b.c> & \"so\"", "the customer's choice"]),
                metadata: metadata(),
                extra: extra())
        }
        return JourneyDefinition(
            title: text(), summary: text(), conditions: texts().map { "when " + $0 }, labels: texts(), tags: texts(),
            priority: random.pick([0, 1, -3, .max]), compositionMode: random.pick([nil, "fluid"]), root: ids[0],
            states: states,
            transitions: transitions, metadata: metadata(), extra: extra())
    }

    private mutating func state(_ id: ElementID, isRoot: Bool) -> JourneyState {
        JourneyState(
            id: id, kind: isRoot ? nil : random.pick([.chat, .tool, .fork, nil]),
            action: random.pick([nil, "", text()]),
            summary: random.pick([nil, text()]), tools: random.pick([[], ["built-in:x", "s:t:u"]]), labels: texts(),
            compositionMode: random.pick([nil, "strict_canned"]), metadata: metadata(), extra: extra())
    }

    private mutating func metadata() -> JSONObject {
        switch Int.random(in: 0...3, using: &random) {
        case 0: return JSONObject()
        case 1: return JSONObject([.init(key: "sim", value: ["blockId": .string(text()), "n": value(2)])])
        case 2:
            // What the engine notes beside what it computes, and what of ours is no id.
            return JSONObject([
                .init(key: "journey_node", value: ["mine": value(1)]), .init(key: "lockstep", value: ["group": 2]),
            ])
        default: return JSONObject([.init(key: text(), value: value(3))])
        }
    }

    private mutating func extra() -> JSONObject {
        Bool.random(using: &random) ? JSONObject() : JSONObject([.init(key: "later_field", value: value(2))])
    }

    private mutating func value(_ depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2:
            return JSONNumber(random.pick(["0", "-1.50", "1e3", "12345678901234567890.5"])).map(JSONValue.number)
                ?? .null
        case 3: return .string(text())
        case 4: return .array([value(depth - 1), value(depth - 1)])
        default: return ["z": value(depth - 1), "a": value(depth - 1)]
        }
    }

    private mutating func texts() -> [String] { (0..<Int.random(in: 0...3, using: &random)).map { _ in text() } }

    private mutating func text() -> String {
        random.pick([
            "x", "Ask \"why\"\n\t", "é", "e\u{301}", "😀", "<a> & 'b'", "agent:7", String(repeating: "long ", count: 30),
        ])
    }
}
