import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaPublishing
import ReadModels
import Testing

/// Drives state machines over a model of a compacted topic, one run after the other, with faults from a seed.
struct StateWorld {
    var history: ExecutionHistory
    var projection: any StateProjection = SyncStateProjection()
    let lanes = 3
    var broker: ModelStateBroker
    var checkpoint: PublishingCheckpoint?
    /// Records of paused leaders that may still arrive, in the order in which each of them sent them.
    var late: [StateRecord] = []
    var reader = ModelStateReader()
    var notices: [StateNotice] = []
    var limits = StateLimits(batchEvents: 7, cachedKeys: 4, checkpointInterval: .milliseconds(3))
    var setAside: [StateKey] = []
    var written = 0
    private var token: Int64 = 0
    private var clock = Duration.zero
    private var random: SplitMix64
    private static let incarnation = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

    init(seed: Int, events: Int) throws {
        history = ExecutionHistory(seed: seed)
        try history.grow(by: events)
        broker = ModelStateBroker(lanes: lanes)
        random = SplitMix64(numbered: seed + 77)
    }

    /// One run. With `faults`, it ends at random: killed between any two steps, paused with records under way, disturbed.
    mutating func run(faults: Bool = false) -> RunEnd? {
        token += 1
        var machine = StateMachine(
            projection, StateMachine.Configuration(topic: "t", lanes: lanes, writer: token, limits: limits))
        var input = StateMachine.Input.began(
            checkpoint: checkpoint, found: broker.survey(from: checkpoint, fold: projection.version))
        var isDisturbed = false
        while true {
            clock += .milliseconds(1)
            if faults, random.chance(percent: 2) { return nil }
            let action = machine.receive(input)
            notices += machine.takeNotices()
            if faults, arrive(percent: 4) { isDisturbed = true }
            if isDisturbed, random.chance(percent: 50) { return .disturbed(.abandoned) }
            // The session learns of it by the next acknowledgement, if there is one: by then its record is behind a gap.
            if faults, random.chance(percent: 1) { truncate() }
            switch action {
            case .inspectLog(let positions): input = inspect(positions)
            case .open: input = .opened
            case .read(let position): input = read(after: position)
            case .load(let keys, let through):
                input = .loaded(Dictionary(uniqueKeysWithValues: keys.map { ($0, load($0, machine.skips, through)) }))
            case .send(let records):
                guard let outcome = deliver(records, faults: faults) else { return nil }
                input = .delivered(outcome, at: clock)
            case .save(let new, let previous):
                #expect(previous == checkpoint?.progress.position ?? .start)
                checkpoint = new
                input = .saved(.advanced, at: clock)
            case .end(let end): return end
            }
        }
    }

    private func inspect(_ positions: [GlobalPosition]) -> StateMachine.Input {
        let log = history.log
        let head = LogHead(
            position: log.head, incarnation: Self.incarnation, systemIdentifier: "1", timeline: 1, recordedAt: nil)
        var skips = SkippedEvents()
        for event in log.allEvents { skips.take(event) }
        return .inspected(head, positions.compactMap { log.event(at: $0) }, skips, standing: setAside)
    }

    /// Reads to the end, then stops.
    private func read(after position: GlobalPosition) -> StateMachine.Input {
        let page = history.log.read(EventQuery(after: position, limit: limits.batchEvents))
        if page.events.isEmpty { return .shutDown }
        return .read(SubscriptionBatch(events: page.events, head: page.head), at: clock)
    }

    private func load(_ key: StateKey, _ skips: SkippedEvents, _ through: GlobalPosition) -> KeyState {
        var state = KeyState()
        let events = projection.streams(of: key.syncKey).flatMap { stream in
            history.log.read(StreamQuery(workspace: key.workspace, stream, asOf: through)).events
        }
        for event in events.sorted(by: { $0.position < $1.position }) {
            state.fold(event, by: projection, skipping: skips)
        }
        state.complete(through: through)
        return state
    }

    /// - Returns: `nil` when the leader is paused with the rest of the records under way.
    private mutating func deliver(_ records: [StateRecord], faults: Bool) -> DeliveryOutcome? {
        if faults, random.chance(percent: 8) {
            let arrived = Int.random(in: 0...records.count, using: &random)
            for record in records.prefix(arrived) { append(record) }
            // Of what has not arrived, the first may still come; what comes after what is lost never does.
            late += records.dropFirst(arrived).prefix(Int.random(in: 0...records.count, using: &random))
            return random.chance(percent: 50) ? nil : .failed(reason: "lost")
        }
        let offsets = records.map { append($0) }
        written += records.count
        return .acknowledged(offsets: offsets)
    }

    @discardableResult private mutating func append(_ record: StateRecord) -> Int64 {
        let before = reader.versions
        reader.take(record)
        #expect(before.allSatisfy { $0.value <= reader.versions[$0.key] ?? $0.value })
        return broker.append(record)
    }

    /// Late records arrive, oldest first.
    mutating func arrive(percent: Int) -> Bool {
        guard !late.isEmpty, random.chance(percent: percent) else { return false }
        for _ in 0..<Int.random(in: 1...late.count, using: &random) { append(late.removeFirst()) }
        return true
    }

    private mutating func truncate() {
        let partition = Int.random(in: 0..<lanes, using: &random)
        let count = broker.partitions[partition].count
        broker.truncate(partition, keeping: max(0, count - Int.random(in: 0...8, using: &random)))
    }

    /// A fault of the broker itself, or its compaction.
    mutating func disturbBroker() {
        let partition = Int.random(in: 0..<lanes, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0...1: truncate()
        case 2: broker = ModelStateBroker(lanes: lanes)
        case 3...5: _ = arrive(percent: 100)
        case 6...9:
            // Nothing younger than the compaction lag is touched, so everything that is was seen by a leader.
            guard let end = checkpoint?.ends[Lane(Int32(partition))], end.position > .start else { return }
            broker.compact(partition, through: min(end.offset, broker.nextOffset[partition] - 1))
        default: break
        }
    }
}
