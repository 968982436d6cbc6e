/// Looks at YAML text before the parser does, for what would exhaust it: depth, and aliases.
enum YAMLGuard {
    static let aliasMessage = "aliases (*name) are not supported; write the value out"

    static func check(_ text: [UInt8], depth: Int) throws(YAMLFlaw) {
        var line = 0
        var brackets = 0
        var anchors: Set<[UInt8]> = []
        for content in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            guard compactNesting(content) <= depth else { throw tooDeep(line, depth) }
            for byte in content {
                if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { brackets += 1 }
                if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { brackets = max(0, brackets - 1) }
                guard brackets <= bracketLimit else { throw tooDeep(line, depth) }
            }
            if let column = aliasColumn(in: content, anchors: &anchors) {
                throw .malformed(line: line, column: column, message: aliasMessage)
            }
        }
    }

    /// Brackets that may be open at once. Texts inside the file count, too, so this is far above the depth that is accepted.
    private static let bracketLimit = 1_000

    /// How many lists and mappings one line opens: `- - ? - x`.
    private static func compactNesting(_ line: ArraySlice<UInt8>) -> Int {
        let opening = line.prefix { [0x20, 0x2D, 0x3F, 0x3A].contains($0) }
        return zip(opening, opening.dropFirst()).count { $0 != 0x20 && $1 == 0x20 }
    }

    private static func tooDeep(_ line: Int, _ depth: Int) -> YAMLFlaw {
        .malformed(line: line, column: 0, message: "nested deeper than \(depth) levels")
    }

    /// Where a value begins with `*name` for a name that some value before began with `&name`.
    private static func aliasColumn(in line: ArraySlice<UInt8>, anchors: inout Set<[UInt8]>) -> Int? {
        var valueMayBegin = true
        for index in line.indices {
            let byte = line[index]
            if valueMayBegin, byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*") {
                let name = Array(
                    line[(index + 1)...].prefix { $0 > 0x20 && ![0x2C, 0x5B, 0x5D, 0x7B, 0x7D].contains($0) })
                if byte == UInt8(ascii: "&") {
                    anchors.insert(name)
                } else if anchors.contains(name) {
                    return index - line.startIndex + 1
                }
            }
            switch byte {
            case 0x20, 0x09: break
            case UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "{"),
                UInt8(ascii: ","):
                valueMayBegin = true
            default: valueMayBegin = false
            }
        }
        return nil
    }
}
