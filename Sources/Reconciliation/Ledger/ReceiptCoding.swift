import EventModel
import FoundationEssentials

// How decisions are written in events, and what was found that they are about.

extension Receipt {
    var members: [(String, JSONValue?)] {
        // The winner's value stands with what it said. Everything else is written down: rules may be others one day.
        let given: JSONValue? =
            cause == .comparison && winner != nil ? nil : .object(JSONObject(omittingNil: outcome.members))
        return [
            ("resolution", id.json), ("winner", winner.map { .string($0.rawValue) }), ("given", given),
            ("rule", ruling?.json), ("owner", owner.map { .string($0.rawValue) }), ("at", at.json),
            ("effects", effects.isEmpty ? nil : .array(effects.map(\.json))),
        ] + cause.members + finding.members
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        let finding = try Finding(payload)
        let winner: Side? = payload.has("winner") ? try payload.choice("winner") : nil
        let ruling = try payload.optionalNested("rule").map { reader throws(EventFlaw) in try Ruling(reader) }
        let given = try payload.optionalNested("given")
        let outcome = if let given { try given.fieldValue(at: finding.path) } else { winner.flatMap { finding[$0] } }
        var effects: [UUID] = []
        for effect in try payload.elements("effects") { effects.append(try effect.id()) }
        self.init(
            id: try payload.id("resolution"), finding: finding, outcome: outcome, winner: winner, ruling: ruling,
            owner: payload.has("owner") ? try payload.choice("owner") : nil, cause: try Cause(payload),
            at: try payload.moment("at"), effects: effects)
    }
}

extension Receipt.Cause {
    fileprivate var members: [(String, JSONValue?)] {
        switch self {
        case .comparison: [("cause", "comparison")]
        case .person(let conflict): [("cause", "person"), ("conflict", conflict.json)]
        case .flip(let receipt): [("cause", "flip"), ("reverses", receipt.json)]
        }
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        switch try payload.text("cause") {
        case "comparison": self = .comparison
        case "person": self = .person(conflict: try payload.id("conflict"))
        case "flip": self = .flip(of: try payload.id("reverses"))
        case let other: throw .unexpected(payload.path["cause"], value: other)
        }
    }
}

extension Receipt.Ruling {
    var json: JSONValue {
        [
            "name": .string(rule.rawValue), "place": .number(JSONNumber(place)), "policy": .string(policy),
            "version": .number(JSONNumber(version)),
        ]
    }

    init(_ reader: PayloadReader) throws(EventFlaw) {
        self.init(
            rule: try reader.choice("name"), place: try reader.int("place"), policy: try reader.text("policy"),
            version: try reader.int("version"))
    }
}

extension Finding {
    var members: [(String, JSONValue?)] {
        func said(_ value: FieldValue?, _ origin: Origin?) -> JSONValue? {
            let members =
                value.members + [
                    ("position", origin.map { .number(JSONNumber($0.position.rawValue)) }),
                    ("actor", origin?.actor.map(JSONValue.string)),
                ]
            let object = JSONObject(omittingNil: members)
            return object.isEmpty ? nil : .object(object)
        }
        return [
            ("kind", .string(kind.rawValue)), ("side", side.map { .string($0.rawValue) }),
            ("base", said(base, nil)), ("workflow", said(workflow, workflowOrigin)),
            ("journey", said(journey, journeyOrigin)),
        ] + path.written
    }

    init(_ payload: PayloadReader, hiddenAs name: String = FieldPath.hidden) throws(EventFlaw) {
        let path = try payload.fieldPath(hiddenAs: name)
        func said(_ key: String) throws(EventFlaw) -> (FieldValue?, Origin?) {
            guard let reader = try payload.optionalNested(key) else { return (nil, nil) }
            let actor = try reader.optionalText("actor")
            let origin = try reader.optionalInt("position").map { Origin(GlobalPosition(Int64($0)), actor: actor) }
            return (try reader.fieldValue(at: path), origin)
        }
        let (base, _) = try said("base")
        let (workflow, workflowOrigin) = try said("workflow")
        let (journey, journeyOrigin) = try said("journey")
        self.init(
            path: path, kind: try payload.choice("kind"), side: payload.has("side") ? try payload.choice("side") : nil,
            base: base, workflow: workflow, journey: journey, workflowOrigin: workflowOrigin,
            journeyOrigin: journeyOrigin)
    }
}
