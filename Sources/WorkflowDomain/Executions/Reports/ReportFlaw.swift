import EventModel

/// Why what came from outside cannot be read as reports. Nothing of it is taken then.
public enum ReportFlaw: Error, Equatable, Sendable {
    /// It is not JSON.
    case json(JSONFlaw)
    /// It is none of the forms that are known; these members it has.
    case unrecognised(JSONPath, found: [String])
    /// A member is missing.
    case missing(JSONPath)
    /// A member has the wrong JSON type.
    case wrongType(JSONPath, wanted: String, found: String)
    /// A member's value is none of those that are known.
    case unexpected(JSONPath, value: String)
    /// An id cannot be one of ours; `allowed` says what can.
    case badIdentifier(JSONPath, value: String, allowed: String)
    /// A text is no time, or one that the log cannot hold.
    case badTime(JSONPath, value: String)
    /// A number is outside what it may be.
    case outOfRange(JSONPath, value: Int, limit: Int)
    /// A text is too long.
    case tooLong(JSONPath, bytes: Int, limit: Int)
    /// There are too many of something.
    case tooMany(JSONPath, count: Int, limit: Int)
    /// The whole is too large.
    case tooLarge(bytes: Int, limit: Int)
}

extension ReportFlaw: CustomStringConvertible {
    /// What is wrong, and where. Values are cut to 80 characters.
    public var description: String {
        switch self {
        case .json(let flaw): "this is not JSON: \(flaw)"
        case .unrecognised(let path, let found):
            "\(path) is no report that is known; it has "
                + (found.isEmpty ? "no members" : "the members " + found.prefix(12).joined(separator: ", "))
        case .missing(let path): "\(path) is missing"
        case .wrongType(let path, let wanted, let found): "\(path) must be \(wanted), not \(found)"
        case .unexpected(let path, let value): "\(path) is \"\(value.prefix(80))\", which is not known"
        case .badIdentifier(let path, let value, let allowed):
            "\(path) is \"\(value.prefix(80))\"; allowed are \(allowed)"
        case .badTime(let path, let value): "\(path) is \"\(value.prefix(80))\", which is no time"
        case .outOfRange(let path, let value, let limit): "\(path) is \(value), it may be 0 to \(limit)"
        case .tooLong(let path, let bytes, let limit): "\(path) has \(bytes) bytes, the limit is \(limit)"
        case .tooMany(let path, let count, let limit): "\(path) has \(count) elements, the limit is \(limit)"
        case .tooLarge(let bytes, let limit): "the text has \(bytes) bytes, the limit is \(limit)"
        }
    }
}
