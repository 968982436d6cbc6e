import EventModel
import EventSourcing
import FoundationEssentials
import Testing

@testable import Projector

@Suite struct `Reading lanes from the topic` {
    private static let log = UUID()
    private static let other = UUID()

    private func event(_ position: Int64) -> RecordedEvent {
        var builder = EventBatchBuilder()
        let fixed = EventBatchBuilder.Fixed(
            position: GlobalPosition(position), version: StreamVersion(1), id: UUID(),
            kind: EventKind(trustingWorkspace: "default", category: "tally", type: "tally.up"), schemaVersion: 1,
            occurredAt: Timestamp(microseconds: 0), recordedAt: Timestamp(microseconds: 0), correlationID: nil,
            causationID: nil)
        let stream = Array("tally-1".utf8)
        stream.withUnsafeBytes { builder.append(fixed, stream: $0, actor: nil, data: $0, metadata: $0) }
        return builder.finish()[0]
    }

    private func record(
        _ position: Int64, after previous: Int64, at offset: Int64, lane: Int = 0, of incarnation: UUID = log
    ) -> LaneNews {
        .record(
            LaneRecord(
                lane: lane, offset: offset, previous: GlobalPosition(previous), incarnation: incarnation,
                event: event(position)))
    }

    private func wish(_ after: [Int: Int64], at seconds: Int = 0) -> LaneReading.Input {
        .wanted(
            LaneWish(
                after: after.mapValues { GlobalPosition($0) }, limit: 10, patience: .zero, at: .seconds(seconds)))
    }

    private func look(_ position: Int64, head: Int64, ends: [Int: (Int64, Int64)] = [:]) -> LaneReading.Input {
        var progress = ConsumerProgress(of: .init(consumer: "t", kind: "publisher"), incarnation: Self.log)
        progress.position = GlobalPosition(position)
        let ends = Dictionary(
            uniqueKeysWithValues: ends.map {
                (Lane(Int32($0)), PartitionEnd(position: GlobalPosition($1.0), offset: $1.1))
            })
        return .looked(
            PublishingCheckpoint(progress: progress, topic: "t", ends: ends),
            LogHead(
                position: GlobalPosition(head), incarnation: Self.log, systemIdentifier: "1", timeline: 1,
                recordedAt: nil))
    }

    /// A reading that has just begun, with nothing published yet.
    private func begun(
        _ after: [Int: Int64], hints: [Int: Int64] = [:], earlier: [UUID: GlobalPosition] = [:]
    ) -> LaneReading {
        var reading = LaneReading(lookingEvery: .seconds(1))
        _ = reading.receive(wish(after))
        _ = reading.receive(.hinted(hints, earlier: earlier))
        _ = reading.receive(.opened)
        _ = reading.receive(look(0, head: 100))
        return reading
    }

    private func positions(_ action: LaneReading.Action) -> [Int64]? {
        guard case .deliver(let batch) = action else { return nil }
        return batch.events.map(\.position.rawValue)
    }

    @Test func `lanes begin at the hints that were left, the others at the beginning`() {
        var reading = LaneReading(lookingEvery: .seconds(1))
        guard case .askHints([0, 1]) = reading.receive(wish([0: 7, 1: 0])),
            case .open([0: .offset(4), 1: .beginning]) = reading.receive(.hinted([0: 4], earlier: [:])),
            case .look = reading.receive(.opened),
            case .read(limit: 10, atMost: .zero) = reading.receive(look(0, head: 9))
        else { return #expect(Bool(false)) }
    }

    @Test
    func
        `the first record that reaches over the checkpoint begins, then the chain counts, and what comes again does not`()
    {
        var reading = begun([0: 5])
        let news = [
            record(3, after: 0, at: 0), record(5, after: 3, at: 1), record(8, after: 5, at: 2),
            record(8, after: 5, at: 3), record(3, after: 0, at: 4), record(11, after: 8, at: 5),
        ]
        #expect(positions(reading.receive(.read(news))) == [8, 11])
    }

    @Test func `a checkpoint between two events of the lane is begun behind`() {
        var reading = begun([0: 6])
        #expect(positions(reading.receive(.read([record(9, after: 5, at: 3)]))) == [9])
        var strict = begun([0: 6])
        #expect(positions(strict.receive(.read([record(5, after: 3, at: 2), record(9, after: 5, at: 3)]))) == [9])
    }

    @Test func `events of several lanes come in the order of the log`() {
        var reading = begun([0: 0, 1: 0])
        let news = [
            record(2, after: 0, at: 0, lane: 1), record(6, after: 2, at: 1, lane: 1), record(1, after: 0, at: 0),
            record(4, after: 1, at: 1),
        ]
        #expect(positions(reading.receive(.read(news))) == [1, 2, 4, 6])
    }

    @Test func `a hint that lies too far is not used`() {
        var reading = begun([0: 5], hints: [0: 9])
        guard case .rewind([0: .beginning]) = reading.receive(.read([record(20, after: 12, at: 9)])),
            case .read = reading.receive(.rewound)
        else { return #expect(Bool(false)) }
        #expect(positions(reading.receive(.read([record(12, after: 5, at: 2)]))) == [12])
    }

    @Test func `an early record waits for what is missing before it`() {
        var reading = begun([0: 5])
        #expect(positions(reading.receive(.read([record(20, after: 12, at: 9)]))) == [])
        let filled = [record(12, after: 5, at: 10), record(20, after: 12, at: 11)]
        #expect(positions(reading.receive(.read(filled))) == [12, 20])
    }

    @Test func `what the publisher has copied and the topic has not is a fault that says what is missing`() {
        var reading = begun([0: 5], hints: [0: 3])
        _ = reading.receive(.read([record(5, after: 3, at: 3), record(20, after: 12, at: 4)]))
        guard case .look = reading.receive(wish([0: 5], at: 2)),
            case .rewind([0: .beginning]) = reading.receive(look(20, head: 20, ends: [0: (20, 4)])),
            case .read = reading.receive(.rewound),
            case .stop(.hole(lane: 0, after: GlobalPosition(5), before: GlobalPosition(12))) = reading.receive(
                .read([record(20, after: 12, at: 4)]))
        else { return #expect(Bool(false)) }
    }

    @Test func `a partition that retention has emptied is a fault, not an idle lane`() {
        var reading = begun([0: 5])
        _ = reading.receive(.read([.end(lane: 0, offset: 40)]))
        guard case .look = reading.receive(wish([0: 5], at: 2)),
            case .stop(.hole(lane: 0, after: GlobalPosition(5), before: GlobalPosition(30))) = reading.receive(
                look(35, head: 35, ends: [0: (30, 39)]))
        else { return #expect(Bool(false)) }
    }

    @Test func `a record that is still to come is no hole`() {
        var reading = begun([0: 5])
        _ = reading.receive(.read([.end(lane: 0, offset: 39)]))
        guard case .look = reading.receive(wish([0: 5], at: 2)),
            case .read = reading.receive(look(35, head: 35, ends: [0: (30, 39)]))
        else { return #expect(Bool(false)) }
    }

    @Test func `a record that jumps over the last one is of another chain`() {
        var reading = begun([0: 5])
        let news = [record(8, after: 5, at: 0), record(11, after: 7, at: 1)]
        #expect(positions(reading.receive(.read(news))) == [8], "what came before it counts")
        guard
            case .stop(.otherChain(lane: 0, position: _, previous: _, last: GlobalPosition(8))) = reading.receive(
                wish([0: 8]))
        else { return #expect(Bool(false)) }
    }

    @Test func `records of a history that the log does not continue stop, those of an earlier one do not`() {
        var reading = begun([0: 5])
        guard
            case .stop(.otherIncarnation(lane: 0, position: GlobalPosition(8), found: Self.other, log: _)) =
                reading.receive(.read([record(8, after: 5, at: 0, of: Self.other)]))
        else { return #expect(Bool(false)) }
        var earlier = begun([0: 5], earlier: [Self.other: GlobalPosition(8)])
        #expect(positions(earlier.receive(.read([record(8, after: 5, at: 0, of: Self.other)]))) == [8])
        guard case .stop(.otherIncarnation) = earlier.receive(.read([record(9, after: 8, at: 1, of: Self.other)]))
        else { return #expect(Bool(false), "what was lost with the fork is not of this log") }
    }

    @Test func `an idle lane moves on as far as is proven, and never beyond`() {
        var reading = begun([0: 5, 1: 30, 2: 0])
        guard case .look = reading.receive(wish([0: 5, 1: 30, 2: 0], at: 2)),
            case .identify(GlobalPosition(35)) = reading.receive(
                look(35, head: 50, ends: [0: (33, 7), 1: (30, 9)])),
            case .deliver(let batch) = reading.receive(.identified(Self.other))
        else { return #expect(Bool(false)) }
        let end = LaneEnd(position: GlobalPosition(35), eventID: Self.other)
        #expect(batch.ends == [1: end, 2: end], "lane 0 has an event to come")
        #expect(batch.events.isEmpty && batch.head == GlobalPosition(50))
        // The next event follows the lane's last one, which lies before where the lane stands.
        _ = reading.receive(wish([0: 5, 1: 35, 2: 35], at: 2))
        #expect(positions(reading.receive(.read([record(40, after: 30, at: 10, lane: 1)]))) == [40])
    }

    @Test func `nothing is asked more often than the interval, and nothing is moved twice`() {
        var reading = begun([0: 35])
        guard case .read = reading.receive(wish([0: 35])), case .look = reading.receive(wish([0: 35], at: 1)),
            case .read = reading.receive(look(35, head: 35, ends: [0: (35, 2)]))
        else { return #expect(Bool(false)) }
    }

    @Test func `a publisher's checkpoint of another history proves nothing`() {
        var reading = begun([0: 5])
        _ = reading.receive(wish([0: 5], at: 2))
        guard case .read = reading.receive(look(35, head: 20)) else {
            return #expect(Bool(false), "the checkpoint is ahead of the log")
        }
    }

    @Test func `what was handed out and not stored is read again from where that is known to be`() {
        var reading = begun([0: 0])
        _ = reading.receive(.read([record(4, after: 0, at: 0)]))
        _ = reading.receive(wish([0: 4]))
        _ = reading.receive(.read([record(6, after: 4, at: 1), record(9, after: 6, at: 2)]))
        guard case .rewind([0: .offset(1)]) = reading.receive(wish([0: 4])), case .read = reading.receive(.rewound)
        else { return #expect(Bool(false)) }
        #expect(positions(reading.receive(.read([record(6, after: 4, at: 1)]))) == [6])
        #expect(reading.hints == [0: 1])
        guard case .rewind([0: .beginning]) = reading.receive(wish([0: 2])) else { return #expect(Bool(false)) }
    }

    @Test func `when lanes come and go the others go on where they were`() {
        var reading = begun([0: 0, 1: 0])
        _ = reading.receive(.read([record(4, after: 0, at: 0)]))
        _ = reading.receive(wish([0: 4, 1: 0]))
        guard case .askHints([2]) = reading.receive(wish([0: 4, 2: 3])),
            case .open([0: .offset(1), 2: .offset(7)]) = reading.receive(.hinted([2: 7], earlier: [:]))
        else { return #expect(Bool(false)) }
    }

    @Test func `an offset that is not there any more is the beginning`() {
        var reading = begun([0: 5], hints: [0: 400])
        guard case .rewind([0: .beginning]) = reading.receive(.read([.missing(lane: 0)])) else {
            return #expect(Bool(false))
        }
    }
}
