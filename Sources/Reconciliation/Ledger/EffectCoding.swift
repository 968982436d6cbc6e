import EventModel
import FoundationEssentials
import WorkflowDomain

// How effects are written in events.

extension Effect {
    var members: [(String, JSONValue?)] {
        [
            ("effect", id.json), ("side", .string(side.rawValue)), ("kind", .string(kind.rawValue)),
            ("fields", .array(fields.map { .object(JSONObject(omittingNil: $0.written)) })),
            ("resolutions", .array(resolutions.map(\.json))),
            ("attempt", .number(JSONNumber(attempt))), ("deadline", deadline.json),
            ("premise", premise?.json),
        ] + action.members
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        var fields: [FieldPath] = []
        for field in try payload.elements("fields") { fields.append(try field.fieldPath()) }
        var resolutions: [UUID] = []
        for resolution in try payload.elements("resolutions") { resolutions.append(try resolution.id()) }
        var premise: Premise?
        if let known = try payload.optionalNested("premise") { premise = try Premise(known) }
        self.init(
            id: try payload.id("effect"), action: try Action(payload), fields: fields, resolutions: resolutions,
            attempt: try payload.int("attempt"), deadline: try payload.moment("deadline"), premise: premise)
    }
}

extension Effect.Action {
    /// The stable word for it.
    public var name: String {
        switch self {
        case .resume: "resume"
        case .cancel: "cancel"
        case .enter: "enter"
        case .leave: "leave"
        case .close: "close"
        case .tell: "tell"
        }
    }

    fileprivate var members: [(String, JSONValue?)] {
        let details: [(String, JSONValue?)] =
            switch self {
            case .resume(let block, let context, let input):
                [("block", .string(block.text)), ("context", .string(context)), ("input", input)]
            case .cancel, .close: []
            case .enter(let journey, let state, let from):
                [
                    ("journey", .string(journey)), ("state", .string(state.text)),
                    ("from", from.map { .string($0.text) }),
                ]
            case .leave(let journey, let from):
                [("journey", .string(journey)), ("from", .string(from.text))]
            case .tell(let told): [("told", .object(told.members))]
            }
        return [("action", .string(name))] + details
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        switch try payload.text("action") {
        case "resume":
            self = .resume(
                block: ElementID(try payload.text("block")), context: try payload.text("context"),
                input: try payload.value("input"))
        case "cancel": self = .cancel
        case "enter":
            self = .enter(
                journey: try payload.text("journey"), state: ElementID(try payload.text("state")),
                from: try payload.optionalText("from").map { ElementID($0) })
        case "close": self = .close
        case "leave": self = .leave(journey: try payload.text("journey"), from: ElementID(try payload.text("from")))
        case "tell":
            guard try !payload.value("told").isHidden else {
                self = .tell(.hidden)
                return
            }
            let told = try payload.nested("told")
            self = .tell(
                Effect.Told(
                    values: try told.object("values"), inputs: try told.object("inputs"),
                    behind: try told.optionalObject("behind")))
        case let other: throw .unexpected(payload.path["action"], value: other)
        }
    }

    /// Whether what it carries cannot be read: sealed for whoever reads, or erased. It cannot be carried out then.
    public var isHidden: Bool {
        switch self {
        case .resume(_, _, let input): input.isHidden
        case .tell(let told): told == .hidden
        case .cancel, .enter, .leave, .close: false
        }
    }
}

extension Effect.Told {
    /// Something was told that whoever reads this cannot see.
    static let hidden = Effect.Told(values: JSONObject([.init(key: "$hidden", value: true)]))

    fileprivate var members: JSONObject {
        var members: JSONObject = ["values": .object(values), "inputs": .object(inputs)]
        if !behind.isEmpty { members["behind"] = .object(behind) }
        return members
    }
}
