import EventModel
import EventSourcingTesting

/// A workflow made up from a seed, which can be written in every format.
struct RandomWorkflow {
    struct Step {
        let id: String
        let type: String
        let parent: String?
        let inputs: JSONObject
        let branches: [(key: String, expression: String)]
        let settings: JSONObject
    }

    struct Link {
        let source: String
        let target: String
        /// As YAML calls it: `success`, `error`, a branch's key, `start` or `end`.
        let port: String
    }

    private(set) var steps: [Step] = []
    private(set) var links: [Link] = []
    let variables: JSONObject
    let metadata: JSONObject

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        metadata = JSONObject([.init(key: "name", value: .string("Workflow \(seed) é😀\u{E000}"))])
        variables = JSONObject(
            (0..<Int.random(in: 0...3, using: &random)).map { index in
                let value = Self.value(depth: 2, using: &random)
                return .init(
                    key: "v\(index)",
                    value: ["id": .string("v\(index)"), "name": .string("n\(index)"), "type": "plain", "value": value])
            })
        makeSteps(using: &random)
        makeLinks(using: &random)
    }

    private mutating func makeSteps(using random: inout SplitMix64) {
        for index in 0..<Int.random(in: 1...12, using: &random) {
            let containers = steps.filter { $0.type == "loop" || $0.type == "parallel" }.map(\.id)
            let type =
                ["agent", "function", "condition", "loop", "parallel", "api"].randomElement(using: &random) ?? "api"
            let isContainer = type == "loop" || type == "parallel"
            let parent = Bool.random(using: &random) ? containers.randomElement(using: &random) : nil
            let keys = ["if", "else-if", "else-if-2", "else"].prefix(Int.random(in: 1...4, using: &random))
            steps.append(
                Step(
                    id: "b\(index)-\(["x", "é", "a b"].randomElement(using: &random) ?? "")", type: type,
                    parent: parent,
                    inputs: isContainer || type == "condition" ? JSONObject() : Self.inputs(using: &random),
                    branches: type == "condition" ? keys.map { ($0, $0 == "else" ? "" : "x > \(index)") } : [],
                    settings: isContainer
                        ? JSONObject([.init(key: "count", value: .number(JSONNumber(index + 1)))]) : .init()))
        }
    }

    private mutating func makeLinks(using random: inout SplitMix64) {
        for _ in 0..<Int.random(in: 0...14, using: &random) {
            guard let source = steps.randomElement(using: &random), let target = steps.randomElement(using: &random)
            else {
                return
            }
            var ports = ["success", "error"] + source.branches.map(\.key)
            if source.type == "loop" || source.type == "parallel" { ports += ["start", "end"] }
            links.append(
                Link(source: source.id, target: target.id, port: ports.randomElement(using: &random) ?? "success"))
        }
    }

    private static func inputs(using random: inout SplitMix64) -> JSONObject {
        JSONObject(
            (0..<Int.random(in: 0...3, using: &random)).map { index in
                .init(key: "input\(index)", value: value(depth: 2, using: &random))
            })
    }

    private static func value(depth: Int, using random: inout SplitMix64) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2:
            return JSONNumber(["0", "-1.50", "1e3", "12345678901234567890.5"][Int.random(in: 0..<4, using: &random)])
                .map(JSONValue.number) ?? .null
        case 3, 4: return .string(["", "text", "\"\\\n\t", "é😀", "<a.b>"].randomElement(using: &random) ?? "")
        case 5: return .array((0..<2).map { _ in value(depth: depth - 1, using: &random) })
        default:
            return .object(
                JSONObject(["z", "a", "é"].map { .init(key: $0, value: value(depth: depth - 1, using: &random)) }))
        }
    }
}

extension JSONValue {
    /// The same value with the members of every object in another order.
    func shuffled(using random: inout SplitMix64) -> JSONValue {
        switch self {
        case .array(let elements):
            var shuffled: [JSONValue] = []
            for element in elements { shuffled.append(element.shuffled(using: &random)) }
            return .array(shuffled)
        case .object(let object):
            var members: [JSONObject.Member] = []
            for member in object.members {
                members.append(.init(key: member.key, value: member.value.shuffled(using: &random)))
            }
            return .object(JSONObject(members.shuffled(using: &random)))
        case .null, .bool, .number, .string: return self
        }
    }
}
