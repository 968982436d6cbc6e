/// A refused connection as libpq words it in verbose mode: `…: FATAL:  28P01: text`, then a line with the source
/// location.
///
/// The code stands between two blanks after the severity and a colon; nothing of the translated words is looked at.
struct VerboseRefusal: Equatable {
    /// The code of the last refusal in the text; nil when no server answered.
    var sqlState: SQLState?
    /// The text without codes and source locations.
    var message: String

    private static let codeLength = 5
    private static let beforeCode = ":  "

    init(_ text: String) {
        var lines: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let (state, rest) = Self.split(line)
            if let state { sqlState = state }
            // The line after a refusal names a file of the server's source.
            let isLocation = state == nil && line.hasPrefix("LOCATION:")
            if !isLocation { lines.append(rest) }
        }
        message = lines.joined(separator: "; ")
    }

    private static func split(_ line: Substring) -> (SQLState?, String) {
        guard let mark = line.firstRange(of: beforeCode) else { return (nil, String(line)) }
        let code = line[mark.upperBound...].prefix(codeLength)
        let rest = line[mark.upperBound...].dropFirst(codeLength)
        let isCode = code.utf8.count == codeLength && code.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
        guard isCode, rest.hasPrefix(": ") else { return (nil, String(line)) }
        return (SQLState(rawValue: String(code)), String(line[..<mark.lowerBound]) + ": " + rest.dropFirst(2))
    }
}
