import EventModel

/// The data of a status event: `{status, data: {stage, matched_guidelines, …}}`.
enum ParlantStatus {
    static let matched = ["matched_guidelines", "matched_journeys", "matched_journey_states"]
    /// What the server says about its own insides: file paths and source lines, which are nobody's business.
    static let internals: Set<String> = ["exception", "traceback"]
    private static let tracebackMark = "Traceback (most recent call last)"

    /// - Returns: `nil` when it has no status.
    static func content(_ data: JSONValue, at path: JSONPath) throws(ReportFlaw) -> EventContent? {
        guard var outer = data.object, let status = outer["status"]?.string, !status.isEmpty,
            status.utf8.count <= SessionLimits.nameBytes
        else { return nil }
        let inner = outer["data"]?.object
        var detail = JSONObject()
        var stage: String?
        var matches: TurnMatches?
        if let inner {
            outer = outer.removing(["data"])
            stage = inner["stage"]?.string.flatMap { $0.utf8.count <= SessionLimits.nameBytes ? $0 : nil }
            matches = try Self.matches(inner, at: path["data"])
            var rest = cleaned(inner).removing(stage == nil ? [] : ["stage"])
            if matches != nil { rest = rest.removing(Set(matched.filter { isPlain(inner[$0]) })) }
            detail["data"] = rest.nonEmpty
        }
        for member in cleaned(outer.removing(["status"])).members { detail[member.key] = member.value }
        return .status(
            StatusContent(
                status: status, stage: stage, matches: matches,
                error: status == ParlantWords.error ? errorName(inner ?? outer) : nil, detail: detail.nonEmpty))
    }

    /// The matches, if all three are named: only the engine does.
    private static func matches(_ data: JSONObject, at path: JSONPath) throws(ReportFlaw) -> TurnMatches? {
        var lists: [[String]] = []
        for key in matched {
            guard let elements = data[key]?.array else { return nil }
            guard elements.count <= SessionLimits.matches else {
                throw .tooMany(path[key], count: elements.count, limit: SessionLimits.matches)
            }
            let ids = elements.compactMap { $0["id"]?.string }
            guard ids.count == elements.count else { return nil }
            lists.append(ids)
        }
        return TurnMatches(guidelines: lists[0], journeys: lists[1], states: lists[2].map { ElementID($0) })
    }

    /// Whether a list of matches says nothing but ids.
    private static func isPlain(_ value: JSONValue?) -> Bool {
        value?.array?.allSatisfy { $0.object?.count == 1 && $0["id"]?.string != nil } ?? false
    }

    private static func cleaned(_ object: JSONObject) -> JSONObject {
        JSONObject(
            object.members.filter { member in
                !internals.contains(member.key) && !(member.value.string?.contains(tracebackMark) ?? false)
            })
    }

    /// The name of the error that a traceback ends with: `KeyError`. Its text, which may quote anything, is left out.
    private static func errorName(_ data: JSONObject) -> String {
        let text = internals.sorted().lazy.compactMap { data[$0]?.string }.first ?? ""
        return errorName(inTraceback: text) ?? ParlantWords.error
    }

    /// The last identifier that is spelled like the name of an error and followed by a colon.
    static func errorName(inTraceback text: String) -> String? {
        var name: [UInt8] = []
        var last: String?
        var isEscaped = false
        for byte in text.utf8 {
            // The server spells line breaks out: `\n` in front of a name is not part of it.
            if isEscaped {
                isEscaped = false
                continue
            }
            isEscaped = byte == UInt8(ascii: "\\")
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                name.append(byte)
            default:
                if byte == UInt8(ascii: ":"), let found = Self.error(name) { last = found }
                name = []
            }
        }
        return last
    }

    private static func error(_ name: [UInt8]) -> String? {
        guard (1...SessionLimits.errorBytes).contains(name.count) else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        return ["Error", "Exception", "Timeout", "Interrupt", "Exit"].contains(where: text.hasSuffix) ? text : nil
    }
}
