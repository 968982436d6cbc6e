/// All series of one metric, as they are shown.
public struct MetricFamily: Sendable, Equatable {
    /// What its numbers mean.
    public enum Kind: String, Sendable {
        /// Only rises while the process lives.
        case counter
        /// Is what it is now.
        case gauge
        /// Counts in buckets, with sum and count.
        case histogram
        /// Sum and count.
        case summary
    }

    /// One number.
    public struct Sample: Sendable, Equatable {
        /// What is put behind the family's name: `_bucket`, `_sum`, `_count`, or nothing.
        public var suffix: String
        /// The labels, names beside values, in the order in which they are shown.
        public var labels: [MetricLabel]
        /// The number.
        public var value: Double

        /// A sample by its parts.
        public init(_ value: Double, _ labels: [MetricLabel] = [], suffix: String = "") {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// Its name, of ``MetricText/isName(_:)``.
    public var name: String
    /// What it says, in one sentence.
    public var help: String
    /// What its numbers mean.
    public var kind: Kind
    /// Its numbers.
    public var samples: [Sample]

    /// A family by its parts.
    public init(_ name: String, _ kind: Kind, help: String, _ samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }
}

/// A label of a series.
public struct MetricLabel: Sendable, Hashable, Comparable {
    /// Its name.
    public let name: String
    /// Its value; anything.
    public let value: String

    /// A label by its parts.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// By name.
    public static func < (lhs: MetricLabel, rhs: MetricLabel) -> Bool {
        (lhs.name, lhs.value) < (rhs.name, rhs.value)
    }
}
