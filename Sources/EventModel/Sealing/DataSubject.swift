/// Whose personal data it is: an identifier such as `customer:17`, compared byte by byte.
///
/// It stands in clear beside every sealed value and in every receipt of an erasure, and no erasure takes it away: it must be an
/// internal identifier, never a name or an address.
public struct DataSubject: Hashable, Sendable, CustomStringConvertible {
    /// The longest subject, in bytes.
    public static let lengthLimit = 200

    /// The identifier.
    public let text: String

    /// - Throws: ``SubjectFlaw`` unless it has 1 to ``lengthLimit`` bytes and no control characters.
    public init(_ text: String) throws(SubjectFlaw) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.lengthLimit else {
            throw .tooLong(bytes: text.utf8.count, limit: Self.lengthLimit)
        }
        for scalar in text.unicodeScalars where scalar.properties.generalCategory == .control {
            throw .controlCharacter(scalar.value)
        }
        self.text = text
    }

    /// For subjects made of checked names.
    private init(unchecked text: String) { self.text = text }

    /// The subject of what belongs to a workspace as a whole: `workspace:<name>`.
    public static func workspace(_ workspace: Workspace) -> DataSubject {
        DataSubject(unchecked: "\(workspacePrefix)\(workspace.rawValue)")
    }

    /// What the subjects of workspaces begin with.
    private static let workspacePrefix = "workspace:"

    /// Whether it stands for a workspace and not for a person.
    public var isWorkspace: Bool { text.utf8.starts(with: Self.workspacePrefix.utf8) }

    /// Equal when the bytes are, as in PostgreSQL.
    public static func == (left: DataSubject, right: DataSubject) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }

    /// The identifier.
    public var description: String { text }

    /// The stream of a subject's receipts: `subject-` and SHA-256(workspace ‖ 0 ‖ subject) in hexadecimal, because a subject may hold
    /// characters that a stream's name may not.
    public func stream(in workspace: Workspace) -> StreamName {
        let digest = ContentDigest(of: Array(workspace.rawValue.utf8) + [0] + Array(text.utf8))
        return StreamName(trusting: "\(SubjectEvent.category)-\(digest.hexadecimal)")
    }
}

/// Why a text cannot be a subject.
public enum SubjectFlaw: Error, Equatable, Sendable, CustomStringConvertible {
    /// It has no characters.
    case empty
    /// It has more bytes than it may.
    case tooLong(bytes: Int, limit: Int)
    /// It holds a control character, by its code.
    case controlCharacter(UInt32)
    /// The member of the event's data that names the subject is no text.
    case notText(member: String, found: String)

    /// One sentence for people, without the subject.
    public var description: String {
        switch self {
        case .empty: "the subject of personal data is empty"
        case .tooLong(let bytes, let limit): "the subject of personal data has \(bytes) bytes, the limit is \(limit)"
        case .controlCharacter(let code):
            "the subject of personal data holds the control character U+\(String(code, radix: 16, uppercase: true))"
        case .notText(let member, let found):
            "the member \"\(member)\", which names the subject of personal data, is a \(found) and must be a string"
        }
    }
}
