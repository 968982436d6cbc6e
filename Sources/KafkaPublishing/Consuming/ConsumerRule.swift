import EventModel

/// The consumer rule of the topic, for all partitions of one consumer.
///
/// **Accept a record if and only if its `ls_previous` is the last accepted `ls_position` of its partition; ignore every other.**
/// The chain (previous, position) of a partition is a function of the log and of the number of partitions, so whatever a second
/// publisher, a retry or a resurrected request adds to a partition is a piece of the same chain: repeated, or early, never wrong.
/// A consumer that follows the rule sees every event of its partition once, in order.
public struct ConsumerRule: Sendable, Hashable {
    private var partitions: [Int32: PartitionRule] = [:]

    /// A rule that has seen nothing.
    public init() {}

    /// Says where reading of a partition starts; without it, the first record is taken as given.
    public mutating func begin(_ partition: Int32, at start: ChainStart) {
        partitions[partition] = PartitionRule(start)
    }

    /// Judges the next record of a partition.
    public mutating func accept(partition: Int32, previous: GlobalPosition, position: GlobalPosition) -> RuleVerdict {
        partitions[partition, default: PartitionRule(.anywhere)].accept(previous: previous, position: position)
    }

    /// The position of the last accepted record of a partition; `nil` before the first.
    public func lastAccepted(_ partition: Int32) -> GlobalPosition? { partitions[partition]?.last }
}

/// The consumer rule of one partition.
public struct PartitionRule: Sendable, Hashable {
    /// The position of the last accepted record, 0 at the beginning of the partition; `nil` until a first record is taken as given.
    public private(set) var last: GlobalPosition?

    /// A rule from this start on.
    public init(_ start: ChainStart) {
        switch start {
        case .beginning: last = .start
        case .anywhere: last = nil
        case .after(let position): last = position
        }
    }

    /// Judges the next record.
    public mutating func accept(previous: GlobalPosition, position: GlobalPosition) -> RuleVerdict {
        guard previous.rawValue >= 0, position > previous else { return .ignored(.malformed) }
        guard let last else {
            self.last = position
            return .accepted
        }
        if previous == last {
            self.last = position
            return .accepted
        }
        if position <= last { return .ignored(.repeated) }
        if previous > last { return .ignored(.hole(missingAfter: last, before: previous)) }
        return .ignored(.otherChain(lastAccepted: last))
    }
}

/// Where a consumer starts in a partition.
public enum ChainStart: Sendable, Hashable {
    /// At the first record the partition ever had (offset 0): the first accepted record must have `ls_previous` 0.
    case beginning
    /// In the middle, or behind what retention has removed: the first record is taken as given.
    case anywhere
    /// Behind a record that was accepted earlier.
    case after(GlobalPosition)
}

/// What the consumer rule says about a record.
public enum RuleVerdict: Sendable, Hashable {
    /// The next event of the partition: handle it.
    case accepted
    /// Not the next event: do not handle it.
    case ignored(IgnoredReason)
}

/// Why a record is ignored.
public enum IgnoredReason: Sendable, Hashable {
    /// At or before the last accepted record: it was handled already.
    case repeated
    /// Records are missing between the last accepted one and this one. The publisher sends them, and this one, again.
    case hole(missingAfter: GlobalPosition, before: GlobalPosition)
    /// It jumps over the last accepted record, so it is of another history or of another number of partitions. Wake a person.
    case otherChain(lastAccepted: GlobalPosition)
    /// `ls_previous` is not below `ls_position`.
    case malformed
    /// Not a record of a log: the Lockstep headers are missing or unreadable.
    case foreign
}
