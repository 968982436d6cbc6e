import EventModel
import EventSourcingTesting
import FoundationEssentials

/// Keys, places and values for the tests of sealing, decided by a seed.
struct SealedWorld {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func key(_ subject: String = "customer:7", in workspace: Workspace = .default, generation: Int32 = 1)
        throws
        -> SubjectKey
    {
        SubjectKey(
            SubjectKeyID(workspace: workspace, subject: try DataSubject(subject), generation: generation),
            using: &random)
    }

    static let event = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

    static func place(
        _ path: JSONPath = JSONPath([.key("text")]), in workspace: Workspace = .default, event: UUID = event
    ) -> SealedPlace {
        SealedPlace(workspace: workspace, event: event, path: path)
    }

    /// Any JSON value, a few of them hostile.
    mutating func value(depth: Int = 4) -> JSONValue {
        switch random.below(depth > 0 ? 9 : 6) {
        case 0: return .null
        case 1: return .bool(random.chance(perMille: 500))
        case 2: return .number(JSONNumber(Int(truncatingIfNeeded: random.next())))
        case 3: return .string(text())
        case 4: return SealedValue(subject: text(), key: "1", ciphertext: "AAAA").value
        case 5: return SealedValue.erased(subject: text())
        case 6: return .array((0..<random.below(4)).map { _ in value(depth: depth - 1) })
        default: return .object(object(depth: depth))
        }
    }

    mutating func object(depth: Int) -> JSONObject {
        JSONObject((0..<random.below(5)).map { _ in .init(key: text(), value: value(depth: depth - 1)) })
    }

    private mutating func text() -> String {
        let texts = ["", "a", "b", "text", "é", "e\u{301}", "\"\\", "日本", "$sealed", "\u{1F600}", "subject", "a\nb"]
        return texts[random.below(texts.count)]
    }

    /// A mark somewhere in data like ``value(depth:)``.
    mutating func mark() throws -> PersonalMark {
        let path = (0..<random.below(4)).map { _ -> PersonalMark.Step in
            switch random.below(3) {
            case 0: .everyMember
            case 1: .everyElement
            default: .key(text())
            }
        }
        let subjects: [PersonalMark.Subject] = [.syncKey, .workspace, .member("who")]
        return PersonalMark(
            try EventType("note.written"), version: 1, at: path, of: subjects[random.below(subjects.count)])
    }
}
