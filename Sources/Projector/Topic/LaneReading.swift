import EventModel
import EventSourcing
import FoundationEssentials

/// Reads the lanes of a share from the topic: every decision, no I/O. What happened goes in, what to do next comes out.
///
/// Truth is what is asked for: each lane's position, as it is stored with the rows. Where the topic is read is derived from it. Offsets that others
/// have left are tried and, when they lie too far, not used. What the topic lacks although the publisher has copied it is never passed over.
struct LaneReading: Sendable {
    /// What has happened.
    enum Input: Sendable {
        /// Events of these lanes are wanted, each behind its position.
        case wanted(LaneWish)
        /// The offsets that were left for lanes, and the incarnations that the log continues.
        case hinted([Int: Int64], earlier: [UUID: GlobalPosition])
        /// Reading has begun.
        case opened
        /// How far the topic is published, and the end of the log, read after it.
        case looked(PublishingCheckpoint?, LogHead)
        /// The event that the log holds at a position.
        case identified(UUID?)
        /// Reading goes on where it was to.
        case rewound
        /// What came.
        case read([LaneNews])
    }

    /// What to do next.
    enum Action: Sendable {
        /// Ask for the offsets that were left for these lanes; then ``Input/hinted(_:earlier:)``.
        case askHints([Int])
        /// Begin to read exactly these lanes; then ``Input/opened``.
        case open([Int: LaneStart])
        /// Look how far the topic is published; then ``Input/looked(_:_:)``.
        case look
        /// Ask the log for the event at a position; then ``Input/identified(_:)``.
        case identify(GlobalPosition)
        /// Go on elsewhere in these lanes; then ``Input/rewound``.
        case rewind([Int: LaneStart])
        /// Read; then ``Input/read(_:)``.
        case read(limit: Int, atMost: Duration)
        /// This is what was wanted.
        case deliver(LaneBatch)
        /// The topic does not hold what is wanted.
        case stop(TopicFault)
    }

    private let interval: Duration
    private var wish = LaneWish(after: [:], limit: 1, patience: .zero, at: .zero)
    private var tapes: [Int: LaneTape] = [:]
    private var isOpen = false
    private var rewinds: [Int: LaneStart] = [:]
    private var fault: TopicFault?
    private var earlier: [UUID: GlobalPosition] = [:]
    private var head: LogHead?
    private var published: PublishingCheckpoint?
    private var lookedAt: Duration?
    /// Lanes that may stand at the published position once its event is known.
    private var idle: [Int] = []

    /// - Parameter interval: between two looks how far the topic is published.
    init(lookingEvery interval: Duration) { self.interval = interval }

    mutating func receive(_ input: Input) -> Action {
        switch input {
        case .wanted(let wish): return want(wish)
        case .hinted(let hints, let earlier): return open(hints, earlier)
        case .opened:
            isOpen = true
            return proceed()
        case .looked(let checkpoint, let head): return look(checkpoint, head)
        case .identified(let id): return stand(at: id)
        case .rewound:
            for (lane, start) in rewinds { tapes[lane]?.rewind(to: start) }
            rewinds = [:]
            return proceed()
        case .read(let news): return take(news)
        }
    }

    /// Where whoever reads a lane next may begin: everything before is stored with the rows.
    var hints: [Int: Int64] { tapes.compactMapValues { $0.stored?.offset } }
}

/// What is wanted of the topic.
struct LaneWish: Sendable {
    /// The lanes, each with the position behind which its events are wanted.
    var after: [Int: GlobalPosition]
    /// The most events.
    var limit: Int
    /// How long to wait for them.
    var patience: Duration
    /// When, by a steady clock.
    var at: Duration
}

// MARK: Where to read

extension LaneReading {
    private mutating func want(_ wish: LaneWish) -> Action {
        self.wish = wish
        let isSame = isOpen && Set(tapes.keys) == Set(wish.after.keys)
        tapes = tapes.filter { wish.after[$0.key] != nil }
        for (lane, position) in wish.after {
            guard let start = tapes[lane]?.want(after: position) else { continue }
            rewinds[lane] = start
        }
        guard isSame else { return reopen() }
        return proceed()
    }

    /// Other lanes than before: reading begins anew, in lanes that stay where they were.
    private mutating func reopen() -> Action {
        isOpen = false
        fault = nil
        rewinds = [:]
        lookedAt = nil
        return .askHints(wish.after.keys.filter { tapes[$0]?.stored == nil }.sorted())
    }

    private mutating func open(_ hints: [Int: Int64], _ earlier: [UUID: GlobalPosition]) -> Action {
        self.earlier = earlier
        var starts: [Int: LaneStart] = [:]
        for (lane, position) in wish.after {
            let kept = tapes[lane]?.stored.flatMap { $0.position <= position ? $0.offset : nil }
            let start = (kept ?? hints[lane]).map(LaneStart.offset) ?? .beginning
            starts[lane] = start
            tapes[lane] = LaneTape(after: position, from: start)
        }
        return .open(starts)
    }

    /// What comes first of what is to be done.
    private mutating func proceed() -> Action {
        if let fault { return .stop(fault) }
        if !rewinds.isEmpty { return .rewind(rewinds) }
        if lookedAt.map({ wish.at - $0 >= interval }) ?? true { return .look }
        return .read(limit: wish.limit, atMost: wish.patience)
    }

    private func deliver(_ events: EventBatch, ends: [Int: LaneEnd] = [:]) -> Action {
        .deliver(LaneBatch(events: events, ends: ends, head: head?.position ?? .start))
    }
}

// MARK: What counts

extension LaneReading {
    private mutating func take(_ news: [LaneNews]) -> Action {
        var taken: [RecordedEvent] = []
        for item in news where fault == nil && rewinds[item.lane] == nil {
            switch item {
            case .record(let record): if take(record) { taken.append(record.event) }
            case .foreign(let lane, let offset): tapes[lane]?.pass(to: offset + 1)
            case .end(let lane, let offset): tapes[lane]?.pass(to: offset)
            case .missing(let lane): rewinds[lane] = .beginning
            }
        }
        findMissing()
        guard taken.isEmpty else { return deliver(Self.inLogOrder(taken)) }
        // What is found is told, or done, before anything is waited for again.
        return fault == nil && rewinds.isEmpty ? deliver(.empty) : proceed()
    }

    /// - Returns: whether it is the lane's next event.
    private mutating func take(_ record: LaneRecord) -> Bool {
        guard let tape = tapes[record.lane] else { return false }
        if tape.expects(record), let log = head?.incarnation, !isOfThisHistory(record, log) {
            fault = .otherIncarnation(
                lane: record.lane, position: record.event.position, found: record.incarnation, log: log)
            return false
        }
        switch tapes[record.lane]?.receive(record) {
        case .next: return true
        case .passed, nil: return false
        case .otherChain(let last):
            fault = .otherChain(
                lane: record.lane, position: record.event.position, previous: record.previous, last: last)
            return false
        }
    }

    private func isOfThisHistory(_ record: LaneRecord, _ log: UUID) -> Bool {
        record.incarnation == log || earlier[record.incarnation].map { record.event.position <= $0 } ?? false
    }

    /// A lane that was read beyond what it lacks is read again from the beginning, once; then it is missing.
    private mutating func findMissing() {
        for (lane, tape) in tapes where rewinds[lane] == nil {
            if tape.isBeyond { rewinds[lane] = .beginning }
            guard let end = published?.ends[Lane(Int32(lane))], tape.lacks(end) else { continue }
            if tape.isReadWhole {
                fault = fault ?? .hole(lane: lane, after: tape.after, before: tape.missing(before: end.position))
            } else {
                rewinds[lane] = .beginning
            }
        }
    }

    private static func inLogOrder(_ events: [RecordedEvent]) -> EventBatch {
        var builder = EventBatchBuilder(
            reservingEvents: events.count, bytes: events.reduce(0) { $0 + $1.byteCount })
        for event in events.sorted(by: { $0.position < $1.position }) { builder.append(event) }
        return builder.finish()
    }
}

// MARK: Lanes in which nothing happens

extension LaneReading {
    /// A lane that holds everything that its partition was known to hold when the log was published up to a position has nothing more up to there.
    private mutating func look(_ checkpoint: PublishingCheckpoint?, _ head: LogHead) -> Action {
        lookedAt = wish.at
        self.head = head
        published = checkpoint.flatMap {
            $0.progress.incarnation == head.incarnation && $0.progress.position <= head.position ? $0 : nil
        }
        findMissing()
        guard let published else { return proceed() }
        let position = published.progress.position
        idle = tapes.filter { lane, tape in
            let end = published.ends[Lane(Int32(lane))]?.position ?? .start
            return rewinds[lane] == nil && tape.after >= end && tape.after < position
        }.keys.sorted()
        return idle.isEmpty || fault != nil ? proceed() : .identify(position)
    }

    private mutating func stand(at id: UUID?) -> Action {
        guard let id, let position = published?.progress.position else { return proceed() }
        var ends: [Int: LaneEnd] = [:]
        for lane in idle {
            tapes[lane]?.stand(at: position)
            ends[lane] = LaneEnd(position: position, eventID: id)
        }
        return deliver(.empty, ends: ends)
    }
}
