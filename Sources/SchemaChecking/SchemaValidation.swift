import EventModel

/// Holds a value to a JSON Schema, as far as the schemas of events go. A keyword that is not known here is a flaw, so that nothing goes unchecked.
struct SchemaValidation {
    /// What is wrong, and where.
    struct Flaw: Hashable {
        let place: String
        let reason: String
    }

    let root: JSONValue

    private static let annotations: Set<String> = [
        "$schema", "$id", "$defs", "$comment", "title", "description", "examples", "format", "x-personal", "then",
        "else",
    ]

    func flaws(in value: JSONValue) -> [Flaw] { flaws(value, root, "") }

    private func flaws(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> [Flaw] {
        guard let rules = schema.object else {
            return schema == .bool(true) ? [] : [Flaw(place: place, reason: "is not allowed")]
        }
        return rules.members.flatMap { rule in
            Self.annotations.contains(rule.key) ? [] : flaws(value, rule.key, rule.value, schema, place)
        }
    }

    private func flaws(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: JSONValue, _ place: String
    ) -> [Flaw] {
        func flaw(unless isMet: Bool, _ reason: String) -> [Flaw] { isMet ? [] : [Flaw(place: place, reason: reason)] }
        switch keyword {
        case "$ref":
            let name = String((rule.string ?? "").dropFirst("#/$defs/".count))
            guard let target = root["$defs"]?[name] else {
                return flaw(unless: false, "refers to \(name), which is not there")
            }
            return flaws(value, target, place)
        case "type":
            let types = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
            return flaw(unless: types.contains { Self.is(value, $0) }, "is a \(value.kind)")
        case "enum": return flaw(unless: rule.array?.contains(value) == true, "is none of the values")
        case "const": return flaw(unless: value == rule, "is not the constant")
        case "minimum": return flaw(unless: Self.ordered(rule.number, value.number), "is too small")
        case "maximum": return flaw(unless: Self.ordered(value.number, rule.number), "is too large")
        case "minLength":
            return flaw(unless: value.string.map { $0.unicodeScalars.count >= (rule.int ?? 0) } ?? true, "is too short")
        case "maxLength":
            return flaw(unless: value.string.map { $0.unicodeScalars.count <= (rule.int ?? 0) } ?? true, "is too long")
        case "minItems":
            return flaw(unless: value.array.map { $0.count >= (rule.int ?? 0) } ?? true, "has too few elements")
        case "maxItems":
            return flaw(unless: value.array.map { $0.count <= (rule.int ?? 0) } ?? true, "has too many elements")
        case "minProperties":
            return flaw(unless: value.object.map { $0.count >= (rule.int ?? 0) } ?? true, "has too few members")
        case "maxProperties":
            return flaw(unless: value.object.map { $0.count <= (rule.int ?? 0) } ?? true, "has too many members")
        case "pattern": return flaw(unless: Self.matches(value.string, rule.string ?? ""), "does not match the pattern")
        case "required":
            return (rule.array ?? []).compactMap(\.string).filter { value.object != nil && value[$0] == nil }
                .map { Flaw(place: Self.join(place, $0), reason: "is missing") }
        case "anyOf", "oneOf", "allOf": return alternatives(value, keyword, rule.array ?? [], place)
        case "if":
            return flaws(value, rule, place).isEmpty
                ? flaws(value, schema["then"] ?? true, place) : flaws(value, schema["else"] ?? true, place)
        case "not": return flaw(unless: !flaws(value, rule, place).isEmpty, "is what it must not be")
        default: return inside(value, keyword, rule, schema, place)
        }
    }

    private func inside(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: JSONValue, _ place: String
    ) -> [Flaw] {
        let members = value.object?.members ?? []
        switch keyword {
        case "items": return (value.array ?? []).enumerated().flatMap { flaws($1, rule, "\(place)[\($0)]") }
        case "properties":
            return members.flatMap { member in
                rule[member.key].map { flaws(member.value, $0, Self.join(place, member.key)) } ?? []
            }
        case "additionalProperties":
            return members.filter { schema["properties"]?[$0.key] == nil }.flatMap { member in
                rule == .bool(false)
                    ? [Flaw(place: Self.join(place, member.key), reason: "is not described")]
                    : flaws(member.value, rule, Self.join(place, member.key))
            }
        default: return [Flaw(place: place, reason: "has a schema that says \(keyword), which is not checked")]
        }
    }

    private func alternatives(_ value: JSONValue, _ keyword: String, _ all: [JSONValue], _ place: String) -> [Flaw] {
        let fitting = all.count { flaws(value, $0, place).isEmpty }
        let isMet =
            switch keyword {
            case "anyOf": fitting > 0
            case "oneOf": fitting == 1
            default: fitting == all.count
            }
        return isMet ? [] : [Flaw(place: place, reason: "fits \(fitting) of \(all.count) alternatives")]
    }

    private static func `is`(_ value: JSONValue, _ type: String) -> Bool {
        type == "integer" ? value.int != nil : value.kind == type
    }

    private static func ordered(_ left: JSONNumber?, _ right: JSONNumber?) -> Bool {
        guard let left, let right else { return true }
        return left.double <= right.double
    }

    private static func matches(_ text: String?, _ pattern: String) -> Bool {
        guard let text else { return true }
        guard let pattern = try? Regex(pattern) else { return false }
        return text.contains(pattern)
    }

    private static func join(_ place: String, _ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }
}
