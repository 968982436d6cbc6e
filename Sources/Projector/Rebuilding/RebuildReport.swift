import EventModel
import EventSourcing
import ReadModels

/// What a comparison of two generations means: each differing row is what the new version of the fold declares, is behind in what readers
/// see, or is not explained.
public struct RebuildReport: Sendable, Hashable {
    /// Why a row differs.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The new version of the fold says that it changes these columns.
        case declared
        /// What readers see has not handled an event that concerns the row: it stands still, or the row is parked.
        case behind
        /// Nobody knows.
        case unexplained
    }

    /// One differing row.
    public struct Difference: Sendable, Hashable {
        /// Whose row, the values of the key as text.
        public var key: [String]
        /// Why it differs.
        public var reason: Reason
        /// Which columns differ, with what readers see and what the shadow has; empty when only one of them has the row.
        public var columns: [Column]
        /// Whether only one of them has the row, and which.
        public var onlyIn: Side?

        /// A generation.
        public enum Side: String, Sendable, Hashable {
            /// The one that readers see.
            case active
            /// The new one.
            case shadow
        }

        /// A column that differs.
        public struct Column: Sendable, Hashable {
            /// Its name.
            public var name: String
            /// As readers see it.
            public var active: ColumnValue
            /// As the shadow has it.
            public var shadow: ColumnValue
        }
    }

    /// The generation that readers see.
    public var active: Generation
    /// The new one.
    public var shadow: Generation
    /// What was found.
    public var comparison: GenerationComparison
    /// How many keys are parked in the one that readers see.
    public var parkedInActive: Int
    /// How many keys are parked in the new one.
    public var parkedInShadow: Int
    /// The differing rows that are told, by key.
    public var differences: [Difference]
    /// How many of the others are behind.
    public var behindBesides: Int64

    /// How many rows differ for a reason. Of those that are not told in full only is known whether they are behind, and not of all of them if there are
    /// very many: the rest counts as unexplained, unless nothing was ever projected into what readers see.
    public func count(_ reason: Reason) -> Int64 {
        if comparison.active.greatest == .start { return reason == .behind ? comparison.differing : 0 }
        let told = Int64(differences.count { $0.reason == reason })
        return switch reason {
        case .declared: told
        case .behind: told + behindBesides
        case .unexplained: told + comparison.differing - Int64(differences.count) - behindBesides
        }
    }

    /// Whether readers may see the shadow without anybody's having looked.
    public var isExplained: Bool { count(.unexplained) == 0 }
}

/// A report in one sentence.
public struct RebuildVerdict: Sendable, Hashable, CustomStringConvertible {
    /// Rows that differ without a reason.
    public var unexplained: Int64
    /// The report's digest; `nil` when there is none.
    public var digest: String?

    /// For people.
    public var description: String {
        guard let digest else { return "it has not been compared" }
        return "\(unexplained) rows differ without a reason (report \(digest))"
    }
}
