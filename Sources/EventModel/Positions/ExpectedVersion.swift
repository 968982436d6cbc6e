/// The version of the stream that the writer decided against. There is no default: a blind write must say ``any``.
public enum ExpectedVersion: Hashable, Sendable, CustomStringConvertible {
    /// The stream must not exist yet.
    case noStream
    /// The last event of the stream must have this version.
    case exactly(StreamVersion)
    /// The stream must have at least one event.
    case streamExists
    /// Whatever is there.
    case any

    /// Whether a stream whose last version is `actual` (`nil`: no stream) satisfies the expectation.
    public func isSatisfied(by actual: StreamVersion?) -> Bool {
        switch self {
        case .noStream: actual == nil
        case .exactly(let version): actual == version
        case .streamExists: actual != nil
        case .any: true
        }
    }

    /// The spelling of the command line: `noStream`, `exists`, `any` or a number; `nil` for anything else.
    public init?(spelling: String) {
        switch spelling {
        case "noStream": self = .noStream
        case "exists", "streamExists": self = .streamExists
        case "any": self = .any
        default:
            guard let number = Int64(spelling), number >= 1 else { return nil }
            self = .exactly(StreamVersion(number))
        }
    }

    /// One sentence for people.
    public var description: String {
        switch self {
        case .noStream: "noStream"
        case .exactly(let version): "\(version)"
        case .streamExists: "exists"
        case .any: "any"
        }
    }
}
