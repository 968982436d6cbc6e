import EventModel
import FoundationEssentials
import WorkflowDomain

// How decisions, conflicts and effects are written in events. Words are plain; data, which may be personal, is a member of its own, so that it can
// be sealed.

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
    fileprivate var json: JSONValue {
        [
            "name": .string(rule.rawValue), "place": .number(JSONNumber(place)), "policy": .string(policy),
            "version": .number(JSONNumber(version)),
        ]
    }

    fileprivate init(_ reader: PayloadReader) throws(EventFlaw) {
        self.init(
            rule: try reader.choice("name"), place: try reader.int("place"), policy: try reader.text("policy"),
            version: try reader.int("version"))
    }
}

extension Finding {
    fileprivate var members: [(String, JSONValue?)] {
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

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let path = try payload.fieldPath()
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

extension QueuedConflict {
    var members: [(String, JSONValue?)] {
        let (word, attempts) = reason.written
        return [
            ("conflict", id.json), ("reason", .string(word)), ("attempts", attempts.map { .number(JSONNumber($0)) }),
            ("rule", ruling?.json), ("at", at.json), ("history", history.isEmpty ? nil : .array(history.map(\.json))),
        ] + finding.members
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        var history: [UUID] = []
        for entry in try payload.elements("history") { history.append(try entry.id()) }
        self.init(
            id: try payload.id("conflict"), finding: try Finding(payload), reason: try Reason(payload),
            ruling: try payload.optionalNested("rule").map { reader throws(EventFlaw) in try Receipt.Ruling(reader) },
            at: try payload.moment("at"), history: history)
    }
}

extension QueuedConflict.Reason {
    /// The stable word for it, and how often something was tried.
    public var written: (word: String, attempts: Int?) {
        switch self {
        case .policy(let waiting): (waiting.rawValue, nil)
        case .flapping: ("flapping", nil)
        case .unreachable(let attempts): ("unreachable", attempts)
        }
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        switch try payload.text("reason") {
        case "flapping": self = .flapping
        case "unreachable": self = .unreachable(attempts: try payload.int("attempts"))
        case let word:
            guard let waiting = Settlement.Waiting(rawValue: word) else {
                throw .unexpected(payload.path["reason"], value: word)
            }
            self = .policy(waiting)
        }
    }
}

extension AcceptedDivergence {
    var members: [(String, JSONValue?)] {
        [
            ("divergence", id.json), ("rule", ruling?.json), ("conflict", conflict?.json), ("at", at.json),
        ] + finding.members
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            id: try payload.id("divergence"), finding: try Finding(payload),
            ruling: try payload.optionalNested("rule").map { reader throws(EventFlaw) in try Receipt.Ruling(reader) },
            conflict: payload.has("conflict") ? try payload.id("conflict") : nil, at: try payload.moment("at"))
    }
}

extension Effect {
    var members: [(String, JSONValue?)] {
        [
            ("effect", id.json), ("side", .string(side.rawValue)), ("kind", .string(kind.rawValue)),
            ("fields", .array(fields.map { .object(JSONObject(omittingNil: $0.written)) })),
            ("resolutions", .array(resolutions.map(\.json))),
            ("attempt", .number(JSONNumber(attempt))), ("deadline", deadline.json),
        ] + action.members
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        var fields: [FieldPath] = []
        for field in try payload.elements("fields") { fields.append(try field.fieldPath()) }
        var resolutions: [UUID] = []
        for resolution in try payload.elements("resolutions") { resolutions.append(try resolution.id()) }
        self.init(
            id: try payload.id("effect"), action: try Action(payload), fields: fields, resolutions: resolutions,
            attempt: try payload.int("attempt"), deadline: try payload.moment("deadline"))
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

// MARK: Values

extension Optional where Wrapped == FieldValue {
    /// A word is a `word`, data a `value`, what cannot be read `hidden`; nothing has no member.
    var members: [(String, JSONValue?)] {
        switch self {
        case nil: []
        case .status(let status)?: [("word", .string(status.rawValue))]
        case .step(let status)?: [("word", .string(status.rawValue))]
        case .content(let value)?: [("value", value)]
        case .hidden?: [("hidden", true)]
        }
    }
}

extension JSONObject {
    /// An object of the members that have a value.
    init(omittingNil members: [(String, JSONValue?)]) {
        self.init(members.compactMap { key, value in value.map { Member(key: key, value: $0) } })
    }
}

extension PayloadReader {
    /// What ``Swift/Optional/members`` wrote of the value of a field.
    func fieldValue(at path: FieldPath) throws(EventFlaw) -> FieldValue? {
        if let value = value["value"] { return FieldValue(value) }
        if has("hidden") { return .hidden }
        guard has("word") else { return nil }
        switch path.root {
        case .status: return .status(try choice("word"))
        case .steps: return .step(try choice("word"))
        case .variables, .inputs, .outputs, .error:
            throw .unexpected(self.path["word"], value: try text("word"))
        }
    }

    /// What ``FieldPath/written`` wrote. Names that cannot be read stand for themselves as `…`.
    func fieldPath() throws(EventFlaw) -> FieldPath {
        let field = try parsed("path") { try? FieldPath($0) }
        guard let members = value["members"] else { return field }
        guard !members.isHidden else { return field.appending("…") }
        return FieldPath(field.root, field.names + (try texts("members").map { ElementID($0) }))
    }

    func id(_ key: String) throws(EventFlaw) -> UUID { try parsed(key, UUID.init(uuidString:)) }

    /// The id that the value itself is.
    func id() throws(EventFlaw) -> UUID {
        guard let text = value.string else { throw .wrongType(path, wanted: "a string", found: value.kind) }
        guard let id = UUID(uuidString: text) else { throw .unexpected(path, value: text) }
        return id
    }
}

extension FieldPath {
    /// The field plainly, and the way to a member of its data by itself: names inside of data are data, and may be somebody's.
    var written: [(String, JSONValue?)] {
        let names = members.map { JSONValue.string($0.text) }
        return [("path", .string(field.description)), ("members", names.isEmpty ? nil : .array(names))]
    }
}

extension UUID {
    var json: JSONValue { .string(uuidString.lowercased()) }
}

extension Timestamp {
    var json: JSONValue { .string(description) }
}
