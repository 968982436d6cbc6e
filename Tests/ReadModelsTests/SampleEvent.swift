import EventModel
import EventSourcingTesting

/// The sample of one version of one event, as `Schemas/events` has it.
struct SampleEvent: Sendable, CustomStringConvertible {
    let type: String
    let version: Int32
    let data: JSONValue
    let schema: JSONValue

    var description: String { "\(type) v\(version)" }

    /// The words of the type, which are said when there is nothing better.
    var words: String {
        let words = type.replacing("_", with: " ").replacing(".", with: ": ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// All samples of all categories.
    static let all: [SampleEvent] = (try? read()) ?? []

    private static func read() throws -> [SampleEvent] {
        let root = ProjectFiles.path("Schemas/events")
        return try ProjectFiles.names(in: root).flatMap { category in
            try ProjectFiles.names(in: "\(root)/\(category)").compactMap { name in
                let parts = name.split(separator: ".")
                guard parts.count == 4, parts[2] == "sample", let version = Int32(parts[1].dropFirst()) else {
                    return nil
                }
                return SampleEvent(
                    type: "\(category).\(parts[0])", version: version, data: try json("\(root)/\(category)/\(name)"),
                    schema: try json("\(root)/\(category)/\(parts[0]).\(parts[1]).json"))
            }
        }
    }

    private static func json(_ path: String) throws -> JSONValue {
        try JSONValue(try ProjectFiles.bytes(path), limits: .file)
    }
}

extension SampleEvent {
    /// The data with `form` wherever the schema marks something as personal.
    func hiding(_ form: JSONValue) -> JSONValue { Self.walk(data, schema) { _ in form } }

    /// The longer texts that are only at places which the schema marks as personal.
    var personalTexts: [String] {
        let open = String(decoding: hiding(.null).compactBytes(), as: UTF8.self)
        var texts: [String] = []
        _ = Self.walk(data, schema) { value in
            Self.collect(value, into: &texts)
            return value
        }
        return texts.filter { !open.contains($0) }
    }

    private static func collect(_ value: JSONValue, into texts: inout [String]) {
        switch value {
        case .string(let text): if text.utf8.count > 2 { texts.append(text) }
        case .array(let elements): for element in elements { collect(element, into: &texts) }
        case .object(let object): for member in object.members { collect(member.value, into: &texts) }
        case .null, .bool, .number: break
        }
    }

    private static func walk(_ value: JSONValue, _ schema: JSONValue, _ replace: (JSONValue) -> JSONValue) -> JSONValue
    {
        if schema["x-personal"] != nil, !value.isNull { return replace(value) }
        switch value {
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map { member in
                        let inner = schema["properties"]?[member.key] ?? schema["additionalProperties"] ?? .null
                        return .init(key: member.key, value: walk(member.value, inner, replace))
                    }))
        case .array(let elements):
            return .array(elements.map { walk($0, schema["items"] ?? .null, replace) })
        case .null, .bool, .number, .string: return value
        }
    }
}
