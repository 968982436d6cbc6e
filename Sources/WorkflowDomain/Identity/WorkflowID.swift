import Crypto
import EventModel

/// The id of a workflow in our log: the key of its stream `workflow-<id>`.
///
/// Where it comes from, first that applies (``WorkflowReading/id`` says which):
/// 1. the caller's choice (`--id`);
/// 2. the file's own id: API v2 `workflow.id`, else `metadata.id`, else `workflowId` or `id` beside the state;
/// 3. the workflow's name;
/// 4. the file's base name.
///
/// An id from 1 or 2 is used as it is or refused. Names are turned into a slug, so the same file always gets
/// the same id, and two files with the same workflow name are revisions of one workflow: whoever wants two chooses ids.
public struct WorkflowID: Hashable, Sendable, CustomStringConvertible {
    /// The longest id, in bytes.
    public static let lengthLimit = 200
    /// What an id may contain, in words.
    public static let allowed = "1 to 200 letters, digits, \"-\", \"_\", \".\" and \":\" (ASCII)"

    /// The id.
    public let text: String

    /// The id `text`.
    /// - Returns: `nil` when it cannot be the key of a stream; ``allowed`` says what can.
    public init?(_ text: String) {
        guard (1...Self.lengthLimit).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    /// The id.
    public var description: String { text }

    /// The slug of a name: lower-case ASCII letters and digits, runs of anything else as one `-`, at most 64 bytes.
    /// When letters had to be dropped (other scripts, or too long), eight hexadecimal digits of the name's SHA-256
    /// follow, so that different names keep different ids.
    /// - Returns: `nil` for an empty name.
    public static func derived(fromName name: String) -> WorkflowID? {
        guard !name.isEmpty else { return nil }
        var slug: [UInt8] = []
        var lossy = false
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): slug.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): slug.append(byte | 0x20)
            default:
                lossy = lossy || byte >= 0x80
                if let last = slug.last, last != UInt8(ascii: "-") { slug.append(UInt8(ascii: "-")) }
            }
        }
        lossy = lossy || slug.count > 64
        slug = Array(slug.prefix(64))
        while slug.last == UInt8(ascii: "-") { slug.removeLast() }
        guard lossy || slug.isEmpty else { return WorkflowID(String(decoding: slug, as: UTF8.self)) }
        let digest = ContentDigest(of: Array(name.utf8)).hexadecimal.prefix(8)
        return WorkflowID((slug.isEmpty ? "workflow" : String(decoding: slug, as: UTF8.self)) + "-" + digest)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

/// Where a workflow's id came from.
public enum WorkflowIDOrigin: String, Sendable, Equatable {
    /// The caller chose it.
    case chosen
    /// The file holds it.
    case file
    /// It is the slug of the workflow's name.
    case name
    /// It is the slug of the file's base name.
    case fileName = "file_name"
}
