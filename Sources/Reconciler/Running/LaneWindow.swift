import EventModel
import EventSourcing
import FoundationEssentials

/// How far one lane of the log was attended to: the last position up to which every execution that something happened to was looked at. A value.
///
/// What was read and not yet looked at stands in entries, in the order in which it was read. The position moves over the first entries as soon as nothing
/// is left to look at in them. A look counts for what was read before it began. One that fails leaves the position where it is, for as long as it fails.
struct LaneWindow: Sendable {
    private struct Entry: Sendable {
        let number: Int
        var read: LaneReading
        /// Executions that have to be looked at before the position moves over it.
        var open: Int
    }

    /// What is stored: the position, and all events of the lane up to there.
    private(set) var progress: ConsumerProgress
    private var entries: [Entry] = []
    private var lastNumber = 0
    /// The first entry in which something happened to an execution that no look has begun for.
    private var waiting: [ExecutionKey: Int] = [:]
    /// The same of those that are being looked at.
    private var inHand: [ExecutionKey: Int] = [:]
    /// Why executions could not be looked at.
    private var failures: [ExecutionKey: String] = [:]

    /// A lane that was attended to up to a progress.
    init(_ progress: ConsumerProgress) { self.progress = progress }

    /// The last position that was read.
    var position: GlobalPosition { entries.last?.read.end ?? progress.position }

    /// How many executions have still to be looked at.
    var outstanding: Int { waiting.count + inHand.count }

    /// How many entries are kept: at most two for each of ``outstanding``, and some.
    var depth: Int { entries.count }

    /// More of the lane was read. What ends where this lane has read already says nothing new.
    mutating func read(_ reading: LaneReading) {
        guard reading.end > position else { return }
        let number = lastNumber + 1
        var open = 0
        for key in reading.touched where waiting[key] == nil {
            waiting[key] = number
            open += 1
        }
        if open == 0, let last = entries.indices.last {
            entries[last].read.extend(by: reading)
        } else {
            lastNumber = number
            entries.append(Entry(number: number, read: reading, open: open))
        }
        advance()
        if entries.count > 2 * outstanding + 64 { compact() }
    }

    /// A look at an execution begins.
    mutating func begin(_ key: ExecutionKey) {
        guard let number = waiting.removeValue(forKey: key) else { return }
        inHand[key] = number
    }

    /// A look at an execution has ended.
    ///
    /// - Parameter failure: why it came to nothing, if it did.
    mutating func finish(_ key: ExecutionKey, failure: String? = nil) {
        failures[key] = failure
        guard failure == nil else { return putBack(key) }
        guard let number = inHand.removeValue(forKey: key) else { return }
        close(number)
        advance()
    }

    /// A look at an execution has ended and does not count: it has still to be looked at.
    mutating func putBack(_ key: ExecutionKey) {
        guard let number = inHand.removeValue(forKey: key) else { return }
        // Whatever has happened since is looked at together with it.
        if let later = waiting[key] { close(later) }
        waiting[key] = number
        advance()
    }

    /// What the lane says of itself.
    ///
    /// - Parameter isLive: whether the end of the log was read.
    mutating func setState(isLive: Bool) {
        progress.state = isLive ? "live" : "catching-up"
        let failing = failures.filter { waiting[$0.key] != nil || inHand[$0.key] != nil }
        let first = failing.min { $0.key < $1.key }
        progress.lastError = first.map { key, reason in
            let others = failing.count > 1 ? " (and \(failing.count - 1) more)" : ""
            return "execution \(key.execution) cannot be looked at\(others): \(String(reason.prefix(500)))"
        }
    }

    private mutating func close(_ number: Int) {
        guard let place = place(of: number) else { return }
        entries[place].open -= 1
    }

    /// Entries stand in the order of their numbers, which grow by more than one where some were put together.
    private func place(of number: Int) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? low : nil
    }

    private mutating func advance() {
        let done = entries.prefix { $0.open == 0 }
        for entry in done {
            progress.position = entry.read.end
            progress.lastEventID = entry.read.lastEventID
            progress.eventsHandled += entry.read.events
            progress.digest.add(entry.read.digest)
        }
        entries.removeFirst(done.count)
    }

    /// An entry in which nothing is left to do moves together with the one before it.
    private mutating func compact() {
        var kept: [Entry] = []
        for entry in entries {
            if entry.open == 0, let last = kept.indices.last {
                kept[last].read.extend(by: entry.read)
            } else {
                kept.append(entry)
            }
        }
        entries = kept
    }
}

/// A part of a lane, as it was read.
struct LaneReading: Sendable {
    /// The position up to which it was read.
    var end: GlobalPosition
    /// The id of the event there, whichever lane that belongs to.
    var lastEventID: UUID
    /// How many events of the lane were read.
    var events: Int64 = 0
    /// Their digest.
    var digest = CompletenessDigest()
    /// The executions that something happened to.
    var touched: Set<ExecutionKey> = []

    /// Goes on with what was read behind it.
    fileprivate mutating func extend(by next: LaneReading) {
        end = next.end
        lastEventID = next.lastEventID
        events += next.events
        digest.add(next.digest)
    }
}
