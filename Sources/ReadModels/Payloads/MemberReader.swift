import EventModel

/// Walks the members of one JSON object, and of the objects inside it that lead to what is wanted.
struct MemberReader {
    /// What is wanted: where its value goes, and the names that lead to it from here.
    typealias Wanted = (index: Int, path: ArraySlice<StaticString>)

    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    /// A reader of a text that should be an object.
    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Puts each wanted value that is there into its place.
    mutating func read(_ wanted: [Wanted], into values: inout [JSONValue?]) throws(ProjectionFault.Reason) {
        skipWhitespace()
        guard peek == UInt8(ascii: "{") else { throw .notAnObject(found: try parse(bytes[...]).kind) }
        at += 1
        skipWhitespace()
        if peek == UInt8(ascii: "}") { return }
        while true {
            let key = try string()
            skipWhitespace()
            try take(UInt8(ascii: ":"), .colon)
            skipWhitespace()
            let value = try skipValue()
            try read(value, of: key, wanted, into: &values)
            skipWhitespace()
            if peek == UInt8(ascii: "}") { return }
            try take(UInt8(ascii: ","), .commaOrBrace)
            skipWhitespace()
        }
    }

    private func read(
        _ value: Slice<UnsafeRawBufferPointer>, of key: Slice<UnsafeRawBufferPointer>, _ wanted: [Wanted],
        into values: inout [JSONValue?]
    ) throws(ProjectionFault.Reason) {
        var deeper: [Wanted] = []
        for (index, path) in wanted {
            guard let name = path.first, Self.spells(key, name) else { continue }
            if path.count > 1 {
                deeper.append((index, path.dropFirst()))
            } else {
                values[index] = try parse(value)
            }
        }
        // What is inside something else than an object is not there.
        guard !deeper.isEmpty, value.first == UInt8(ascii: "{") else { return }
        var reader = MemberReader(bytes: UnsafeRawBufferPointer(rebasing: value))
        try reader.read(deeper, into: &values)
    }

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func take(_ byte: UInt8, _ wanted: JSONFlaw.Wanted) throws(ProjectionFault.Reason) {
        guard let found = peek else { throw .payload(.unexpectedEnd(wanted: wanted, at: at)) }
        guard found == byte else { throw .payload(.unexpected(found, wanted: wanted, at: at)) }
        at += 1
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
    }

    /// Skips a string and answers it with its quotes.
    private mutating func string() throws(ProjectionFault.Reason) -> Slice<UnsafeRawBufferPointer> {
        let start = at
        try take(UInt8(ascii: "\""), .key)
        while let byte = peek {
            at += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return bytes[start..<at] }
        }
        throw .payload(.unexpectedEnd(wanted: .quote, at: bytes.count))
    }

    /// Skips a value of any depth and answers its text.
    private mutating func skipValue() throws(ProjectionFault.Reason) -> Slice<UnsafeRawBufferPointer> {
        let start = at
        var depth = 0
        repeat {
            guard let byte = peek else { throw .payload(.unexpectedEnd(wanted: .value, at: at)) }
            switch byte {
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                at += 1
            default: skipPlain()
            }
        } while depth > 0
        guard depth == 0, start < at else { throw .payload(.unexpectedEnd(wanted: .value, at: start)) }
        return bytes[start..<at]
    }

    /// Skips at least one byte, up to one that opens, closes or separates something.
    private mutating func skipPlain() {
        let start = at
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "}"), UInt8(ascii: "]"): return
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0a, 0x0d, 0x09:
                if at == start { at += 1 }
                return
            default: at += 1
            }
        }
    }

    private func parse(_ text: Slice<UnsafeRawBufferPointer>) throws(ProjectionFault.Reason) -> JSONValue {
        do throws(JSONFlaw) { return try JSONValue(UnsafeRawBufferPointer(rebasing: text)) } catch {
            throw .payload(error)
        }
    }

    /// Whether a key's text, quotes included, spells `name`; escapes are resolved only where there are any.
    private static func spells(_ key: Slice<UnsafeRawBufferPointer>, _ name: StaticString) -> Bool {
        let wanted = PayloadFields.bytes(of: name)
        guard key.contains(UInt8(ascii: "\\")) else {
            return key.count == wanted.count + 2 && key.dropFirst().dropLast().elementsEqual(wanted)
        }
        let value = try? JSONValue(UnsafeRawBufferPointer(rebasing: key))
        return value?.string?.utf8.elementsEqual(wanted) ?? false
    }
}
