import EventModel
import Yams

/// Turns YAML text into the JSON value that means the same, by YAML 1.2's core schema, as Sim's own reader does. JSON is YAML.
///
/// Aliases are refused: a few nested ones can stand for more data than fits any machine. So are keys that are given twice, and more than one document.
public enum YAMLText {
    /// What a text may have at most.
    public struct Limits: Sendable {
        /// Bytes of the text.
        public let bytes: Int
        /// Values in it, those that hold others included.
        public let nodes: Int
        /// Lists and mappings inside of one another.
        public let depth: Int

        /// Limits by their parts.
        public init(bytes: Int, nodes: Int, depth: Int) {
            self.bytes = bytes
            self.nodes = nodes
            self.depth = depth
        }

        /// Those of a workflow.
        public static let workflow = Limits(
            bytes: WorkflowLimits.yamlBytes, nodes: WorkflowLimits.yamlNodes, depth: WorkflowLimits.yamlDepth)
    }

    /// What a text means.
    ///
    /// - Parameter lines: is told the line, from 1, of every value below the top; `rules[2].path` is where it stands.
    public static func value(
        of bytes: [UInt8], limits: Limits = .workflow, lines: ((_ place: String, _ line: Int) -> Void)? = nil
    ) throws(YAMLFlaw) -> JSONValue {
        guard bytes.count <= limits.bytes else { throw .tooLarge(bytes: bytes.count, limit: limits.bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(line: 0, column: 0, message: "the bytes are not UTF-8")
        }
        try YAMLGuard.check(bytes, depth: limits.depth)
        let node: Node?
        do {
            node = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw refusal(error)
        } catch {
            throw .malformed(line: 0, column: 0, message: "it cannot be parsed")
        }
        guard let node else { throw .empty }
        var conversion = YAMLConversion(limits: limits, lines: lines)
        let value = try conversion.value(of: node, at: "", depth: 0)
        do throws(JSONFlaw) {
            try JSONDoor.validate(value.compactBytes(), limits: .file)
        } catch {
            throw .malformed(line: 0, column: 0, message: "as JSON, \(error)")
        }
        return value
    }

    private static func refusal(_ error: YamlError) -> YAMLFlaw {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .malformed(line: mark.line, column: mark.column, message: problem)
        case .duplicatedKeysInMapping(_, let context):
            .malformed(line: context.mark.line, column: context.mark.column, message: "a key is given twice")
        default: .malformed(line: 0, column: 0, message: "it cannot be parsed")
        }
    }
}

/// Why a text is no YAML for us.
public enum YAMLFlaw: Error, Sendable, Hashable {
    /// There is nothing in it.
    case empty
    /// It has more bytes than it may.
    case tooLarge(bytes: Int, limit: Int)
    /// It cannot be read; line and column count from 1, 0 where unknown.
    case malformed(line: Int, column: Int, message: String)
}

/// From YAML nodes to JSON values, within limits.
private struct YAMLConversion {
    let limits: YAMLText.Limits
    let lines: ((String, Int) -> Void)?
    private var nodes = 0

    init(limits: YAMLText.Limits, lines: ((String, Int) -> Void)?) {
        self.limits = limits
        self.lines = lines
    }

    mutating func value(of node: Node, at place: String, depth: Int) throws(YAMLFlaw) -> JSONValue {
        nodes += 1
        guard nodes <= limits.nodes else { throw refusal(node, "there are more than \(limits.nodes) values") }
        guard depth <= limits.depth else { throw refusal(node, "nested deeper than \(limits.depth) levels") }
        switch node {
        case .scalar(let scalar): return scalarValue(scalar)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for (index, element) in sequence.enumerated() {
                let inside = lines == nil ? "" : "\(place)[\(index)]"
                lines?(inside, element.mark?.line ?? 0)
                elements.append(try value(of: element, at: inside, depth: depth + 1))
            }
            return .array(elements)
        case .mapping(let mapping):
            var members: [JSONObject.Member] = []
            for (key, element) in mapping {
                guard let name = key.scalar?.string else { throw refusal(key, "a key must be a text") }
                let inside = lines == nil ? "" : place.isEmpty ? name : "\(place).\(name)"
                lines?(inside, key.mark?.line ?? 0)
                members.append(
                    JSONObject.Member(key: name, value: try value(of: element, at: inside, depth: depth + 1)))
            }
            let object = JSONObject(members)
            guard object.count == members.count else { throw refusal(node, "a key is given twice") }
            return .object(object)
        case .alias: throw refusal(node, YAMLGuard.aliasMessage)
        }
    }

    private func refusal(_ node: Node, _ message: String) -> YAMLFlaw {
        .malformed(line: node.mark?.line ?? 0, column: node.mark?.column ?? 0, message: message)
    }

    /// YAML 1.2 core schema: `yes`, `on` and dates are texts.
    private func scalarValue(_ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case let text: return number(text).map(JSONValue.number) ?? .string(text)
        }
    }

    private func number(_ text: String) -> JSONNumber? {
        if let number = JSONNumber(text) { return number }
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16).map { JSONNumber($0) } }
        if text.hasPrefix("0o") { return UInt64(text.dropFirst(2), radix: 8).map { JSONNumber($0) } }
        let unsigned = text.drop { $0 == "+" || $0 == "-" }
        guard text.utf8.count - unsigned.utf8.count <= 1, let first = unsigned.utf8.first else { return nil }
        guard first &- 0x30 <= 9 || first == UInt8(ascii: "."), unsigned.contains(where: \.isNumber) else { return nil }
        return JSONNumber(plainSpelling(String(unsigned), negative: text.hasPrefix("-")))
    }

    /// YAML's `+1`, `.5`, `5.` and `007` in JSON's spelling.
    private func plainSpelling(_ unsigned: String, negative: Bool) -> String {
        let exponentAt = unsigned.utf8.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? unsigned.endIndex
        let parts = unsigned[..<exponentAt].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = parts[0].drop { $0 == "0" }
        let fraction = parts.count > 1 && !parts[1].isEmpty ? "." + parts[1] : ""
        return (negative ? "-" : "") + (whole.isEmpty ? "0" : String(whole)) + fraction + unsigned[exponentAt...]
    }
}
