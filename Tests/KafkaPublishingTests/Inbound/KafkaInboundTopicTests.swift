import EventModel
import EventSourcing
import Foundation
import KafkaDriver
import KafkaPublishing
import Testing

// Needs a broker: set LOCKSTEP_KAFKA to its bootstrap list.
@Suite("The inbound topic", .enabled(if: Broker.isThere), .serialized, .timeLimit(.minutes(15)))
struct KafkaInboundTopicTests {
    /// Two topics of a test's own.
    private struct Topics {
        let names: KafkaInboundTopic.Names
        let topic: KafkaInboundTopic
        let configuration: KafkaConfiguration
        let admin: KafkaAdmin

        init(partitions: Int = 2) throws {
            names = KafkaInboundTopic.Names(prefix: "inbound-test-\(UUID().uuidString.lowercased())")
            configuration = Broker.configuration
            topic = KafkaInboundTopic(
                names, configuration: configuration, partitions: partitions,
                settings: TopicSettings(replicationFactor: 1))
            admin = try KafkaAdmin(configuration)
        }

        func write(_ records: [KafkaRecord]) async throws {
            var writing = configuration
            writing.properties["message.max.bytes"] = "4000000"
            let producer = try KafkaProducer(writing)
            let deliveries = try await producer.send(records)
            if let failure = deliveries.firstFailure { throw failure.error }
            try await producer.close(timeout: .seconds(10))
        }

        func record(_ value: String?, key: String? = nil, headers: [KafkaRecord.Header] = [], partition: Int32 = 0)
            -> KafkaRecord
        {
            KafkaRecord(
                topic: names.inbound, partition: partition, key: key.map { Array($0.utf8) },
                value: value.map { Array($0.utf8) }, headers: headers)
        }

        func named(_ id: String) -> [KafkaRecord.Header] {
            [KafkaRecord.Header("ce_source", "test"), KafkaRecord.Header("ce_id", id)]
        }

        func drop() async {
            for name in [names.inbound, names.rejected] { _ = try? await admin.deleteTopic(name) }
        }
    }

    /// Pulls until `count` messages have come, or nothing comes any more.
    private func pull(
        _ count: Int, from session: KafkaInboundSession
    ) async throws -> (deliveries: [KafkaInboundDelivery], messages: [InboundMessage]) {
        var deliveries: [KafkaInboundDelivery] = []
        var messages: [InboundMessage] = []
        while messages.count < count {
            let delivery = try await session.next()
            deliveries.append(delivery)
            messages += delivery.messages
        }
        return (deliveries, messages)
    }

    private func texts(_ messages: [InboundMessage]) -> [String] {
        messages.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test func `both topics are made, and messages come with their names, or are known by their place`() async throws {
        let topics = try Topics()
        let name = try await topics.topic.prepare()
        #expect(try await topics.topic.prepare() == name, "an existing topic is taken as it is")
        try await topics.write([
            topics.record("a", headers: topics.named("1")), topics.record("b", headers: [.init("ce_id", "1")]),
            topics.record(nil), topics.record("d", headers: topics.named("1"), partition: 1),
        ])
        let session = try await topics.topic.open(name, partitions: try await topics.topic.partitions(), at: [:])
        let (deliveries, messages) = try await pull(4, from: session)
        #expect(texts(messages).sorted() == ["", "a", "b", "d"])
        #expect(Set(messages.filter { $0.key.origin == .named }.map(\.key)) == [InboundKey(source: "test", id: "1")])
        #expect(Set(messages.map(\.key)).count == 3)
        #expect(messages.allSatisfy { $0.keepsTime } && messages.first { $0.key.origin == .named }?.actor == "test")
        #expect(
            deliveries.flatMap(\.notices).sorted { "\($0)" < "\($1)" } == [
                .firstReading(partition: 0), .firstReading(partition: 1),
            ])
        await session.close()
        await topics.drop()
    }

    @Test func `reading goes on behind the bookmark, with the same keys`() async throws {
        let topics = try Topics(partitions: 1)
        let name = try await topics.topic.prepare()
        try await topics.write((0..<10).map { topics.record("m\($0)") })
        let first = try await topics.topic.open(name, partitions: try await topics.topic.partitions(), at: [:])
        let (deliveries, before) = try await pull(10, from: first)
        await first.close()
        var bookmark = try #require(deliveries.compactMap { $0.bookmarks[0] }.last)
        #expect(bookmark.next == 10)
        try await topics.write((10..<15).map { topics.record("m\($0)") })
        let second = try await topics.topic.open(name, partitions: [0], at: [0: bookmark])
        let (_, behind) = try await pull(5, from: second)
        #expect(texts(behind) == (10..<15).map { "m\($0)" })
        await second.close()
        // A death before the bookmark moved: the same messages come again, under the same keys.
        bookmark.next = 4
        bookmark.last = nil
        let third = try await topics.topic.open(name, partitions: [0], at: [0: bookmark])
        let (_, again) = try await pull(11, from: third)
        #expect(again.prefix(6).map(\.key) == before.dropFirst(4).map(\.key))
        await third.close()
        await topics.drop()
    }

    @Test func `a topic that was made anew is noticed and read from its beginning`() async throws {
        let topics = try Topics(partitions: 1)
        var name = try await topics.topic.prepare()
        try await topics.write((0..<3).map { topics.record("old\($0)") })
        let first = try await topics.topic.open(name, partitions: try await topics.topic.partitions(), at: [:])
        let bookmark = try #require(try await pull(3, from: first).deliveries.compactMap { $0.bookmarks[0] }.last)
        await first.close()
        for count in [2, 5] {
            _ = try await topics.admin.deleteTopic(topics.names.inbound)
            name = try await recreated(topics)
            try await topics.write((0..<count).map { topics.record("new\($0)") })
            let session = try await topics.topic.open(name, partitions: [0], at: [0: bookmark])
            let (deliveries, messages) = try await pull(count, from: session)
            #expect(texts(messages) == (0..<count).map { "new\($0)" })
            #expect(deliveries.flatMap(\.notices) == [.anotherTopic(partition: 0, bookmark: 3)])
            #expect(deliveries.compactMap { $0.bookmarks[0] }.last?.generation != bookmark.generation)
            await session.close()
        }
        await topics.drop()
    }

    /// The broker may take a moment to forget a topic.
    private func recreated(_ topics: Topics) async throws -> InboundTopicName {
        while try await topics.admin.metadata(of: topics.names.inbound) != nil { await Task.yield() }
        return try await topics.topic.prepare()
    }

    @Test func `some of the partitions are read, and the ends of all are told`() async throws {
        let topics = try Topics(partitions: 3)
        let name = try await topics.topic.prepare()
        try await topics.write(
            (0..<3).flatMap { partition in
                (0...partition).map { topics.record("p\(partition) \($0)", partition: partition) }
            })
        #expect(try await topics.topic.partitions() == [0, 1, 2])
        #expect(
            try await topics.topic.ends(of: [0, 1, 2]) == [
                0: InboundEnds(first: 0, next: 1), 1: InboundEnds(first: 0, next: 2), 2: InboundEnds(first: 0, next: 3),
            ])
        let session = try await topics.topic.open(name, partitions: [0, 2], at: [:])
        let (deliveries, messages) = try await pull(4, from: session)
        #expect(texts(messages).sorted() == ["p0 0", "p2 0", "p2 1", "p2 2"])
        #expect(Set(deliveries.flatMap(\.bookmarks.keys)) == [0, 2])
        await session.close()
        await topics.drop()
    }

    @Test func `a message is delivered with its place and its record as it came`() async throws {
        let topics = try Topics(partitions: 1)
        let name = try await topics.topic.prepare()
        let headers = [KafkaRecord.Header("ls_workspace", "acme"), KafkaRecord.Header("x", nil), .init("y", [0xff])]
        try await topics.write([topics.record(nil), topics.record("{", key: "k", headers: headers)])
        let session = try await topics.topic.open(name, partitions: [0], at: [:])
        let (deliveries, messages) = try await pull(2, from: session)
        #expect(messages.map(\.workspace.rawValue) == ["default", "acme"])
        let records = deliveries.flatMap { delivery in delivery.messages.indices.map { delivery.record(at: $0) } }
        let places = deliveries.flatMap { delivery in delivery.messages.indices.map { delivery.place(of: $0) } }
        #expect(records.map(\.value) == [nil, Array("{".utf8)] && records.map(\.key) == [nil, Array("k".utf8)])
        #expect(records[1].headers == headers.map { InboundRecord.Header(name: $0.name, value: $0.value) })
        #expect(places.map(\.offset) == [0, 1] && places.allSatisfy { $0.topic == name })
        #expect(messages.map(\.key) == places.map(\.key))
        await session.close()
        await topics.drop()
    }

    @Test func `what is refused is told with its reason and place, sealed, and without content when it is too large`()
        async throws
    {
        let topics = try Topics(partitions: 1)
        let name = try await topics.topic.prepare()
        let session = try await topics.topic.open(name, partitions: [0], at: [:])
        func rejected(_ offset: Int64, _ bytes: Int) -> RejectedMessage {
            let place = InboundPlace(topic: name, generation: UUID(), partition: 0, offset: offset)
            return RejectedMessage(
                InboundRejection(.malformed, "because of \(offset)").on("session"), workspace: .default, place: place,
                bytes: bytes, sealed: [UInt8](repeating: 0x78, count: bytes))
        }
        let messages = [rejected(1, 3), rejected(2, 6_000_000), rejected(3, 4)]
        try await session.tell(messages)
        await session.close()
        let kept = try await keptRecords(3, in: topics)
        #expect(Set(kept.map { $0.value?.count }) == [3, 4, nil])
        let first = try #require(kept.first { $0.value?.count == 3 })
        let expected = [
            ("ls_rejection", messages[0].id.uuidString.lowercased()), ("ls_code", "malformed"),
            ("ls_reason", "because of 1"), ("ls_workspace", "default"), ("ls_source_topic", topics.names.inbound),
            ("ls_source_partition", "0"), ("ls_source_offset", "1"), ("ls_value_bytes", "3"), ("ls_kind", "session"),
        ]
        #expect(first.headers == expected.map { KafkaRecord.Header($0.0, $0.1) } && first.key == nil)
        await topics.drop()
    }

    private func keptRecords(_ count: Int, in topics: Topics) async throws -> [KafkaRecord] {
        let consumer = try KafkaConsumer(topics.configuration)
        try consumer.assign([KafkaStart(topic: topics.names.rejected, partition: 0, offset: .beginning)])
        var kept: [KafkaRecord] = []
        while kept.count < count {
            for case .message(let message) in try await consumer.next() {
                kept.append(
                    KafkaRecord(
                        topic: message.topic, key: message.key, value: message.value, headers: message.headers.all))
            }
        }
        try await consumer.close()
        return kept
    }
}
