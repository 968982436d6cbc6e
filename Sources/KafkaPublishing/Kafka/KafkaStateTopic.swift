import EventModel
import EventSourcing
import KafkaDriver

/// The compacted topic of states on a Kafka cluster.
public struct KafkaStateTopic: StateTopic {
    /// The topic's name unless configured otherwise.
    public static let defaultName = "lockstep.state"
    /// For how long at least nothing is compacted away, in milliseconds: 10 minutes. A late record of an earlier leader is answered with the newest
    /// state long before it can hide it.
    public static let compactionLag = 600_000

    /// The topic's name.
    public let name: String
    private let configuration: KafkaConfiguration
    private let settings: TopicSettings
    private let timing: TopicTiming
    private let slot = KafkaLink.Slot()

    /// A topic of the cluster that `configuration` reaches.
    public init(
        _ name: String = KafkaStateTopic.defaultName, configuration: KafkaConfiguration,
        settings: TopicSettings = TopicSettings(), timing: TopicTiming = TopicTiming()
    ) {
        self.name = name
        self.configuration = configuration
        self.settings = settings
        self.timing = timing
    }

    /// Creates the topic if it is absent; checks its partitions, and where the broker tells them its settings; makes the producer of the next
    /// session and reaches the cluster with it.
    public func prepare(lanes: Int) async throws(TopicError) {
        do {
            try await preparation.prepare(lanes: lanes)
            slot.put(try await link())
        } catch {
            throw TopicError(error)
        }
    }

    private var preparation: TopicPreparation {
        TopicPreparation(
            name: name, configuration: configuration, settings: settings, timing: timing,
            creation: ["cleanup.policy": "compact", "min.compaction.lag.ms": String(Self.compactionLag)]
        ) { [name] found throws(TopicError) in
            if let policy = found["cleanup.policy"], policy != "compact" {
                throw .unsuitable(topic: name, setting: "cleanup.policy", found: policy, needed: "compact")
            }
        }
    }

    /// Reads every partition to its end mark, with a consumer of its own.
    public func survey(
        from checkpoint: PublishingCheckpoint?, fold: Int, lanes: Int
    ) async throws(TopicError) -> [StateFindings] {
        let scans = (0..<lanes).map { StateScan(checkpoint: checkpoint?.ends[Lane(Int32($0))], fold: fold) }
        var survey = PartitionSurvey(topic: name, scans: scans, silence: timing.silence)
        do { return try await survey.run(configuration) } catch { throw TopicError(error) }
    }

    /// A session over the idempotent producer that ``prepare(lanes:)`` has made, and a consumer that looks for records of other writers.
    public func open(writer: Int64, behind ends: [Int64]) async throws(TopicError) -> KafkaStateSession {
        do {
            let prepared = slot.take()
            let link = if let prepared { prepared } else { try await link() }
            let watch = try WriterWatch(topic: name, writer: writer, behind: ends, configuration)
            return KafkaStateSession(link, watch)
        } catch {
            throw TopicError(error)
        }
    }

    private func link() async throws(KafkaError) -> KafkaLink {
        try await KafkaLink.reached(name, configuration, within: timing.answer)
    }
}
