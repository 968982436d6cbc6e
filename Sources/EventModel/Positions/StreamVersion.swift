/// The place of an event in its stream: 1, 2, 3 …; an empty stream has no version.
public struct StreamVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 1 for the first event of a stream.
    public let rawValue: Int64

    /// A version; values below 1 do not occur.
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// One sentence for people.
    public var description: String { String(rawValue) }

    /// Stream order.
    public static func < (lhs: StreamVersion, rhs: StreamVersion) -> Bool { lhs.rawValue < rhs.rawValue }
}
