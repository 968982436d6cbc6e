/// How far a visit to a block has come.
public enum VisitStatus: String, Sendable, CaseIterable {
    /// The block is at work, as far as is known.
    case started
    /// It has ended well.
    case completed
    /// It has ended with an error, handled or not.
    case failed
    /// The execution went another way.
    case skipped
}

/// What one event changed about the visit that it concerns.
public struct VisitChange: Hashable, Sendable {
    /// The status before; `nil` when the visit was not known.
    public let before: VisitStatus?
    /// The status after.
    public let after: VisitStatus

    /// A change, or none, when both are equal.
    public init(before: VisitStatus?, after: VisitStatus) {
        self.before = before
        self.after = after
    }
}
