import EventModel
import FoundationEssentials
import WorkflowDomain

// How the values and paths of fields are written in events. Words are plain; data, which may be personal, is a member of its own, so that it can be
// sealed.

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

    /// What ``FieldPath/written`` wrote. For names that cannot be read stands another, which begins with `…`.
    func fieldPath(hiddenAs name: String = FieldPath.hidden) throws(EventFlaw) -> FieldPath {
        let field = try parsed("path") { try? FieldPath($0) }
        guard let members = value["members"] else { return field }
        guard !members.isHidden else { return field.appending(name) }
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
    /// What stands for names that cannot be read.
    static let hidden = "…"

    /// Whether a name in it may stand for one that cannot be read.
    var isHidden: Bool { members.contains { $0.text.hasPrefix(Self.hidden) } }

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
