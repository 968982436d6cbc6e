import EventModel
import EventSourcing
import FoundationEssentials
import KafkaPublishing

/// What an independent consumer of the topic saw, against the log.
struct CopyComparison: Sendable {
    /// Where in the topic an event is.
    struct Place: Sendable {
        var partition: Int32
        var offset: Int64
    }

    /// By position.
    private(set) var places: [Int64: Place] = [:]
    private(set) var partitions = 0
    /// The data of the events, as the topic holds them.
    private(set) var values: [[UInt8]] = []
    /// Records that the consumer rule ignores: remains of retries, harmless.
    private(set) var ignored = 0
    /// The first thing that differs; `nil` when nothing does.
    private(set) var flaw: String?

    /// The longest wait for the topic.
    private static let patience = Duration.seconds(60)

    static func run(
        _ store: some EventStore, _ kafka: KafkaSettings, through head: GlobalPosition
    ) async throws -> CopyComparison {
        var comparison = CopyComparison()
        let records = try await comparison.read(kafka, through: head)
        try await comparison.compare(records, with: store, through: head)
        return comparison
    }

    private mutating func read(_ kafka: KafkaSettings, through head: GlobalPosition) async throws -> [Int64:
        LockstepRecord]
    {
        let consumer = LockstepConsumer(of: kafka.topic, configuration: kafka.kafka)
        let seen = try await withThrowingTaskGroup(of: Seen?.self) { group in
            group.addTask { try await Seen.read(consumer, partitions: kafka.partitions, through: head) }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let seen else {
            flaw = "the topic was not read to its end within \(Self.patience)"
            return [:]
        }
        ignored = seen.ignored
        places = seen.records.mapValues { Place(partition: $0.partition, offset: $0.offset) }
        values = seen.records.values.map { Array($0.data) }
        partitions = Set(seen.records.values.map(\.partition)).count
        flaw = seen.flaw
        return seen.records
    }

    private mutating func compare(
        _ records: [Int64: LockstepRecord], with store: some EventStore, through head: GlobalPosition
    ) async throws {
        var query: EventQuery? = EventQuery(through: head)
        while let current = query, flaw == nil {
            let page = try await store.read(current)
            for event in page.events where flaw == nil {
                guard let record = records[event.position.rawValue] else {
                    flaw = "the topic lacks the event at position \(event.position)"
                    continue
                }
                if let field = Self.difference(record, event) {
                    flaw = "\(field) differs at position \(event.position)"
                }
            }
            query = current.next(after: page)
        }
    }

    /// The first field in which a record differs from the event; `nil` when none does.
    static func difference(_ record: LockstepRecord, _ event: RecordedEvent) -> String? {
        if record.id != event.id { return "the id" }
        if record.stream != event.stream || record.version != event.version { return "the place in the stream" }
        if record.type != event.type || record.workspace != event.workspace { return "the type" }
        if record.data != event.data { return "the data" }
        if record.metadata != event.metadata { return "the metadata" }
        if record.actor != event.actor { return "the actor" }
        if record.correlationID != event.correlationID || record.causationID != event.causationID { return "the cause" }
        if record.occurredAt != event.occurredAt || record.recordedAt != event.recordedAt { return "a time" }
        return nil
    }
}

/// What a consumer has read.
private struct Seen: Sendable {
    var records: [Int64: LockstepRecord] = [:]
    var ignored = 0
    var flaw: String?

    /// Reads every partition to its end.
    static func read(_ consumer: LockstepConsumer, partitions: Int, through head: GlobalPosition) async throws -> Seen {
        var seen = Seen()
        var ended: Set<Int32> = []
        var last: [Int32: GlobalPosition] = [:]
        var iterator = consumer.makeAsyncIterator()
        while ended.count < partitions, let step = try await iterator.step() {
            switch step {
            case .record(let record):
                ended.remove(record.partition)
                if let before = last[record.partition], record.position <= before {
                    seen.flaw = "order is lost at position \(record.position)"
                }
                if seen.records[record.position.rawValue] != nil {
                    seen.flaw = "position \(record.position) came twice"
                }
                last[record.partition] = record.position
                // What was appended meanwhile is not part of the comparison.
                if record.position <= head { seen.records[record.position.rawValue] = record }
            case .ignored: seen.ignored += 1
            case .caughtUp(let partition, _): ended.insert(partition)
            case .rewound(let partition): ended.remove(partition)
            }
        }
        return seen
    }
}
