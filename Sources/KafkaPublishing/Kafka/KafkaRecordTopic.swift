import EventModel
import EventSourcing
import FoundationEssentials
import KafkaDriver

/// The topic of a log on a Kafka cluster.
public struct KafkaRecordTopic: RecordTopic {
    /// The topic's name unless configured otherwise.
    public static let defaultName = "lockstep.events"

    /// The topic's name.
    public let name: String
    /// Idempotent producers without transactions leave no gaps.
    public let expectsGaps = false
    let configuration: KafkaConfiguration
    private let format: RecordFormat
    private let settings: TopicSettings
    let timing: TopicTiming
    private let slot = KafkaLink.Slot()

    /// A topic of the cluster that `configuration` reaches.
    public init(
        _ name: String = KafkaRecordTopic.defaultName, configuration: KafkaConfiguration,
        format: RecordFormat = RecordFormat(), settings: TopicSettings = TopicSettings(),
        timing: TopicTiming = TopicTiming()
    ) {
        self.name = name
        self.configuration = configuration
        self.format = format
        self.settings = settings
        self.timing = timing
    }

    /// Creates the topic if it is absent; checks its partitions, and its settings where the broker tells them; makes the producer of the
    /// next session and reaches the cluster with it.
    public func prepare(lanes: Int) async throws(TopicError) {
        do {
            let admin = try KafkaAdmin(configuration, timeout: timing.answer)
            if try await admin.metadata(of: name) == nil { try await create(with: admin, lanes: lanes) }
            guard let found = try await admin.metadata(of: name) else {
                throw TopicError.unavailable(reason: "topic \(name) is being created")
            }
            guard found.partitions.count == lanes else {
                throw TopicError.partitionCount(topic: name, found: found.partitions.count, expected: lanes)
            }
            guard found.hasAllLeaders else {
                throw TopicError.unavailable(reason: "a partition of topic \(name) has no leader")
            }
            try await checkSettings(with: admin)
            slot.put(try await link())
        } catch {
            throw TopicError(error)
        }
    }

    /// Reads every partition to its end mark, with a consumer of its own.
    public func ends(from checkpoint: PublishingCheckpoint?, lanes: Int) async throws(TopicError) -> TopicEnds {
        do {
            let consumer = try KafkaConsumer(configuration)
            var survey = EndSurvey(topic: name, checkpoint: checkpoint, lanes: lanes, silence: timing.silence)
            do {
                let ends = try await survey.run(with: consumer)
                try? await consumer.close()
                return ends
            } catch {
                try? await consumer.close()
                throw error
            }
        } catch {
            throw TopicError(error)
        }
    }

    /// A session over the idempotent producer that ``prepare(lanes:)`` has made.
    public func open(incarnation: UUID) async throws(TopicError) -> KafkaRecordSession {
        do {
            let prepared = slot.take()
            let link = if let prepared { prepared } else { try await link() }
            return KafkaRecordSession(link, encoder: RecordEncoder(format: format, incarnation: incarnation))
        } catch {
            throw TopicError(error)
        }
    }

    private func link() async throws(KafkaError) -> KafkaLink {
        try await KafkaLink.reached(name, configuration, within: timing.answer)
    }

    private func create(with admin: KafkaAdmin, lanes: Int) async throws {
        guard settings.createsTopic else {
            throw TopicError.notCreated(topic: name, reason: "creating it is switched off")
        }
        do {
            _ = try await admin.createTopic(
                name, partitions: lanes, replicationFactor: settings.replicationFactor,
                config: [
                    "retention.ms": "-1", "cleanup.policy": "delete",
                    "max.message.bytes": String(TopicSettings.maxMessageBytes),
                ])
        } catch  where !error.isRetriable {
            throw TopicError.notCreated(topic: name, reason: error.message)
        }
    }

    /// Looks at what the broker tells; what it does not tell cannot be checked.
    private func checkSettings(with admin: KafkaAdmin) async throws {
        let found: [String: KafkaTopicSetting]
        do {
            found = try await admin.describeConfigs(ofTopic: name)
        } catch  where !error.isRetriable {
            return
        }
        if let text = found["max.message.bytes"]?.value, let bytes = Int(text), bytes < TopicSettings.leastMessageBytes
        {
            throw TopicError.unsuitable(
                topic: name, setting: "max.message.bytes", found: text, needed: String(TopicSettings.maxMessageBytes))
        }
        if let policy = found["cleanup.policy"]?.value, policy.contains("compact") {
            throw TopicError.unsuitable(topic: name, setting: "cleanup.policy", found: policy, needed: "delete")
        }
    }
}

/// How the topic is made, and what it must be able to hold.
public struct TopicSettings: Sendable, Hashable {
    /// `max.message.bytes` of a topic that we create.
    public static let maxMessageBytes = 2 * 1_048_576
    /// Bytes that headers, key and framing may add to an event's own bytes.
    public static let recordOverheadBytes = 16 * 1_024
    /// The least `max.message.bytes` that holds every legal event.
    public static let leastMessageBytes = AppendLimits.eventBytes + recordOverheadBytes

    /// Whether an absent topic is created.
    public var createsTopic: Bool
    /// Copies of each partition; −1 is the cluster's default.
    public var replicationFactor: Int

    /// Settings; by default an absent topic is created with the cluster's replication factor.
    public init(createsTopic: Bool = true, replicationFactor: Int = -1) {
        self.createsTopic = createsTopic
        self.replicationFactor = replicationFactor
    }
}

/// How long the broker is waited for. Nothing here limits how long a record may take to be acknowledged.
public struct TopicTiming: Sendable, Hashable {
    /// The longest wait for an answer about the topic.
    public var answer: Duration
    /// The longest silence while the ends of the partitions are read.
    public var silence: Duration

    /// Timing; 10 s for an answer, 10 s of silence.
    public init(answer: Duration = .seconds(10), silence: Duration = .seconds(10)) {
        self.answer = answer
        self.silence = silence
    }
}

extension TopicError {
    /// Our own errors pass; the driver's are sorted by whether waiting helps.
    init(_ error: any Error) {
        switch error {
        case let error as TopicError: self = error
        case let error as KafkaError where error.isRetriable || error.code == .cancelled || error.code == .closed:
            self = .unavailable(reason: error.description)
        case let error as KafkaError where error.isFatal: self = .unavailable(reason: error.description)
        case let error as KafkaError: self = .refused(reason: error.description)
        default: self = .unavailable(reason: "\(error)")
        }
    }
}
