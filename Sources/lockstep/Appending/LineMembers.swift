import EventModel

/// The members of a JSON object on one line, each value as the bytes that stand there.
///
/// Values are found by matching quotes and brackets only: whoever takes a value validates it. So a payload is handed on byte for
/// byte, and is judged once, by the door.
struct LineMembers {
    private(set) var members: [(key: String, value: ArraySlice<UInt8>)] = []

    /// - Throws: ``JSONFlaw`` when the line is not one JSON object.
    init(_ line: ArraySlice<UInt8>) throws(JSONFlaw) {
        guard Self.split(line, into: &members) else {
            // The door knows what is wrong, and where.
            try JSONDoor.validate(Array(line), limits: .file)
            throw .unexpected(line.first ?? 0, wanted: .key, at: 0)
        }
    }

    private static func split(
        _ line: ArraySlice<UInt8>, into members: inout [(key: String, value: ArraySlice<UInt8>)]
    ) -> Bool {
        var rest = line.drop(while: isSpace)
        guard rest.popFirst() == UInt8(ascii: "{") else { return false }
        rest = rest.drop(while: isSpace)
        if rest.first == UInt8(ascii: "}") { return rest.dropFirst().allSatisfy(isSpace) }
        while true {
            guard let key = takeKey(&rest), !members.contains(where: { $0.key == key }) else { return false }
            guard let value = takeValue(&rest) else { return false }
            members.append((key, value))
            switch rest.popFirst() {
            case UInt8(ascii: ","): rest = rest.drop(while: isSpace)
            case UInt8(ascii: "}"): return rest.allSatisfy(isSpace)
            default: return false
            }
        }
    }

    /// A key, behind which the value begins.
    private static func takeKey(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.first == UInt8(ascii: "\""), let end = endOfString(rest) else { return nil }
        let text = Array(rest[rest.startIndex..<end])
        rest = rest[end...].drop(while: isSpace)
        guard rest.popFirst() == UInt8(ascii: ":") else { return nil }
        rest = rest.drop(while: isSpace)
        return (try? JSONValue(text))?.string
    }

    /// The bytes up to the comma or bracket that ends the value, without the white space around it.
    private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var depth = 0
        var index = rest.startIndex
        while index < rest.endIndex {
            switch rest[index] {
            case UInt8(ascii: "\""):
                guard let end = endOfString(rest[index...]) else { return nil }
                index = end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}") where depth == 0, UInt8(ascii: ",") where depth == 0:
                var value = rest[rest.startIndex..<index]
                while let last = value.last, isSpace(last) { value.removeLast() }
                rest = rest[index...]
                return value.isEmpty ? nil : value
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            index += 1
        }
        return nil
    }

    /// The index behind the closing quote.
    private static func endOfString(_ text: ArraySlice<UInt8>) -> Int? {
        var index = text.startIndex + 1
        while index < text.endIndex {
            switch text[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a }
}
