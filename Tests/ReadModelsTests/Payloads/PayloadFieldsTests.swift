import EventModel
import EventSourcingTesting
import Testing

@testable import ReadModels

/// The reader that skips what nobody wants, against the one that reads everything.
@Suite struct `Fields of a payload` {
    private static let paths: [PayloadFields.Path] = [
        ["a"], ["b"], ["a", "b"], ["b", "a"], ["a", "b", "c"], ["ä"], ["quote\"d"], ["a", "ä", "a"], ["b"],
    ]

    /// Texts with whatever a string may hold, of lengths around the eight bytes that are looked at together.
    private static let texts = [
        "", "a", "plain", "seven s", "eight of", "nine of t", "sixteen of them!", "quote\"d", "back\\", "\\\"", "ä",
        "line\nbreak",
        "eight of\"and more", "a long text with an ä somewhere behind the first words", "\u{1F600}", "tab\there",
        "\u{7f}",
        "{\"a\":1}", "[1,2],", "1234567\\",
    ]

    private func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch random.below(depth == 0 ? 5 : 8) {
        case 0: return .null
        case 1: return .bool(random.below(2) == 0)
        case 2: return .number(JSONNumber(random.below(2_000) - 1_000))
        case 3, 4: return .string(Self.texts[random.below(Self.texts.count)])
        case 5: return .array((0..<random.below(4)).map { _ in value(&random, depth: depth - 1) })
        default: return object(&random, depth: depth - 1)
        }
    }

    private func object(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        var object = JSONObject([])
        for key in ["a", "b", "c", "ä", "quote\"d", "other", "a longer key than eight"] where random.below(3) > 0 {
            object[key] = value(&random, depth: depth)
        }
        return .object(object)
    }

    /// The same value, written with more room and more escapes than needed.
    private func spelled(_ value: JSONValue, _ random: inout SeededGenerator) -> String {
        let room = ["", " ", "\n\t "][random.below(3)]
        switch value {
        case .object(let object):
            let members = object.members.map { member in
                "\(room)\(spelled(.string(member.key), &random))\(room):\(room)\(spelled(member.value, &random))\(room)"
            }
            return "{\(room)\(members.joined(separator: ","))}"
        case .array(let elements):
            return "[\(room)\(elements.map { spelled($0, &random) }.joined(separator: ",\(room)"))]"
        case .string(let text) where random.below(4) == 0:
            return "\"" + text.utf16.map { "\\u" + hexadecimal($0) }.joined() + "\""
        case .string, .null, .bool, .number: return String(decoding: value.compactBytes(), as: UTF8.self)
        }
    }

    private func hexadecimal(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    private func fields(_ text: String) throws(ProjectionFault.Reason) -> PayloadFields {
        let event = history([Fact("tally-1", "tally.up", text)])[0]
        return try PayloadFields(PayloadShape(Self.paths), of: event)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `are what a full reading finds, however the payload is spelled`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let payload = object(&random, depth: 4)
        let text = spelled(payload, &random)
        let found = try fields(text)
        for path in Self.paths {
            let expected = path.reduce(payload as JSONValue?) { value, name in value?[name.description] }
            #expect(found[path] == expected, "\(path) of \(text)")
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `are a fault when the payload ends in the middle`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let text = Array(String(decoding: object(&random, depth: 3).compactBytes(), as: UTF8.self).utf8)
        for count in 0..<text.count {
            let part = String(decoding: text.prefix(count), as: UTF8.self)
            #expect(throws: ProjectionFault.Reason.self, "\(part)") { _ = try fields(part) }
        }
    }

    @Test(arguments: ["7", "[]", "\"a\"", "null", " true"])
    func `are a fault when the payload is no object`(_ text: String) {
        #expect(throws: ProjectionFault.Reason.self) { _ = try fields(text) }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `are told on one readable line of limited length`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let scalars: [Unicode.Scalar] = [
            "a", " ", "~", "\u{7f}", "\u{0}", "\n", "\u{a0}", "\u{ad}", "é", "\u{24f}", "\u{200b}", "\u{200e}", "—",
            "“", "\u{2028}",
            "\u{202e}", "…", "\u{e000}", "😀", "\u{378}", "字",
        ]
        var view = String.UnicodeScalarView()
        for _ in 0..<random.below(30) { view.append(scalars[random.below(scalars.count)]) }
        let unreadable: Set<Unicode.Scalar> = [
            "\u{7f}", "\u{0}", "\n", "\u{ad}", "\u{200b}", "\u{200e}", "\u{2028}", "\u{202e}", "\u{e000}", "\u{378}",
        ]
        let limit = 1 + random.below(30)
        var expected = view.map { unreadable.contains($0) ? " " : $0 }
        if expected.count > limit { expected = expected.prefix(limit - 1) + ["…"] }
        #expect(Array(EventSummary.readable(String(view), limit: limit).unicodeScalars) == expected)
    }
}
