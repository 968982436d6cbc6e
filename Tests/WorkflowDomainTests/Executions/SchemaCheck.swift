import EventModel

/// Holds a value to a JSON Schema, as far as the schemas of executions go. Whatever it does not know of a schema it refuses.
struct SchemaCheck {
    let root: JSONValue

    private static let annotations: Set<String> = [
        "$schema", "$id", "title", "description", "$defs", "x-personal", "format",
    ]

    /// Everything that is wrong, with its place.
    func problems(_ value: JSONValue) -> [String] { problems(value, root, .root) }

    private func problems(_ value: JSONValue, _ schema: JSONValue, _ path: JSONPath) -> [String] {
        guard let object = schema.object else { return schema == true ? [] : ["\(path): no schema"] }
        return object.members.flatMap { rule in
            Self.annotations.contains(rule.key) ? [] : problems(value, rule.key, rule.value, schema, path)
        }
    }

    private func problems(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: JSONValue, _ path: JSONPath
    ) -> [String] {
        switch keyword {
        case "$ref":
            let name = String((rule.string ?? "").dropFirst("#/$defs/".count))
            return problems(value, root["$defs"]?[name] ?? .null, path)
        case "type":
            let types = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
            return types.contains { fits(value, $0) } ? [] : ["\(path): \(value.kind) instead of \(types)"]
        case "enum": return (rule.array ?? []).contains(value) ? [] : ["\(path): not in the list"]
        case "minimum": return (value.int ?? 0) >= (rule.int ?? 0) ? [] : ["\(path): too small"]
        case "maximum": return (value.int ?? 0) <= (rule.int ?? 0) ? [] : ["\(path): too great"]
        case "minLength": return (value.string?.utf8.count ?? .max) >= (rule.int ?? 0) ? [] : ["\(path): too short"]
        case "maxLength": return (value.string?.utf8.count ?? 0) <= (rule.int ?? 0) ? [] : ["\(path): too long"]
        case "maxItems": return (value.array?.count ?? 0) <= (rule.int ?? 0) ? [] : ["\(path): too many"]
        case "pattern":
            let id = value.string.flatMap { ExecutionPattern.matches($0) } ?? true
            return id ? [] : ["\(path): no id"]
        case "required":
            return (rule.array ?? []).compactMap(\.string).filter { value.object != nil && value[$0] == nil }
                .map { "\(path[$0]): missing" }
        case "properties":
            return (value.object?.members ?? []).flatMap { member in
                rule[member.key].map { problems(member.value, $0, path[member.key]) } ?? []
            }
        case "additionalProperties":
            let known = Set(schema["properties"]?.object?.keys ?? [])
            return (value.object?.keys ?? []).filter { !known.contains($0) }.map { "\(path[$0]): not described" }
        case "items": return (value.array ?? []).enumerated().flatMap { problems($1, rule, path[$0]) }
        case "anyOf", "oneOf":
            let fitting = (rule.array ?? []).count { problems(value, $0, path).isEmpty }
            return fitting == 1 || (keyword == "anyOf" && fitting > 0) ? [] : ["\(path): fits \(fitting) of \(keyword)"]
        case "if":
            guard problems(value, rule, path).isEmpty, let then = schema["then"] else { return [] }
            return problems(value, then, path)
        case "then": return []
        default: return ["\(path): the schema says \(keyword)"]
        }
    }

    private func fits(_ value: JSONValue, _ type: String) -> Bool {
        type == "integer" ? value.int != nil : value.kind == type
    }
}

/// The only patterns in these schemas: ids of executions and workflows, and `stream:`.
private enum ExecutionPattern {
    static func matches(_ text: String) -> Bool {
        text.hasPrefix("stream:")
            || (1...200).contains(text.utf8.count)
                && text.unicodeScalars.allSatisfy {
                    $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.:".unicodeScalars.contains($0))
                }
    }
}
