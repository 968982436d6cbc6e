import EventModel

/// Walks the members of one JSON object, and of the objects inside it that lead to what is wanted, once and from the first byte to the last.
struct MemberReader {
    private typealias Node = PayloadShape.Node

    private let bytes: UnsafeRawBufferPointer
    private let nodes: UnsafeBufferPointer<PayloadShape.Node>
    private var at = 0

    /// A reader of a text that should be an object, and of the nodes of what is wanted.
    init(bytes: UnsafeRawBufferPointer, wanting nodes: UnsafeBufferPointer<PayloadShape.Node>) {
        self.bytes = bytes
        self.nodes = nodes
    }

    /// Puts each wanted value that is there into its place.
    mutating func read(into values: inout [JSONValue?]) throws(ProjectionFault.Reason) {
        skipWhitespace()
        guard peek == UInt8(ascii: "{") else { throw .notAnObject(found: try parse(bytes[...]).kind) }
        try readMembers(nodes.isEmpty ? Node.none : 0, into: &values)
    }

    /// The cursor is at the opening brace, and ends behind the closing one.
    ///
    /// - Parameter first: the first node of those that are wanted of this object.
    private mutating func readMembers(
        _ first: Int, into values: inout [JSONValue?]
    ) throws(ProjectionFault.Reason) {
        at += 1
        skipWhitespace()
        if peek == UInt8(ascii: "}") {
            at += 1
            return
        }
        while true {
            let key = try string()
            skipWhitespace()
            try take(UInt8(ascii: ":"), .colon)
            skipWhitespace()
            try readValue(node(from: first, spelledBy: key), into: &values)
            skipWhitespace()
            if peek == UInt8(ascii: "}") {
                at += 1
                return
            }
            try take(UInt8(ascii: ","), .commaOrBrace)
            skipWhitespace()
        }
    }

    private func node(from first: Int, spelledBy key: Text) -> Int {
        var node = first
        while node != Node.none, !spells(key, nodes[node].name) { node = nodes[node].next }
        return node
    }

    private mutating func readValue(_ node: Int, into values: inout [JSONValue?]) throws(ProjectionFault.Reason) {
        guard node != Node.none else { return try skipValue() }
        let (place, inside) = (nodes[node].place, nodes[node].inside)
        let start = at
        // What is inside something else than an object is not there.
        if inside != Node.none, peek == UInt8(ascii: "{") {
            try readMembers(inside, into: &values)
        } else if place != Node.none, peek == UInt8(ascii: "\"") {
            let text = try string()
            values[place] = try value(of: text)
            return
        } else {
            try skipValue()
        }
        if place != Node.none { values[place] = try parse(bytes[start..<at]) }
    }

    @inline(__always)
    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    @inline(__always)
    private mutating func take(_ byte: UInt8, _ wanted: JSONFlaw.Wanted) throws(ProjectionFault.Reason) {
        guard peek == byte else { throw missing(wanted) }
        at += 1
    }

    @inline(never)
    private func missing(_ wanted: JSONFlaw.Wanted) -> ProjectionFault.Reason {
        peek.map { .payload(.unexpected($0, wanted: wanted, at: at)) }
            ?? .payload(.unexpectedEnd(wanted: wanted, at: at))
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
    }

    /// Skips a value of any depth.
    private mutating func skipValue() throws(ProjectionFault.Reason) {
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
}

// MARK: Strings

extension MemberReader {
    /// A string's text with its quotes, and whether it spells itself: ASCII without escapes and controls.
    private struct Text {
        var range: Range<Int>
        var isPlain: Bool
    }

    /// Skips a string, eight bytes at a time.
    private mutating func string() throws(ProjectionFault.Reason) -> Text {
        let start = at
        try take(UInt8(ascii: "\""), .key)
        var isPlain = true
        while true {
            while at + 8 <= bytes.count {
                let word = Word(bytes, at)
                let plain = word.bytesBeforeQuoteOrBackslash
                isPlain = isPlain && word.isPlain(through: plain)
                at += plain
                if plain < 8 { break }
            }
            guard let byte = peek else { throw .payload(.unexpectedEnd(wanted: .quote, at: bytes.count)) }
            isPlain = isPlain && byte != UInt8(ascii: "\\") && (0x20..<0x80).contains(byte)
            at += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return Text(range: start..<at, isPlain: isPlain) }
        }
    }

    private func value(of text: Text) throws(ProjectionFault.Reason) -> JSONValue {
        guard text.isPlain else { return try parse(bytes[text.range]) }
        let content = UnsafeRawBufferPointer(rebasing: bytes[text.range.dropFirst().dropLast()])
        return .string(String(decoding: content, as: UTF8.self))
    }

    /// Whether a key spells `name`; escapes are resolved only where there are any.
    private func spells(_ key: Text, _ name: StaticString) -> Bool {
        guard key.isPlain else {
            return (try? value(of: key))?.string?.utf8.elementsEqual(PayloadFields.bytes(of: name)) ?? false
        }
        let length = name.utf8CodeUnitCount
        guard key.range.count == length + 2 else { return false }
        let (start, wanted) = (key.range.lowerBound + 1, name.utf8Start)
        for place in 0..<length where bytes[start + place] != wanted[place] { return false }
        return true
    }
}

/// Eight bytes of a text, the first in the lowest.
private struct Word {
    private let bits: UInt64
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ offset: Int) {
        bits = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// How many bytes come before the first quotation mark or backslash: 0 to 8.
    @inline(__always)
    var bytesBeforeQuoteOrBackslash: Int {
        let special =
            Self.zeroes(bits ^ (Self.ones &* UInt64(UInt8(ascii: "\""))))
            | Self.zeroes(bits ^ (Self.ones &* UInt64(UInt8(ascii: "\\"))))
        return special == 0 ? 8 : special.trailingZeroBitCount >> 3
    }

    /// Whether the first `count` bytes are ASCII and no controls.
    @inline(__always)
    func isPlain(through count: Int) -> Bool {
        // A control borrows from its neighbour's top bit; a byte beyond ASCII has its own.
        let unusual = (bits | (bits &- Self.ones &* 0x20)) & Self.tops
        return unusual == 0 || unusual.trailingZeroBitCount >> 3 >= count
    }

    /// The top bit of every byte up to and including the first that is zero tells whether it is.
    @inline(__always)
    private static func zeroes(_ bits: UInt64) -> UInt64 { (bits &- ones) & ~bits & tops }
}
