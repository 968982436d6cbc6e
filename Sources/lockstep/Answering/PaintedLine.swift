import EventModel

/// A line for people, in parts that are painted where somebody looks. It can be kept, and shown elsewhere.
struct PaintedLine: Sendable, Hashable {
    enum Tone: String, Sendable, Hashable {
        case plain, good, warning, bad, faint, strong
    }

    private struct Part: Sendable, Hashable {
        let text: String
        let tone: Tone
    }

    private var parts: [Part] = []

    /// - Parameter text: must not move the cursor, see ``Table/printable(_:)``.
    static func + (line: PaintedLine, text: (String, Tone)) -> PaintedLine {
        var line = line
        line.parts.append(Part(text: text.0, tone: text.1))
        return line
    }

    static func + (line: PaintedLine, text: String) -> PaintedLine { line + (text, .plain) }

    func text(_ style: Style) -> String {
        parts.map { part in
            switch part.tone {
            case .plain: part.text
            case .good: style.good(part.text)
            case .warning: style.warning(part.text)
            case .bad: style.bad(part.text)
            case .faint: style.faint(part.text)
            case .strong: style.strong(part.text)
            }
        }.joined()
    }

    /// As an array of texts, each behind its tone.
    func write(to writer: inout JSONWriter) {
        writer.array { list in
            for part in parts {
                list.string(part.tone.rawValue)
                list.string(part.text)
            }
        }
    }

    init() {}

    /// What ``write(to:)`` has written. A tone that is not known is none, and what would move the cursor does not, whoever has written it.
    init(_ json: JSONValue) {
        let words = (json.array ?? []).compactMap(\.string)
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            parts.append(Part(text: Table.printable(words[index + 1]), tone: Tone(rawValue: words[index]) ?? .plain))
        }
    }
}
