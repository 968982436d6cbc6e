import EventModel
import EventSourcingTesting
import JourneyDomain

/// A journey made up from a seed, as it could have been made in Parlant.
enum RandomJourney {
    static func journey(seed: UInt64, isHostile: Bool = false) -> JourneyDefinition {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 1...9, using: &random)
        let ids = (0..<count).map {
            ElementID(
                $0 == 0 ? "BK3Gy0pXvY" : isHostile ? ["a:\($0)", "é\($0)", "n \($0)-else"][$0 % 3] : "journey.s\($0)")
        }
        let states = ids.enumerated().map { index, id in state(id, isRoot: index == 0, using: &random) }
        return JourneyDefinition(
            title: random.pick(["Refund", "R\u{e9}", String(repeating: "t", count: 100)]),
            summary: random.pick(["", "Handle a refund"]),
            conditions: random.pick([[], ["the customer wants a refund"]]),
            labels: random.pick([[], ["sim", "b"]]), tags: random.pick([[], ["agent:1"]]),
            priority: random.pick([0, 5]), compositionMode: random.pick([nil, "fluid"]), root: ids[0], states: states,
            transitions: transitions(ids, isHostile: isHostile, using: &random),
            metadata: random.chance(percent: 20) ? JSONObject([.init(key: "from", value: "here")]) : JSONObject(),
            extra: random.chance(percent: 20) ? JSONObject([.init(key: "creation_utc", value: "2026")]) : JSONObject())
    }

    private static func state(_ id: ElementID, isRoot: Bool, using random: inout SplitMix64) -> JourneyState {
        guard !isRoot else { return JourneyState(id: id, kind: nil) }
        let kind = random.pick([.chat, .chat, .tool, .fork] as [JourneyState.Kind])
        return JourneyState(
            id: id, kind: random.chance(percent: 95) ? kind : nil,
            action: random.pick([nil, "Ask for the order", "Say “hello”", ""]),
            summary: random.pick([nil, "Asks", ""]), tools: kind == .tool ? ["shop:refund"] : [],
            labels: random.chance(percent: 20) ? ["x"] : [],
            compositionMode: random.chance(percent: 10) ? "strict" : nil,
            metadata: random.chance(percent: 10) ? JSONObject([.init(key: "note", value: [1, .null])]) : JSONObject(),
            extra: random.chance(percent: 10) ? JSONObject([.init(key: "more", value: true)]) : JSONObject())
    }

    private static func transitions(
        _ ids: [ElementID], isHostile: Bool, using random: inout SplitMix64
    ) -> [JourneyTransition] {
        var transitions: [JourneyTransition] = []
        for id in ids {
            let count = random.pick([0, 1, 1, 1, 2, 3])
            for way in 0..<count {
                let isAlone = count == 1
                let condition =
                    isAlone && random.chance(percent: 60) ? nil : random.pick(["it is so \(way)", "otherwise"])
                let target = random.pick(ids + [JourneyState.end] + (isHostile ? ["gone"] : []))
                transitions.append(
                    JourneyTransition(
                        id: ElementID("t\(transitions.count)"),
                        source: isHostile && random.chance(percent: 5) ? "end" : id,
                        target: target, condition: isHostile && random.chance(percent: 20) ? nil : condition,
                        metadata: random.chance(percent: 10) ? JSONObject([.init(key: "k", value: "v")]) : JSONObject(),
                        extra: random.chance(percent: 5) ? JSONObject([.init(key: "z", value: 1)]) : JSONObject()))
            }
        }
        return random.chance(percent: 50) ? transitions.shuffled(using: &random) : transitions
    }
}
