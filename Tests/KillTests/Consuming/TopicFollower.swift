import Foundation
import KafkaDriver
import Synchronization

/// An outside consumer: it knows the page about the consumer rule, and the broker. What it accepts it keeps.
final class TopicFollower: Sendable {
    /// A record that the rule let through.
    struct Accepted: Sendable {
        let lane: Int32
        let position: Int64
        let fingerprint: EventFingerprint
        let key: String
    }

    private struct State {
        var accepted: [Accepted] = []
        var total = 0
        var read = 0
        var alarms: [String] = []
        var isClosed = false
    }

    private let topic: String
    private let lanes: Int32
    private let configuration: KafkaConfiguration
    private let state = Mutex(State())

    init(topic: String, lanes: Int, brokers: String) {
        self.topic = topic
        self.lanes = Int32(lanes)
        configuration = KafkaConfiguration(
            bootstrapServers: brokers, clientID: "outsider",
            properties: ["group.id": "outsider", "reconnect.backoff.max.ms": "200"])
    }

    /// Records accepted so far.
    var total: Int { state.withLock { $0.total } }
    /// Records seen, accepted or not.
    var read: Int { state.withLock { $0.read } }
    var alarms: [String] { state.withLock { $0.alarms } }

    /// Takes what was accepted since the last call, in the order of each lane.
    func take() -> [Accepted] {
        state.withLock { state in
            defer { state.accepted = [] }
            return state.accepted
        }
    }

    func close() { state.withLock { $0.isClosed = true } }

    /// Follows the topic until closed.
    func run() async {
        do { try await follow() } catch {
            state.withLock { $0.alarms.append("the consumer ended: \(error)") }
        }
    }

    private func follow() async throws {
        var recipes = Array(repeating: ConsumerRecipe(), count: Int(lanes))
        var next = Array(repeating: KafkaStart.Offset.beginning, count: Int(lanes))
        while !state.withLock({ $0.isClosed }) {
            // Anew for every seek: librdkafka 2.0 may abort when partitions are assigned again while they are being stopped.
            let consumer = try KafkaConsumer(configuration)
            try consumer.assign(
                next.enumerated().map { KafkaStart(topic: topic, partition: Int32($0), offset: $1) })
            try await read(consumer, &recipes, &next)
            try await consumer.close()
        }
    }

    /// Reads until some lane has to go on from its oldest record.
    private func read(
        _ consumer: KafkaConsumer, _ recipes: inout [ConsumerRecipe], _ next: inout [KafkaStart.Offset]
    ) async throws {
        var seeks = false
        while !seeks, !state.withLock({ $0.isClosed }) {
            for element in try await consumer.next(timeout: .milliseconds(100)) {
                switch element {
                case .message(let message):
                    let lane = Int(message.partition)
                    next[lane] = .at(message.offset + 1)
                    judge(message, &recipes[lane])
                case .endOfPartition(let end):
                    let lane = Int(end.partition.partition)
                    guard recipes[lane].reachedEnd() else { continue }
                    next[lane] = .beginning
                    seeks = true
                case .failure(let failure):
                    guard failure.isOffsetOutOfRange, let lane = failure.partition?.partition else { continue }
                    next[Int(lane)] = .beginning
                    seeks = true
                case .rebalance: break
                }
            }
        }
    }

    private func judge(_ message: KafkaMessage, _ recipe: inout ConsumerRecipe) {
        let headers = message.headers
        let (before, position) = (recipe.last, headers.text("ls_position"))
        let verdict = recipe.receive(offset: message.offset, previous: headers.text("ls_previous"), position: position)
        state.withLock { state in
            state.read += 1
            switch verdict {
            case .ignore: break
            case .alarm:
                state.alarms.append(
                    "\(message.topicPartition)@\(message.offset): position \(position ?? "-") behind \(before ?? -1)")
            case .handle:
                state.total += 1
                state.accepted.append(Self.accepted(message, at: recipe.last ?? 0))
            }
        }
    }

    private static func accepted(_ message: KafkaMessage, at position: Int64) -> Accepted {
        let headers = message.headers
        let fingerprint = EventFingerprint(
            id: headers.text("ce_id").flatMap { UUID(uuidString: $0) }, stream: headers.text("ce_subject"),
            version: headers.text("ls_version").flatMap { Int64($0) }, type: headers.text("ce_type"),
            data: message.value ?? [])
        return Accepted(
            lane: message.partition, position: position, fingerprint: fingerprint,
            key: String(decoding: message.key ?? [], as: UTF8.self))
    }
}

/// By what two copies of one event are compared.
struct EventFingerprint: Hashable, Sendable {
    let id: UUID?
    let stream: String?
    let version: Int64?
    let type: String?
    /// Instead of the bytes, which would fill the memory in a long run.
    let dataHash: Int

    init(id: UUID?, stream: String?, version: Int64?, type: String?, data: [UInt8]) {
        self.id = id
        self.stream = stream
        self.version = version
        self.type = type
        dataHash = data.hashValue
    }
}
