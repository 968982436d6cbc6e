import EventModel
import EventSourcing
import FoundationEssentials

/// What the records of one lane mean behind a position, as a value.
///
/// The chain (previous, position) of a lane is a function of the log and of the number of lanes. So a record is the lane's next event if and only
/// if it lies behind the position and its previous one does not; one that lies before was handled, and one whose previous one lies behind shows that
/// something is missing in between, here or for good.
struct LaneTape: Sendable {
    /// What follows from a record.
    enum Verdict: Sendable, Hashable {
        /// The lane's next event.
        case next
        /// Nothing to handle.
        case passed
        /// It jumps over what was taken last.
        case otherChain(last: GlobalPosition)
    }

    /// No event of the lane up to here is missing in what was handed out.
    private(set) var after: GlobalPosition
    /// Where reading began.
    private(set) var start: LaneStart
    /// The offset of the record that is read next; `nil` before the first.
    private(set) var offset: Int64?
    /// Where to begin so as to go on behind a position that is stored.
    private(set) var stored: (position: GlobalPosition, offset: Int64)?
    /// The last record that was taken here.
    private var taken: GlobalPosition?
    /// Behind which position the first record goes on that did not fit.
    private var gap: GlobalPosition?
    /// Whether a record was seen that the lane's position lies behind, or that follows it.
    private var isJoined = false
    /// Behind which position it was read from the beginning: doing so again behind the same one would find nothing more.
    private var wholeBehind: GlobalPosition?

    init(after position: GlobalPosition, from start: LaneStart) {
        after = position
        self.start = start
        if case .offset(let offset) = start { self.offset = offset } else { wholeBehind = position }
    }

    /// The lane's checkpoint is here.
    ///
    /// - Returns: where to go on when it is before what was handed out; `nil` when reading may just go on.
    mutating func want(after position: GlobalPosition) -> LaneStart? {
        if position == after {
            if gap == nil, let offset { stored = (position, offset) }
            return nil
        }
        let isBack = position < after
        after = position
        taken = nil
        guard isBack else { return nil }
        return stored.flatMap { $0.position <= position ? .offset($0.offset) : nil } ?? .beginning
    }

    /// Whether a record is the lane's next event, if it is of this history.
    func expects(_ record: LaneRecord) -> Bool {
        let (previous, position) = (record.previous, record.event.position)
        return previous < position && previous <= after && position > after
    }

    /// Judges a record.
    mutating func receive(_ record: LaneRecord) -> Verdict {
        let (previous, position) = (record.previous, record.event.position)
        offset = record.offset + 1
        guard previous < position else { return .passed }
        guard position > after else {
            isJoined = true
            return .passed
        }
        guard previous <= after else {
            gap = gap.map { min($0, previous) } ?? previous
            return .passed
        }
        if let taken, previous < taken { return .otherChain(last: taken) }
        (after, taken, gap, isJoined) = (position, position, nil, true)
        return .next
    }

    /// There is nothing of the log before this offset that was not read.
    mutating func pass(to next: Int64) { offset = max(next, offset ?? 0) }

    /// The lane has nothing more up to here.
    mutating func stand(at position: GlobalPosition) { after = max(after, position) }

    /// Reading goes on from another place.
    mutating func rewind(to place: LaneStart) {
        start = place
        gap = nil
        taken = nil
        isJoined = false
        if case .offset(let offset) = place { self.offset = offset } else { offset = nil }
        if place == .beginning { wholeBehind = after }
    }

    /// Whether reading began behind what is needed: at the hint of somebody who was further.
    var isBeyond: Bool { start != .beginning && !isJoined && gap != nil }

    /// Whether everything up to a record that the topic is known to hold was read, and that record was not found in its place.
    func lacks(_ end: PartitionEnd) -> Bool { end.position > after && offset.map { $0 > end.offset } ?? false }

    /// Whether it was read from the beginning behind this very position, so that doing it again would find nothing.
    var isReadWhole: Bool { wholeBehind == after }

    /// Up to where something is missing, if a record showed it.
    func missing(before end: GlobalPosition) -> GlobalPosition { gap ?? end }
}
