import EventModel

/// The answer to an append. A lost race is an answer, not an error.
public enum AppendOutcome: Sendable, Hashable {
    /// Stored now.
    case appended(AppendReceipt)
    /// Exactly these events are in the log already; where they are. Nothing was stored now.
    case repeated(AppendReceipt)
    /// A stream was not at the expected version. Nothing was stored.
    case conflict(VersionConflict)

    /// The receipt unless there was a conflict.
    public var receipt: AppendReceipt? {
        switch self {
        case .appended(let receipt), .repeated(let receipt): receipt
        case .conflict: nil
        }
    }
}

/// Where the events of an append are.
public struct AppendReceipt: Sendable, Hashable {
    /// Position of the first event.
    public var first: GlobalPosition
    /// Position of the last event; with `first` a contiguous range.
    public var last: GlobalPosition
    /// The version of each stream after its last event of this append, in the order of the request.
    public var versions: [StreamVersion]

    /// A receipt by its parts.
    public init(first: GlobalPosition, last: GlobalPosition, versions: [StreamVersion]) {
        self.first = first
        self.last = last
        self.versions = versions
    }
}

/// The first stream of a request that was not at its expected version.
public struct VersionConflict: Sendable, Hashable {
    /// The stream.
    public var stream: StreamName
    /// What the writer had decided against.
    public var expected: ExpectedVersion
    /// What is there; `nil` when the stream does not exist.
    public var actual: StreamVersion?

    /// A conflict by its parts.
    public init(stream: StreamName, expected: ExpectedVersion, actual: StreamVersion?) {
        self.stream = stream
        self.expected = expected
        self.actual = actual
    }
}
