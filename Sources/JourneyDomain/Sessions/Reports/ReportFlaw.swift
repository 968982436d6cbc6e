import EventModel

/// Why an inbound payload is no report of a session. It names places and limits, never what people said.
public enum ReportFlaw: Error, Equatable, Sendable {
    /// The payload is larger than ``SessionLimits/reportBytes``.
    case tooLarge(bytes: Int, limit: Int)
    /// It is not JSON.
    case json(JSONFlaw)
    /// It has neither of the shapes; `found` are its keys, or the kind of value it is.
    case unrecognised(found: [String])
    /// A member is missing.
    case missing(JSONPath)
    /// A member has the wrong JSON type.
    case wrongType(JSONPath, wanted: String, found: String)
    /// A text is longer than it may be.
    case tooLong(JSONPath, bytes: Int, limit: Int)
    /// There are more elements than there may be.
    case tooMany(JSONPath, count: Int, limit: Int)
    /// A number, or a time, is outside its range.
    case outOfRange(JSONPath, value: String)
    /// An id cannot be the key of a stream, which takes printable ASCII characters.
    case illegalID(JSONPath)
    /// A member that this form does not have; what it says would be lost.
    case unknownMember(JSONPath)
    /// A value looks like one that Lockstep has sealed or erased, which nobody else may write.
    case sealed(JSONPath)
}

extension ReportFlaw: CustomStringConvertible {
    /// One sentence: what is wrong, and where.
    public var description: String {
        switch self {
        case .tooLarge(let bytes, let limit): "the report has \(bytes) bytes, the limit is \(limit); send it in parts"
        case .json(let flaw): "the report is not JSON: \(flaw)"
        case .unrecognised(let found):
            "this is no report of a session: looked for session_id, or engine with session and execution, found "
                + (found.isEmpty ? "nothing" : found.prefix(12).map { "\"\($0.prefix(40))\"" }.joined(separator: ", "))
        case .missing(let path): "\(path) is missing"
        case .wrongType(let path, let wanted, let found): "\(path) must be \(wanted), not \(found)"
        case .tooLong(let path, let bytes, let limit): "\(path) has \(bytes) bytes, the limit is \(limit)"
        case .tooMany(let path, let count, let limit): "\(path) has \(count) elements, the limit is \(limit)"
        case .outOfRange(let path, let value): "\(path) is \(value.prefix(40)), which is out of range"
        case .illegalID(let path):
            "\(path) cannot name a stream: 1 to \(SessionLimits.streamKeyBytes) printable ASCII characters are allowed"
        case .unknownMember(let path): "\(path) is not a member of this form; see Schemas/ingest"
        case .sealed(let path): "\(path) looks like a sealed value, which only Lockstep writes"
        }
    }
}
