import EventModel
import EventSourcing

/// Finds out what one partition of the state topic holds, from the checkpointed record to its end. A value: whoever reads the partition
/// feeds it.
///
/// Writers count the records of a partition and say with each up to where the partition is whole. As far as the numbers follow each other,
/// that is believed. Where they do not, records were lost or compaction has removed them: what may be missing is written again, which is
/// harmless. A record of a writer with a lower token than one before it is late: it may hide a newer state of its key, so its key is named.
public struct StateScan: Sendable {
    /// What to do next.
    public typealias Step = ScanStep<StateFindings>

    /// Where to read from.
    public private(set) var origin: PartitionScan.Origin
    private let checkpoint: PartitionEnd?
    private let fold: Int
    private var standing: PartitionFindings.Standing?
    private var findings = StateFindings(standing: .unnamed, endOffset: 0)
    /// The number of the last record that follows all before it.
    private var chain: Int64 = 0
    private var isBroken = false
    /// The checkpointed record is not there to compare with: everything behind it may be late.
    private var isBlind = false
    private var writer: Int64 = 0

    /// A scan of a partition whose last acknowledged record is `checkpoint`, for states of this fold.
    ///
    /// - Parameter checkpoint: `nil`, or at position 0, when there is no such record.
    public init(checkpoint: PartitionEnd?, fold: Int) {
        let checkpoint = checkpoint.flatMap { $0.position > .start ? $0 : nil }
        self.checkpoint = checkpoint
        self.fold = fold
        origin = checkpoint.map { .offset($0.offset) } ?? .beginning
    }

    /// Takes the next record; `mark` is `nil` when it is not a record of ours.
    public mutating func receive(_ mark: StateMark?, of key: StateKey?, at offset: Int64) -> Step {
        if standing == nil {
            switch (checkpoint, origin) {
            case (let checkpoint?, .offset) where offset > checkpoint.offset: goOnBlindly(behind: checkpoint)
            case (let checkpoint?, .offset):
                guard let mark, mark.fold == fold, mark.position == checkpoint.position else { return restart() }
                goOn(behind: mark, at: offset)
                return .more
            case (_, .beginning): standing = checkpoint == nil ? .unnamed : .rewritten
            case (nil, .offset): return restart()
            }
        }
        take(mark, of: key, at: offset)
        return .more
    }

    /// The partition has no record at or behind `offset` now.
    public mutating func reachedEnd(at offset: Int64) -> Step {
        if standing == nil {
            if let checkpoint, origin != .beginning {
                guard offset > checkpoint.offset else { return restart() }
                goOnBlindly(behind: checkpoint)
            } else {
                standing = checkpoint == nil ? .unnamed : .rewritten
            }
        }
        findings.standing = standing ?? .unnamed
        findings.endOffset = offset
        return .done(findings)
    }

    /// The offset to start from is not in the partition.
    public mutating func outOfRange() -> Step { restart() }

    /// The broker answered nothing in time: some do so instead of saying that an offset is out of range.
    ///
    /// - Returns: `nil` when reading from the beginning was silent too: the broker is not available.
    public mutating func stayedSilent() -> Step? { origin == .beginning || standing != nil ? nil : restart() }

    private mutating func take(_ mark: StateMark?, of key: StateKey?, at offset: Int64) {
        guard let mark, let key, mark.sequence > 0, mark.position > .start else {
            findings.ignored += 1
            if let key { findings.suspects.insert(key) }
            return
        }
        findings.newestFold = max(findings.newestFold, mark.fold)
        guard mark.fold == fold else {
            // Not ours to go on behind; behind one of ours it may hide it.
            if findings.last != nil || findings.highest != nil { findings.suspects.insert(key) }
            return
        }
        let isLate = mark.writer < writer || mark.sequence <= findings.sequence
        if isLate || isBlind { findings.suspects.insert(key) }
        if !isLate { follow(mark) }
        note(mark, at: offset)
    }

    private mutating func follow(_ mark: StateMark) {
        writer = max(writer, mark.writer)
        findings.sequence = mark.sequence
        guard !isBroken else { return }
        guard mark.sequence == chain + 1 else {
            isBroken = true
            return
        }
        chain = mark.sequence
        findings.through = max(findings.through, mark.through)
    }

    private mutating func note(_ mark: StateMark, at offset: Int64) {
        if mark.position > findings.highest?.position ?? .start { findings.highest = mark }
        if !isBroken, findings.suspects.isEmpty {
            findings.last = PartitionEnd(position: mark.position, offset: offset)
        }
    }

    private mutating func goOn(behind mark: StateMark, at offset: Int64) {
        standing = .confirmed
        (chain, findings.sequence, writer) = (mark.sequence, mark.sequence, mark.writer)
        findings.through = mark.through
        findings.newestFold = mark.fold
        note(mark, at: offset)
    }

    private mutating func goOnBlindly(behind checkpoint: PartitionEnd) {
        standing = .confirmed
        (isBroken, isBlind) = (true, true)
        findings.last = checkpoint
    }

    private mutating func restart() -> Step {
        self = StateScan(checkpoint: checkpoint, fold: fold)
        origin = .beginning
        return .restart
    }
}

/// What was found in one partition of the state topic.
public struct StateFindings: Sendable, Hashable {
    /// How the record that the checkpoint names was found; ``PartitionFindings/Standing/retained`` does not occur, because compaction
    /// removes records from any place.
    public var standing: PartitionFindings.Standing
    /// The partition says of itself that it holds the states of its keys up to here; `start` for nothing.
    public var through: GlobalPosition
    /// The highest number of a record; 0 for none.
    public var sequence: Int64
    /// The record with the highest position that was read; `nil` when none was.
    public var highest: StateMark?
    /// The last record that follows all before it, with nothing late before it: where the next scan may begin. Behind a gap a record says what
    /// its writer knew, which may not have known of the gap; and a scan that began behind a late record would not find its key again, if this
    /// run dies before it has written the key's newest state.
    public var last: PartitionEnd?
    /// The offset that the next record would have had.
    public var endOffset: Int64
    /// Keys whose newest state may not be the last one.
    public var suspects: Set<StateKey>
    /// The newest version of the fold of which a record was read, 0 for none.
    public var newestFold: Int
    /// Records that are not ours.
    public var ignored: Int

    /// Findings by their parts.
    public init(
        standing: PartitionFindings.Standing, through: GlobalPosition = .start, sequence: Int64 = 0,
        highest: StateMark? = nil, last: PartitionEnd? = nil, endOffset: Int64, suspects: Set<StateKey> = [],
        newestFold: Int = 0, ignored: Int = 0
    ) {
        self.standing = standing
        self.through = through
        self.sequence = sequence
        self.highest = highest
        self.last = last
        self.endOffset = endOffset
        self.suspects = suspects
        self.newestFold = newestFold
        self.ignored = ignored
    }
}
