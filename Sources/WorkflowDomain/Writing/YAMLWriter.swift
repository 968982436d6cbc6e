import EventModel

/// Writes a JSON value as YAML text: block style, two spaces, plain where nothing could be mistaken, else in double quotes.
///
/// The text is the same for the same value, and ``YAMLText`` reads the value back from it.
struct YAMLWriter {
    private var bytes: [UInt8] = []

    static func text(_ value: JSONValue) -> [UInt8] {
        var writer = YAMLWriter()
        switch value {
        case .object(let object) where !object.isEmpty: writer.mapping(object, indent: 0, startsInLine: true)
        case .null, .bool, .number, .string, .array, .object: writer.flow(value)
        }
        return writer.bytes
    }

    /// Members, each on lines of their own; the first one goes on in the present line where that has been begun with a dash.
    private mutating func mapping(_ object: JSONObject, indent: Int, startsInLine: Bool) {
        for (index, member) in object.members.enumerated() {
            if index > 0 || !startsInLine { spaces(indent) }
            scalar(member.key)
            write(":")
            nested(member.value, indent: indent)
        }
    }

    private mutating func sequence(_ elements: [JSONValue], indent: Int) {
        for element in elements {
            spaces(indent)
            write("-")
            switch element {
            case .object(let object) where !object.isEmpty:
                write(" ")
                mapping(object, indent: indent + 2, startsInLine: true)
            case .null, .bool, .number, .string, .array, .object: nested(element, indent: indent)
            }
        }
    }

    private mutating func nested(_ value: JSONValue, indent: Int) {
        switch value {
        case .object(let object) where !object.isEmpty:
            write("\n")
            mapping(object, indent: indent + 2, startsInLine: false)
        case .array(let elements) where !elements.isEmpty:
            write("\n")
            sequence(elements, indent: indent + 2)
        case .null, .bool, .number, .string, .array, .object:
            write(" ")
            flow(value)
        }
    }

    /// A value that takes the rest of the line.
    private mutating func flow(_ value: JSONValue) {
        switch value {
        case .null: write("null")
        case .bool(let isTrue): write(isTrue ? "true" : "false")
        case .number(let number): write(number.lexeme)
        case .string(let text): scalar(text)
        case .array: write("[]")
        case .object: write("{}")
        }
        write("\n")
    }

    private mutating func scalar(_ text: String) {
        if YAMLSpelling.isPlain(text) { write(text) } else { bytes += YAMLSpelling.quoted(text) }
    }

    private mutating func spaces(_ count: Int) { bytes += Array(repeating: UInt8(ascii: " "), count: count) }

    private mutating func write(_ text: String) { bytes += Array(text.utf8) }
}

/// How texts are spelled in YAML.
enum YAMLSpelling {
    /// Words that are no texts in YAML, in this version of it or the one before.
    private static let words: Set<String> = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan",
    ]

    /// Whether a text means itself without quotes: letters, digits, `_`, `-` and `.`, with single spaces inside, a letter or `_` first.
    static func isPlain(_ text: String) -> Bool {
        guard text.utf8.count <= 200, let first = text.utf8.first, isLetter(first) else { return false }
        guard !words.contains(text.lowercased()) else { return false }
        var previous = first
        for byte in text.utf8 {
            let isDigit = byte &- 0x30 <= 9
            let isMark = byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: " ")
            guard isLetter(byte) || isDigit || isMark else { return false }
            if byte == UInt8(ascii: " "), previous == UInt8(ascii: " ") { return false }
            previous = byte
        }
        return previous != UInt8(ascii: " ") && previous != UInt8(ascii: "-")
    }

    /// The text in double quotes.
    ///
    /// A star that could begin an alias is escaped: whoever looks at the text before parsing it need not know about quotes.
    static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        var aliasMayBegin = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": bytes += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
            case "\n": bytes += Array("\\n".utf8)
            case "\t": bytes += Array("\\t".utf8)
            case "\r": bytes += Array("\\r".utf8)
            case "*" where aliasMayBegin: bytes += Array("\\x2A".utf8)
            case _ where isPrintable(scalar): bytes += Array(String(scalar).utf8)
            default: bytes += escaped(scalar)
            }
            if scalar != " " { aliasMayBegin = "-:?[{,".unicodeScalars.contains(scalar) }
        }
        return bytes + [UInt8(ascii: "\"")]
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }

    /// What YAML lets stand as it is inside quotes, less line breaks of every kind.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> [UInt8] {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let width = scalar.value <= 0xFF ? 2 : 4
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return Array((width == 2 ? "\\x" : "\\u").utf8) + Array((zeros + digits).utf8)
    }
}
