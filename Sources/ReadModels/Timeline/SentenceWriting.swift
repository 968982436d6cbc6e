import EventModel

extension SentenceTemplate {
    /// The sentence about a payload; `nil` when something that it needs is not there, or not of its kind.
    func sentence(of fields: PayloadFields) -> String? {
        var text = ""
        for piece in pieces {
            guard let part = piece.text(of: fields) else { return nil }
            text += part
        }
        return text
    }
}

extension SentenceTemplate.Piece {
    fileprivate func text(of fields: PayloadFields) -> String? {
        switch self {
        case .words(let words): words
        case .name(let paths): paths.lazy.compactMap { Self.name(fields[$0]) }.first
        case .plain(let path): Self.plain(fields[path])
        case .choice(let path, let words): Self.choice(fields[path], words)
        case .count(let path, let noun, let zero): Self.count(fields[path], of: noun, zero: zero)
        case .personal(let path, let words): Self.personal(fields[path], as: words)
        case .difference(let path, let kinds): Self.difference(fields[path], of: kinds)
        case .optional(let template): template.sentence(of: fields) ?? ""
        case .whenTrue(let path, let words): fields[path] == .bool(true) ? words : ""
        }
    }

    private static func name(_ value: JSONValue?) -> String? {
        guard let value else { return nil }
        if let veil = veil(of: value) { return veil }
        return value.string.map { "“\(EventSummary.readable($0, limit: EventSummary.nameLimit))”" }
    }

    private static func plain(_ value: JSONValue?) -> String? {
        guard let value else { return nil }
        if let veil = veil(of: value) { return veil }
        if let number = value.int { return "\(number)" }
        return value.string.map { text in
            EventSummary.readable(
                String(decoding: text.utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }, as: UTF8.self),
                limit: EventSummary.nameLimit)
        }
    }

    private static func choice(_ value: JSONValue?, _ words: [String: String]) -> String? {
        value?.string.flatMap { words[$0] } ?? plain(value)
    }

    private static func count(_ value: JSONValue?, of noun: String, zero: Bool) -> String? {
        guard let value else { return nil }
        if let veil = veil(of: value) { return "\(noun)s \(veil)" }
        guard let count = size(of: value), zero || count > 0 else { return nil }
        return counted(count, noun)
    }

    private static func personal(_ value: JSONValue?, as words: String) -> String? {
        guard let value, !value.isNull else { return nil }
        return veil(of: value).map { "\(words) \($0)" } ?? words
    }

    private static func difference(_ value: JSONValue?, of kinds: [(String, noun: String)]) -> String? {
        guard let difference = value?.object else { return nil }
        var parts: [String] = []
        for (member, noun) in kinds {
            for verb in ["added", "removed", "changed"] {
                guard let count = difference[member]?[verb].flatMap(size), count > 0 else { continue }
                parts.append("\(counted(count, noun)) \(verb)")
            }
        }
        if difference["truncated"] == .bool(true) || difference["partial"] == .bool(true) { parts.append("and more") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// What is said of a value that is hidden.
    private static func veil(of value: JSONValue) -> String? {
        guard value.isHidden else { return nil }
        return value.erasedSubject == nil ? "(sealed)" : "(erased)"
    }

    private static func size(of value: JSONValue) -> Int? {
        let size = value.int ?? value.array?.count ?? value.object?.count
        return size.flatMap { $0 < 0 ? nil : $0 }
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
