import EventModel
import EventSourcingTesting
import Foundation

/// The part of JSON Schema that `Schemas/cli` uses. A keyword that is not known here is a flaw, so that no promise goes unchecked.
struct AnswerSchema: Sendable {
    let schema: JSONValue

    static let directory = ProjectFiles.path("Schemas/cli")

    /// The schema of an answer, by name: `append`.
    init(_ name: String) throws {
        schema = try JSONValue(try ProjectFiles.bytes("\(Self.directory)/\(name).v1.json"), limits: .file)
    }

    init(_ schema: JSONValue) { self.schema = schema }

    /// What is wrong with `value`; empty when nothing is.
    func flaws(in value: JSONValue) -> [String] { Self.flaws(value, schema, "$") }

    private static let comments: Set<String> = ["$schema", "$id", "title", "description"]

    private static func flaws(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
        (schema.object?.members ?? []).flatMap { member in
            comments.contains(member.key) ? [] : flaws(value, member.key, member.value, schema, path)
        }
    }

    private static func flaws(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: JSONValue, _ path: String
    ) -> [String] {
        switch keyword {
        case "type":
            return isOf(value, rule.array?.compactMap(\.string) ?? [rule.string ?? ""])
                ? [] : ["\(path) is a \(value.kind)"]
        case "const": return value == rule ? [] : ["\(path) is not the constant"]
        case "enum": return rule.array?.contains(value) == true ? [] : ["\(path) is none of the values"]
        case "required":
            // It says something of objects alone: what may be null has no members then.
            guard value.object != nil else { return [] }
            return (rule.array ?? []).compactMap(\.string).filter { value[$0] == nil }.map {
                "\(path).\($0) is missing"
            }
        case "properties":
            return (rule.object?.members ?? []).flatMap { member in
                value[member.key].map { flaws($0, member.value, "\(path).\(member.key)") } ?? []
            }
        case "additionalProperties":
            let known = Set(schema["properties"]?.object?.keys ?? [])
            return (value.object?.keys ?? []).filter { !known.contains($0) }.map { "\(path).\($0) is not known" }
        case "items":
            return (value.array ?? []).enumerated().flatMap { flaws($0.element, rule, "\(path)[\($0.offset)]") }
        case "minimum":
            return value.number.map { $0.double >= (rule.number?.double ?? 0) } ?? true ? [] : ["\(path) is too small"]
        case "maximum":
            return value.number.map { $0.double <= (rule.number?.double ?? 0) } ?? true ? [] : ["\(path) is too large"]
        case "minLength":
            return value.string.map { $0.count >= (rule.int ?? 0) } ?? true ? [] : ["\(path) is too short"]
        case "pattern": return matches(value, rule) ? [] : ["\(path) does not match"]
        case "oneOf":
            let all = (rule.array ?? []).map { flaws(value, $0, path) }
            return all.count(where: \.isEmpty) == 1 ? [] : ["\(path) fits none or several: \(all)"]
        default: return ["the schema uses \(keyword), which is not checked"]
        }
    }

    private static func isOf(_ value: JSONValue, _ types: [String]) -> Bool {
        types.contains { $0 == "integer" ? value.int != nil : $0 == value.kind }
    }

    private static func matches(_ value: JSONValue, _ rule: JSONValue) -> Bool {
        guard let text = value.string else { return true }
        guard let pattern = try? Regex(rule.string ?? "") else { return false }
        return text.contains(pattern)
    }
}
