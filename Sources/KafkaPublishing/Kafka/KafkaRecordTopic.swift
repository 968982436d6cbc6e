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
            try await existing.prepare(lanes: lanes)
            slot.put(try await link())
        } catch {
            throw TopicError(error)
        }
    }

    /// Reads every partition to its end mark, with a consumer of its own.
    public func ends(from checkpoint: PublishingCheckpoint?, lanes: Int) async throws(TopicError) -> TopicEnds {
        let scans = (0..<lanes).map { PartitionScan(checkpoint: checkpoint?.ends[Lane(Int32($0))]) }
        var survey = PartitionSurvey(topic: name, scans: scans, silence: timing.silence)
        do { return TopicEnds(partitions: try await survey.run(configuration)) } catch { throw TopicError(error) }
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

    private var existing: TopicPreparation {
        TopicPreparation(
            name: name, configuration: configuration, settings: settings, timing: timing,
            creation: ["retention.ms": "-1", "cleanup.policy": "delete"]
        ) { found throws(TopicError) in
            if let policy = found["cleanup.policy"], policy.contains("compact") {
                throw .unsuitable(topic: name, setting: "cleanup.policy", found: policy, needed: "delete")
            }
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
