import EventModel

/// The rule for readers of the state topic: **of each key, keep the record with the highest (`ls_fold`, `ls_position`); ignore every other.**
///
/// A leader that was paused and comes back, and a batch that is sent again after a crash, can only add states that were true earlier. Who
/// follows the rule never goes back in time.
public struct StateVersion: Sendable, Hashable, Comparable {
    /// `ls_fold`: another fold makes other rows of the same events.
    public var fold: Int
    /// `ls_position`.
    public var position: GlobalPosition

    /// A version by its parts.
    public init(fold: Int, position: GlobalPosition) {
        self.fold = fold
        self.position = position
    }

    /// The version of a record.
    public init(_ mark: StateMark) { self.init(fold: mark.fold, position: mark.position) }

    /// By fold, then by position.
    public static func < (left: StateVersion, right: StateVersion) -> Bool {
        (left.fold, left.position) < (right.fold, right.position)
    }

    /// Whether a reader takes the record.
    ///
    /// - Parameter held: the version of what the reader holds for the key; `nil` for nothing.
    public func replaces(_ held: StateVersion?) -> Bool { held.map { self > $0 } ?? true }
}
