/// The place of an event in the one order over all streams: 1, 2, 3 … without gaps, assigned in commit order.
public struct GlobalPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Before the first event.
    public static let start = GlobalPosition(0)

    /// 0 before the first event.
    public let rawValue: Int64

    /// A position; negative values do not occur.
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The position of the next event.
    public var next: GlobalPosition { GlobalPosition(rawValue + 1) }

    /// The position `count` events later.
    public func advanced(by count: Int) -> GlobalPosition { GlobalPosition(rawValue + Int64(count)) }

    /// How many events lie behind `self` up to and including `other`.
    public func distance(to other: GlobalPosition) -> Int64 { other.rawValue - rawValue }

    /// One sentence for people.
    public var description: String { String(rawValue) }

    /// Log order.
    public static func < (lhs: GlobalPosition, rhs: GlobalPosition) -> Bool { lhs.rawValue < rhs.rawValue }
}
