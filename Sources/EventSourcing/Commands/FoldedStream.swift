import DequeModule
import EventModel
import FoundationEssentials

/// What the events of a stream amount to, as far as they have been read.
struct FoldedStream<State: Sendable>: Sendable {
    var state: State
    /// The version of the last event folded; `nil` for none.
    var version: StreamVersion?
    /// The position of the last event folded.
    var position: GlobalPosition?
    /// The id of the last event folded.
    var lastID: UUID?
    /// When the last event folded was recorded; `nil` where that was not read: behind a snapshot, and of what was decided here.
    var recordedAt: Timestamp?
    /// Bytes of the payloads folded: a measure of what the state may cost.
    var bytes = 0
    /// The keys that opened what was folded; `nil` once something was folded that was not read but decided here.
    var keys: Set<SubjectKeyID>? = []

    init(_ initial: State) { state = initial }

    /// The last event folded.
    var end: StreamEnd? {
        guard let version, let position else { return nil }
        return StreamEnd(version: version, position: position, recordedAt: recordedAt)
    }
}

/// The states of the streams used last, within limits of number and bytes.
struct FoldedStreams<State: Sendable>: Sendable {
    private struct Entry {
        var folded: FoldedStream<State>
        var use: UInt64
    }

    private let streamLimit: Int
    private let byteLimit: Int
    private var entries: [StreamName: Entry] = [:]
    /// Uses in order, oldest first; those that were used again later are skipped when they come up.
    private var uses: Deque<(stream: StreamName, use: UInt64)> = []
    private var lastUse: UInt64 = 0
    private(set) var bytes = 0

    init(streams: Int, bytes: Int) {
        streamLimit = streams
        byteLimit = bytes
    }

    var count: Int { entries.count }

    /// The state of a stream, which is forgotten here: whoever changes it puts it back.
    mutating func take(_ stream: StreamName) -> FoldedStream<State>? {
        guard let entry = entries.removeValue(forKey: stream) else { return nil }
        bytes -= entry.folded.bytes
        return entry.folded
    }

    /// Remembers a state, and forgets those that have not been used for longest while there are too many.
    mutating func put(_ folded: FoldedStream<State>, of stream: StreamName) {
        _ = take(stream)
        lastUse += 1
        entries[stream] = Entry(folded: folded, use: lastUse)
        uses.append((stream, lastUse))
        bytes += folded.bytes
        while entries.count > streamLimit || bytes > byteLimit, let oldest = uses.popFirst() { forget(oldest) }
        if uses.count > 2 * entries.count + 16 { dropStaleUses() }
    }

    private mutating func forget(_ oldest: (stream: StreamName, use: UInt64)) {
        guard entries[oldest.stream]?.use == oldest.use else { return }
        _ = take(oldest.stream)
    }

    private mutating func dropStaleUses() {
        uses = Deque(uses.filter { entries[$0.stream]?.use == $0.use })
    }
}
