import EventModel
import FoundationEssentials

// How conflicts and accepted differences are written in events.

extension QueuedConflict {
    var members: [(String, JSONValue?)] {
        let (word, attempts) = reason.written
        return [
            ("conflict", id.json), ("reason", .string(word)), ("attempts", attempts.map { .number(JSONNumber($0)) }),
            ("rule", ruling?.json), ("at", at.json), ("history", history.isEmpty ? nil : .array(history.map(\.json))),
        ] + finding.members
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        var history: [UUID] = []
        for entry in try payload.elements("history") { history.append(try entry.id()) }
        let id = try payload.id("conflict")
        self.init(
            // Of several about members of one field each is itself, also when nobody can read the names any more.
            id: id, finding: try Finding(payload, hiddenAs: "\(FieldPath.hidden) \(id.uuidString.lowercased())"),
            reason: try Reason(payload),
            ruling: try payload.optionalNested("rule").map { reader throws(EventFlaw) in try Receipt.Ruling(reader) },
            at: try payload.moment("at"), history: history)
    }
}

extension QueuedConflict.Reason {
    /// The stable word for it, and how often something was tried.
    public var written: (word: String, attempts: Int?) {
        switch self {
        case .policy(let waiting): (waiting.rawValue, nil)
        case .flapping: ("flapping", nil)
        case .unreachable(let attempts): ("unreachable", attempts)
        }
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        switch try payload.text("reason") {
        case "flapping": self = .flapping
        case "unreachable": self = .unreachable(attempts: try payload.int("attempts"))
        case let word:
            guard let waiting = Settlement.Waiting(rawValue: word) else {
                throw .unexpected(payload.path["reason"], value: word)
            }
            self = .policy(waiting)
        }
    }
}

extension AcceptedDivergence {
    var members: [(String, JSONValue?)] {
        [
            ("divergence", id.json), ("rule", ruling?.json), ("conflict", conflict?.json), ("at", at.json),
        ] + finding.members
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            id: try payload.id("divergence"), finding: try Finding(payload),
            ruling: try payload.optionalNested("rule").map { reader throws(EventFlaw) in try Receipt.Ruling(reader) },
            conflict: payload.has("conflict") ? try payload.id("conflict") : nil, at: try payload.moment("at"))
    }
}
