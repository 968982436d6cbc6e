extension PersonalMark {
    /// A mark written as `<type>@<version>:<path>=<subject>`, for instance `note.written@1:/lines/[*]/text=/author`.
    ///
    /// The path is a JSON pointer whose step `*` is every member and `[*]` every element. The subject is spelled as in a schema: `/member`,
    /// `$key` or `$workspace`.
    ///
    /// - Returns: `nil` when it is not written so.
    public init?(spelling: String) {
        guard let at = spelling.firstIndex(of: "@"), let type = try? EventType(String(spelling[..<at])),
            let colon = spelling[at...].firstIndex(of: ":"), let equals = spelling.lastIndex(of: "="), colon < equals,
            let version = Int32(spelling[spelling.index(after: at)..<colon]), version >= 1,
            let path = Self.path(spelling[spelling.index(after: colon)..<equals]),
            let subject = Subject(spelling: String(spelling[spelling.index(after: equals)...]))
        else { return nil }
        self.init(type, version: version, at: path, of: subject)
    }

    private static func path(_ pointer: Substring) -> [Step]? {
        guard !pointer.isEmpty else { return [] }
        guard pointer.first == "/" else { return nil }
        return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
            switch part {
            case "*": .everyMember
            case "[*]": .everyElement
            default: .key(unescaped(part))
            }
        }
    }

    fileprivate static func unescaped(_ part: Substring) -> String {
        String(part).replacing("~1", with: "/").replacing("~0", with: "~")
    }
}

extension PersonalMark.Subject {
    /// What a schema's `x-personal` says: `/member`, `$key` or `$workspace`; `nil` for anything else.
    public init?(spelling: String) {
        switch spelling {
        case "$key": self = .syncKey
        case "$workspace": self = .workspace
        default:
            guard spelling.first == "/", spelling.count > 1, !spelling.dropFirst().contains("/") else { return nil }
            self = .member(PersonalMark.unescaped(spelling.dropFirst()))
        }
    }
}
