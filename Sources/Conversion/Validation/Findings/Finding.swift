import EventModel

/// One thing that validation has to say about a workflow or a journey: what it is, where, and what to do about it.
public struct Finding: Equatable, Sendable {
    /// How much it matters.
    public enum Severity: String, Sendable, CaseIterable, Comparable {
        /// Worth knowing; nothing is wrong.
        case remark
        /// It works, but probably not as it was meant.
        case warning
        /// It cannot work, or be converted, as it stands.
        case error

        /// Less before more.
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .remark: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// What it is: a stable name.
    public let code: FindingCode
    /// How much it matters.
    public let severity: Severity
    /// Where it is. Of a file's problem, the place in the file; otherwise the place in the canonical form, where edges, transitions and
    /// other lists are filed by id: `$.edges.e1`.
    public let place: JSONPath
    /// What was found, in one sentence without a full stop.
    public let message: String
    /// What to do about it, in the same manner; empty where nothing needs to be done.
    public let cure: String

    /// A finding.
    public init(_ code: FindingCode, _ severity: Severity, at place: JSONPath, _ message: String, cure: String) {
        self.code = code
        self.severity = severity
        self.place = place
        self.message = message
        self.cure = cure
    }
}

extension Finding: CustomStringConvertible {
    /// All of it in one line.
    public var description: String {
        "\(severity.rawValue) \(code.rawValue) \(place): \(message)" + (cure.isEmpty ? "" : "; \(cure)")
    }
}

extension Sequence<Finding> {
    /// Whether one of them is an error.
    public var hasErrors: Bool { contains { $0.severity == .error } }

    /// How many there are of a severity.
    public func count(of severity: Finding.Severity) -> Int { count { $0.severity == severity } }
}

extension String {
    /// A text of the world as a message shows it: quoted, and not longer than a line.
    var quoted: String {
        let shown = String(unicodeScalars.prefix(80))
        return shown.utf8.count == utf8.count ? "\"\(self)\"" : "\"\(shown)…\""
    }
}

extension ElementID {
    /// The id as a message shows it.
    var quoted: String { text.quoted }
}
