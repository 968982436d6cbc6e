import EventModel
import EventSourcing
import FoundationEssentials

/// The chain of each partition of a replayed topic: which events it holds, and which record the next one names as the one before it.
///
/// The chain is a function of the log, the selection and the number of partitions, as the publisher's is of the log. So whatever a
/// killed run has left in a partition is a beginning of it, and the consumer rule holds over the place where the next run goes on.
struct ReplayChains: Sendable {
    /// A partition as an earlier run has left it, and what has been recognised of it.
    private struct Held {
        let last: RecordMark
        /// The last replayed event that stands before the end of what is held.
        var seen: GlobalPosition?
        var isRecognised: Bool
    }

    /// Every replayed event up to here is held.
    let after: GlobalPosition
    private var held: [Lane: Held] = [:]
    /// Position of the last record of each partition.
    private(set) var ends: [Lane: GlobalPosition] = [:]

    /// The chains of a topic whose partitions end with these records; `nil` for an empty partition.
    init(_ lasts: [RecordMark?]) {
        after = lasts.map { $0?.position ?? .start }.min() ?? .start
        for (index, mark) in lasts.enumerated() {
            guard let mark else { continue }
            let lane = Lane(Int32(index))
            ends[lane] = mark.position
            held[lane] = Held(last: mark, isRecognised: mark.position <= after)
        }
    }

    /// Takes the next replayed event, all of them in log order, from the first one behind ``after`` on.
    ///
    /// - Returns: the position of the record before it; `nil` when the partition holds it.
    /// - Throws: ``Mismatch`` when the partition was not written by this selection.
    mutating func take(_ event: RecordedEvent, in lane: Lane) throws(Mismatch) -> GlobalPosition? {
        if let known = held[lane], event.position <= known.last.position {
            try recognise(event, known, in: lane)
            return nil
        }
        guard held[lane]?.isRecognised ?? true else { throw Mismatch(position: ends[lane] ?? .start) }
        let previous = ends[lane] ?? .start
        ends[lane] = event.position
        return previous
    }

    private mutating func recognise(_ event: RecordedEvent, _ known: Held, in lane: Lane) throws(Mismatch) {
        guard event.position == known.last.position else {
            held[lane]?.seen = event.position
            return
        }
        let isChained = known.seen.map { $0 == known.last.previous } ?? (known.last.previous <= after)
        guard isChained else { throw Mismatch(position: known.last.position) }
        held[lane]?.isRecognised = true
    }

    /// A partition holds something else than this replay writes.
    struct Mismatch: Error, Sendable, Hashable {
        /// Where.
        let position: GlobalPosition
    }
}
