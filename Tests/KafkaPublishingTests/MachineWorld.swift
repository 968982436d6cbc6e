import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaPublishing
import Testing

/// Drives machines over the model broker, one run after the other, with faults from a seed.
struct MachineWorld {
    let log: SmallLog
    let lanes: Int
    var broker: ModelBroker
    var consumer: ModelConsumer
    var checkpoint: PublishingCheckpoint?
    /// Records of abandoned sessions that may still arrive.
    var stragglers: [(mark: RecordMark, lane: Lane)] = []
    var notices: [PublisherNotice] = []
    var random: SplitMix64

    init(events: Int, lanes: Int = 4, seed: Int) {
        log = SmallLog(events: events, streams: 12, seed: seed)
        self.lanes = lanes
        broker = ModelBroker(lanes: lanes)
        consumer = ModelConsumer(lanes: lanes)
        random = SplitMix64(numbered: seed)
    }

    var configuration: PublisherMachine.Configuration {
        PublisherMachine.Configuration(
            topic: "t", lanes: lanes, limits: PublisherLimits(windowEvents: 40, batchEvents: 7, checkpointEvents: 11))
    }

    /// One run. With `faults`, it ends at random: a batch is lost whole or in part, or the run is killed between any two steps.
    mutating func run(faults: Bool) -> RunEnd? {
        var machine = PublisherMachine(configuration, expectsGaps: false)
        var flying: [OutgoingBatch] = []
        var due: [PublisherMachine.Input] = [.began(checkpoint: checkpoint, ends: broker.ends(from: checkpoint))]
        while true {
            if faults, random.chance(percent: 1) {
                lose(flying)
                return nil
            }
            var inputs = due
            due = []
            if inputs.isEmpty, !flying.isEmpty {
                // Any batch may be answered first, but records of one session reach a partition in order.
                inputs = [deliver(flying.removeFirst(), faults: faults)]
            }
            if inputs.isEmpty { inputs = [.shutDown] }
            for input in inputs {
                for action in machine.receive(input) {
                    switch action {
                    case .inspectLog(let positions): due.append(inspect(positions))
                    case .notice(let notice): notices.append(notice)
                    case .measure(let after, let through):
                        var digest = CompletenessDigest()
                        for event in log.events where event.position > after && event.position <= through {
                            digest.add(event)
                        }
                        due.append(.measured(digest))
                    case .open, .limitDrain: break
                    case .read(let position):
                        let batch = log.batch(after: position, limit: 7)
                        if !batch.events.isEmpty { due.append(.read(batch)) }
                    case .send(let batch): flying.append(batch)
                    case .save(let new, let previous):
                        #expect(previous == checkpoint?.progress.position ?? .start)
                        checkpoint = new
                        due.append(.saved(.advanced))
                    case .saveLater: due.append(.checkpointDue)
                    case .end(let end):
                        lose(flying)
                        return end
                    }
                }
            }
        }
    }

    private func inspect(_ positions: [GlobalPosition]) -> PublisherMachine.Input {
        let events = log.events
        let head = LogHead(
            position: GlobalPosition(Int64(events.count)), incarnation: log.incarnation, systemIdentifier: "1",
            timeline: 1,
            recordedAt: nil)
        return .inspected(head, positions.compactMap { $0 <= head.position ? events[Int($0.rawValue) - 1] : nil })
    }

    private func marks(_ batch: OutgoingBatch) -> [(mark: RecordMark, lane: Lane)] {
        batch.records.map {
            let event = batch.events[$0.index]
            return (
                RecordMark(
                    position: event.position, previous: $0.previous, eventID: event.id, incarnation: log.incarnation),
                $0.lane
            )
        }
    }

    private mutating func deliver(_ batch: OutgoingBatch, faults: Bool) -> PublisherMachine.Input {
        var digest = CompletenessDigest()
        for event in batch.events { digest.add(event) }
        let records = marks(batch)
        if faults, random.chance(percent: 4) {
            // Some records of the batch arrive, some never do, some arrive after everybody has moved on.
            for record in records {
                switch Int.random(in: 0..<3, using: &random) {
                case 0: _ = broker.append(record.mark, to: record.lane)
                case 1: stragglers.append(record)
                default: break
                }
            }
            return .delivered(batch: batch.number, .failed(reason: "lost"), digest: digest)
        }
        if faults, random.chance(percent: 4), !stragglers.isEmpty {
            let late = stragglers.remove(at: Int.random(in: 0..<stragglers.count, using: &random))
            _ = broker.append(late.mark, to: late.lane)
        }
        let offsets = records.map { broker.append($0.mark, to: $0.lane) }
        return .delivered(batch: batch.number, .acknowledged(offsets: offsets), digest: digest)
    }

    /// What was under way when a run ended.
    private mutating func lose(_ batches: [OutgoingBatch]) {
        for batch in batches {
            for record in marks(batch) where random.chance(percent: 50) { stragglers.append(record) }
        }
    }

    /// A fault of the broker itself.
    mutating func disturbBroker() {
        let partition = Int.random(in: 0..<lanes, using: &random)
        let count = broker.partitions[partition].count
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: broker.truncate(partition, keeping: Int.random(in: 0...count, using: &random))
        case 3: broker = ModelBroker(lanes: lanes)
        case 4...5: while let late = stragglers.popLast() { _ = broker.append(late.mark, to: late.lane) }
        case 6: broker.expire(partition, dropping: min(count, consumedPrefix(partition)))
        default: break
        }
    }

    /// Retention only removes what the consumer has read.
    private func consumedPrefix(_ partition: Int) -> Int {
        broker.partitions[partition].prefix { $0.offset < consumer.offsets[partition] }.count / 2
    }
}

extension SplitMix64 {
    /// The randomness of the world with this number. The worlds that once failed are known by it, so it must stay what it is.
    init(numbered number: Int) { self.init(seed: UInt64(number) &* 0x9e37_79b9_7f4a_7c15) }
}
