import CRDKafka
import KafkaDriver
import Testing

@Suite("Consumer", .enabled(if: TestBroker.isGiven), .serialized, .timeLimit(.minutes(15))) struct ConsumerTests {
    private func produce(_ count: Int, to topic: String, partition: Int32 = 0) async throws {
        let producer = try KafkaProducer(TestBroker.configuration)
        let records = (0..<count).map { KafkaRecord(topic: topic, partition: partition, value: Array("\($0)".utf8)) }
        #expect(try await producer.send(records).firstFailure == nil)
        try await producer.close(timeout: .seconds(10))
    }

    private func readUntil<T>(
        _ consumer: KafkaConsumer, _ found: (KafkaMessageBatch.Element) -> T?
    ) async throws -> T {
        while true {
            for element in try await consumer.next() {
                if let result = found(element) { return result }
            }
        }
    }

    @Test func `the end of a partition is marked with the next offset`() async throws {
        try await TestBroker.withTopic(partitions: 2) { topic in
            try await produce(25, to: topic, partition: 1)
            let consumer = try KafkaConsumer(TestBroker.configuration)
            try consumer.assign((0..<2).map { KafkaStart(topic: topic, partition: $0, offset: .beginning) })
            var ends: [Int32: Int64] = [:]
            while ends.count < 2 {
                for case .endOfPartition(let end) in try await consumer.next() {
                    ends[end.partition.partition] = end.offset
                }
            }
            #expect(ends == [0: 0, 1: 25])
            #expect(consumer.cachedWatermarks(of: KafkaTopicPartition(topic, 1)) == KafkaWatermarks(low: 0, high: 25))
            try await consumer.close()
        }
    }

    @Test func `reading starts at the offset asked for, and again after a seek`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            try await produce(100, to: topic)
            let consumer = try KafkaConsumer(TestBroker.configuration)
            try consumer.assign([KafkaStart(topic: topic, partition: 0, offset: .at(40))])
            let firstMessage: (KafkaMessageBatch.Element) -> Int64? = {
                if case .message(let message) = $0 { message.offset } else { nil }
            }
            #expect(try await readUntil(consumer, firstMessage) == 40)
            try await consumer.seek(to: [KafkaStart(topic: topic, partition: 0, offset: .at(7))])
            #expect(try await readUntil(consumer, firstMessage) == 7)
            #expect(try consumer.assignment() == [KafkaTopicPartition(topic, 0)])
            try await consumer.close()
        }
    }

    @Test func `an offset beyond the end is a typed failure of that partition, and nothing is skipped`() async throws {
        try await TestBroker.withTopic(partitions: 2) { topic in
            try await produce(3, to: topic)
            let consumer = try KafkaConsumer(TestBroker.configuration)
            try consumer.assign([KafkaStart(topic: topic, partition: 0, offset: .at(99))])
            let failure = try await readUntil(consumer) { element -> KafkaPartitionFailure? in
                if case .failure(let failure) = element { failure } else { nil }
            }
            #expect(failure.isOffsetOutOfRange)
            #expect(failure.partition == KafkaTopicPartition(topic, 0))
            #expect(failure.error.subject == .partition(KafkaTopicPartition(topic, 0)))
            try await consumer.close()
        }
    }

    @Test func `a paused partition is silent until it is resumed`() async throws {
        try await TestBroker.withTopic(partitions: 2) { topic in
            try await produce(5, to: topic, partition: 0)
            try await produce(5, to: topic, partition: 1)
            let consumer = try KafkaConsumer(TestBroker.configuration)
            try consumer.assign((0..<2).map { KafkaStart(topic: topic, partition: $0, offset: .beginning) })
            try consumer.pause([KafkaTopicPartition(topic, 0)])
            var partitions: Set<Int32> = []
            var isAtEnd = false
            while !isAtEnd {
                for element in try await consumer.next() {
                    if case .message(let message) = element { partitions.insert(message.partition) }
                    if case .endOfPartition(let end) = element { isAtEnd = end.partition.partition == 1 }
                }
            }
            #expect(partitions == [1])
            try consumer.resume([KafkaTopicPartition(topic, 0)])
            let resumed = try await readUntil(consumer) { element -> Int32? in
                if case .message(let message) = element { message.partition } else { nil }
            }
            #expect(resumed == 0)
            try await consumer.close()
        }
    }

    @Test func `pausing, resuming and resuming again neither repeats nor skips a message`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            try await produce(2_000, to: topic)
            let partition = [KafkaTopicPartition(topic, 0)]
            let consumer = try KafkaConsumer(TestBroker.configuration)
            try consumer.assign([KafkaStart(topic: topic, partition: 0, offset: .beginning)])
            var offsets: [Int64] = []
            while offsets.count < 2_000 {
                for case .message(let message) in try await consumer.next(maxMessages: 300) {
                    offsets.append(message.offset)
                }
                try consumer.resume(partition)
                try consumer.pause(partition)
                #expect(!(try await consumer.next(timeout: .milliseconds(5))).contains { $0.isMessage })
                try consumer.resume(partition)
            }
            #expect(offsets == (0..<2_000).map { Int64($0) })
            try await consumer.close()
        }
    }

    @Test func `a partition assigned anew is not paused`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            try await produce(3, to: topic)
            let start = KafkaStart(topic: topic, partition: 0, offset: .beginning)
            let consumer = try KafkaConsumer(TestBroker.configuration)
            try consumer.assign([start])
            #expect(try await readUntil(consumer) { $0.isMessage ? true : nil })
            try consumer.pause([start.partition])
            try consumer.assign([])
            #expect(!(try await consumer.next(timeout: .milliseconds(100))).contains { $0.isMessage })
            try consumer.assign([start])
            #expect(try await readUntil(consumer) { $0.isMessage ? true : nil })
            try await consumer.close()
        }
    }

    @Test func `messages outlive their consumer`() async throws {
        try await TestBroker.withTopic(partitions: 1) { topic in
            try await produce(10, to: topic)
            let messages = try await TestBroker.readAll(topic, partitions: 1)
            #expect(messages.map { $0.value } == (0..<10).map { Array("\($0)".utf8) })
            #expect(messages.allSatisfy { $0.topic == topic })
        }
    }

    @Test func `members of a group share a topic and everything is read once`() async throws {
        try await TestBroker.withTopic(partitions: 4) { topic in
            for partition in 0..<4 as Range<Int32> { try await produce(250, to: topic, partition: partition) }
            let configuration = TestBroker.configuration.setting("group.id", to: TestBroker.randomName("group"))
                .setting("auto.offset.reset", to: "earliest").setting("partition.assignment.strategy", to: "range")
                .setting("heartbeat.interval.ms", to: "200")
            let progress = GroupProgress(goal: 1_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for member in 0..<2 {
                    group.addTask { try await consume(topic, configuration, member, progress) }
                }
                try await group.waitForAll()
            }
            #expect(await progress.distinct == 1_000)
            #expect(await progress.repeated == 0)
            #expect(await progress.members == [0, 1])
        }
    }

    /// One member: hands its partitions back only after committing what it has read.
    private func consume(
        _ topic: String, _ configuration: KafkaConfiguration, _ member: Int, _ progress: GroupProgress
    ) async throws {
        let consumer = try KafkaConsumer(configuration)
        try consumer.subscribe(to: [topic], rebalancing: .acknowledged)
        while await !progress.isDone {
            var next: [KafkaTopicPartition: Int64] = [:]
            let batch = try await consumer.next(maxMessages: 20, timeout: .milliseconds(100))
            let mayRead = await progress.mayRead
            for element in batch {
                switch element {
                case .message(let message):
                    await progress.note(message, by: member)
                    next[message.topicPartition] = message.offset + 1
                case .rebalance(let rebalance):
                    try await commit(&next, consumer)
                    try consumer.acknowledge(rebalance)
                    await progress.note(rebalance, by: member)
                    if !mayRead { try consumer.pause(try consumer.assignment()) }
                case .endOfPartition: break
                case .failure(let failure): throw failure.error
                }
            }
            try await commit(&next, consumer)
            if await progress.mayRead { try consumer.resume(try consumer.assignment()) }
        }
        try await consumer.close()
    }

    private func commit(_ next: inout [KafkaTopicPartition: Int64], _ consumer: KafkaConsumer) async throws {
        guard !next.isEmpty else { return }
        try await consumer.commit(next.map { KafkaPosition($0.key, $0.value) })
        next = [:]
    }
}

extension KafkaMessageBatch.Element {
    var isMessage: Bool {
        if case .message = self { true } else { false }
    }
}

/// What the members of a group have read. Reading begins when both have partitions, so that both take part.
actor GroupProgress {
    private let goal: Int
    private var seen: [KafkaPosition: Int] = [:]
    private var owned: [Int: Set<KafkaTopicPartition>] = [:]
    private(set) var members: Set<Int> = []

    init(goal: Int) { self.goal = goal }

    var mayRead: Bool { owned.count == 2 && owned.values.allSatisfy { $0.count == 2 } }
    var isDone: Bool { seen.count >= goal }
    var distinct: Int { seen.count }
    var repeated: Int { seen.values.filter { $0 > 1 }.count }

    func note(_ message: KafkaMessage, by member: Int) {
        members.insert(member)
        seen[KafkaPosition(message.topicPartition, message.offset), default: 0] += 1
    }

    func note(_ rebalance: KafkaRebalance, by member: Int) {
        owned[member] = rebalance.kind == .assigned ? Set(rebalance.partitions) : []
    }
}

@Suite("Consumer and its tasks", .serialized, .timeLimit(.minutes(15))) struct ConsumerTaskTests {
    @Test func `cancelling ends a long wait`() async throws {
        let consumer = try KafkaConsumer(TestBroker.nobody)
        let waiting = Task { try await consumer.next(timeout: .seconds(3_600)) }
        waiting.cancel()
        await #expect(throws: KafkaError(.cancelled)) { try await waiting.value }
        try await consumer.close()
    }

    @Test func `closing ends a long wait`() async throws {
        let consumer = try KafkaConsumer(TestBroker.nobody)
        let waiting = Task { try await consumer.next(timeout: .seconds(3_600)) }
        try await consumer.close()
        await #expect(throws: KafkaError(.closed)) { try await waiting.value }
        await expectKafkaError(.closed) { () async throws(KafkaError) in _ = try await consumer.next() }
    }

    @Test func `a sequence of batches ends when its task is cancelled`() async throws {
        let consumer = try KafkaConsumer(TestBroker.nobody)
        let reading = Task { () -> Int in
            var batches = 0
            for try await batch in consumer.batches() where !batch.isEmpty { batches += 1 }
            return batches
        }
        reading.cancel()
        _ = try await reading.value
        try await consumer.close()
    }

    @Test func `a wait that nothing ends returns an empty batch`() async throws {
        let consumer = try KafkaConsumer(TestBroker.nobody)
        try consumer.assign([KafkaStart(topic: "t", partition: 0, offset: .beginning)])
        #expect(try await consumer.next(timeout: .milliseconds(1)).isEmpty)
        try await consumer.close()
    }

    @Test func `an error of the broker is a failure of its partition, and reading goes on`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(cluster.configuration)
        #expect(try await producer.send([KafkaRecord(topic: "t", partition: 0, value: [1])]).firstFailure == nil)
        cluster.fail(1, with: [RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT])
        let consumer = try KafkaConsumer(cluster.configuration)
        try consumer.assign([KafkaStart(topic: "t", partition: 0, offset: .beginning)])
        var failures: [KafkaPartitionFailure] = []
        var messages = 0
        while messages == 0 {
            for element in try await consumer.next() {
                if case .failure(let failure) = element { failures.append(failure) }
                if element.isMessage { messages += 1 }
            }
        }
        #expect(failures.map(\.error.code) == [.requestTimedOut])
        #expect(failures.allSatisfy { $0.partition == KafkaTopicPartition("t", 0) && $0.error.isRetriable })
        try await consumer.close()
        try await producer.close(timeout: .seconds(10))
    }
}
