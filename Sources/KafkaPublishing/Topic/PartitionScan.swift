import EventModel
import EventSourcing

/// Finds the end of one partition as consumers see it. A value: whoever reads the partition feeds it.
///
/// Reading starts at the checkpointed record, which must carry the checkpointed position. Everything behind it passes through the
/// consumer rule. When the record is gone or another one is in its place, the whole partition is read: starting anywhere else would
/// take a record as given that consumers may have ignored, and would leave them in front of a hole for ever.
public struct PartitionScan: Sendable {
    /// Where to read from.
    public enum Origin: Sendable, Hashable {
        /// The oldest record there is.
        case beginning
        /// This offset.
        case offset(Int64)
    }

    /// What to do next.
    public typealias Step = ScanStep<PartitionFindings>

    /// Where to read from.
    public private(set) var origin: Origin
    private let checkpoint: PartitionEnd?
    private var standing: PartitionFindings.Standing?
    private var rule = PartitionRule(.anywhere)
    private var last: PartitionEnd?
    private var mark: RecordMark?
    private var ignored = 0

    /// A scan of a partition whose last acknowledged record is `checkpoint`.
    public init(checkpoint: PartitionEnd?) {
        self.checkpoint = checkpoint
        if let checkpoint {
            origin = .offset(checkpoint.offset)
        } else {
            origin = .beginning
        }
    }

    /// Takes the next record; `mark` is `nil` when it is not a record of a log.
    public mutating func receive(_ mark: RecordMark?, at offset: Int64) -> Step {
        if standing == nil {
            guard let decided = decideStanding(mark, at: offset) else { return restart() }
            standing = decided
            begin(decided, at: offset)
            if decided == .confirmed {
                self.mark = mark
                return .more
            }
        }
        guard let mark else {
            ignored += 1
            return .more
        }
        switch rule.accept(previous: mark.previous, position: mark.position) {
        case .accepted:
            last = PartitionEnd(position: mark.position, offset: offset)
            self.mark = mark
        case .ignored: ignored += 1
        }
        return .more
    }

    /// The partition has no record at or behind `offset` now.
    public mutating func reachedEnd(at offset: Int64) -> Step {
        if standing == nil {
            if let checkpoint, offset > checkpoint.offset {
                standing = .retained
                last = checkpoint
            } else if origin == .beginning {
                standing = checkpoint == nil ? .unnamed : .rewritten
            } else {
                return restart()
            }
        }
        return .done(
            PartitionFindings(
                standing: standing ?? .unnamed, last: last, mark: mark, endOffset: offset, ignored: ignored))
    }

    /// The offset to start from is not in the partition.
    public mutating func outOfRange() -> Step { restart() }

    /// The broker answered nothing in time: some do so instead of saying that an offset is out of range.
    ///
    /// - Returns: `nil` when reading from the beginning was silent too: the broker is not available.
    public mutating func stayedSilent() -> Step? {
        origin == .beginning || standing != nil ? nil : restart()
    }

    /// - Returns: `nil` when the partition must be read from the beginning.
    private func decideStanding(_ mark: RecordMark?, at offset: Int64) -> PartitionFindings.Standing? {
        guard let checkpoint else { return .unnamed }
        if offset > checkpoint.offset { return .retained }
        if origin == .beginning { return .rewritten }
        return offset == checkpoint.offset && mark?.position == checkpoint.position ? .confirmed : nil
    }

    private mutating func begin(_ standing: PartitionFindings.Standing, at offset: Int64) {
        switch standing {
        case .confirmed, .retained:
            last = checkpoint
            rule = PartitionRule(checkpoint.map { .after($0.position) } ?? .anywhere)
        case .rewritten, .unnamed: rule = PartitionRule(offset == 0 ? .beginning : .anywhere)
        }
    }

    private mutating func restart() -> Step {
        origin = .beginning
        standing = nil
        return .restart
    }
}

/// What to do next while a partition is read.
public enum ScanStep<Findings> {
    /// Go on reading.
    case more
    /// Read again, from the scan's origin, which is now the beginning.
    case restart
    /// The end is known.
    case done(Findings)
}

extension ScanStep: Sendable where Findings: Sendable {}
extension ScanStep: Equatable where Findings: Equatable {}
extension ScanStep: Hashable where Findings: Hashable {}
