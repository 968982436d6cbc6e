import EventModel
import EventSourcing
import FoundationEssentials
import KafkaDriver

/// The topic that anybody may write workflow and journey changes to, on a Kafka cluster, and the one where refused messages are told.
public struct KafkaInboundTopic: InboundTopic {
    /// The names of the topics.
    public struct Names: Sendable, Hashable {
        /// What anybody writes to.
        public var inbound: String
        /// Where refused messages are told.
        public var rejected: String

        /// `<prefix>.inbound` and `<prefix>.rejected`.
        public init(prefix: String = "lockstep") {
            inbound = "\(prefix).inbound"
            rejected = "\(prefix).rejected"
        }
    }

    /// Days that an inbound topic of ours keeps its messages; they are in the log by then.
    static let retentionDays = 30
    /// `max.message.bytes` of an inbound topic of ours. A refused message carries its reason as well.
    static let messageBytes = TopicSettings.maxMessageBytes
    /// Bytes that a reason adds to a message at most.
    static let reasonBytes = 65_536

    private let names: Names
    private let configuration: KafkaConfiguration
    private let partitions: Int
    private let settings: TopicSettings
    private let timing: TopicTiming
    private let time: any Timekeeper
    private let ids: IDSource

    /// The topics of the cluster that `configuration` reaches.
    ///
    /// - Parameter partitions: of a topic that is created; an existing one may have any number.
    public init(
        _ names: Names = Names(), configuration: KafkaConfiguration, partitions: Int = Lane.defaultCount,
        settings: TopicSettings = TopicSettings(), timing: TopicTiming = TopicTiming(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        self.names = names
        self.configuration = configuration
        self.partitions = partitions
        self.settings = settings
        self.timing = timing
        self.time = time
        ids = IDSource(time: time, random: random)
    }

    /// As the protocol says.
    public func prepare() async throws(InboundTopicError) -> InboundTopicName {
        do {
            let admin = try KafkaAdmin(configuration, timeout: timing.answer)
            let retention = String(Self.retentionDays * 86_400_000)
            try await create(names.inbound, with: admin, bytes: Self.messageBytes, retention: retention)
            try await create(names.rejected, with: admin, bytes: Self.messageBytes + Self.reasonBytes, retention: "-1")
            return InboundTopicName(cluster: try await admin.clusterID() ?? "", topic: names.inbound)
        } catch {
            throw InboundTopicError(error)
        }
    }

    /// As the protocol says.
    public func partitions() async throws(InboundTopicError) -> [Int32] {
        do {
            let admin = try KafkaAdmin(configuration, timeout: timing.answer)
            guard let found = try await admin.metadata(of: names.inbound), found.hasAllLeaders else {
                throw InboundTopicError.unavailable(reason: "topic \(names.inbound) is being created")
            }
            return found.partitions.map(\.number).sorted()
        } catch {
            throw InboundTopicError(error)
        }
    }

    /// As the protocol says.
    public func ends(of partitions: [Int32]) async throws(InboundTopicError) -> [Int32: InboundEnds] {
        do {
            let admin = try KafkaAdmin(configuration, timeout: timing.answer)
            var ends: [Int32: InboundEnds] = [:]
            for partition in partitions {
                let marks = try await admin.watermarks(of: KafkaTopicPartition(names.inbound, partition))
                ends[partition] = InboundEnds(first: max(0, marks.low), next: max(0, marks.high))
            }
            return ends
        } catch {
            throw InboundTopicError(error)
        }
    }

    /// As the protocol says.
    public func open(
        _ name: InboundTopicName, partitions: [Int32], at bookmarks: [Int32: InboundBookmark]
    ) async throws(InboundTopicError) -> KafkaInboundSession {
        do {
            let resumptions = partitions.map { partition in
                PartitionResumption(partition, from: bookmarks[partition], newGeneration: ids.next())
            }
            return try KafkaInboundSession(
                name, rejected: names.rejected, configuration: configuration, resumptions: resumptions, time: time)
        } catch {
            throw InboundTopicError(error)
        }
    }

    private func create(_ topic: String, with admin: KafkaAdmin, bytes: Int, retention: String) async throws {
        guard try await admin.metadata(of: topic) == nil else { return }
        guard settings.createsTopic else {
            throw InboundTopicError.refused(reason: "topic \(topic) does not exist, and creating it is switched off")
        }
        _ = try await admin.createTopic(
            topic, partitions: partitions, replicationFactor: settings.replicationFactor,
            config: ["retention.ms": retention, "cleanup.policy": "delete", "max.message.bytes": String(bytes)])
    }
}

extension InboundTopicError {
    /// Our own errors pass; the driver's are sorted by whether waiting helps.
    init(_ error: any Error) {
        switch error {
        case let error as InboundTopicError: self = error
        case let error as KafkaError
        where error.isRetriable || error.isFatal || error.code == .cancelled || error.code == .closed:
            self = .unavailable(reason: error.description)
        case let error as KafkaError: self = .refused(reason: error.description)
        default: self = .unavailable(reason: "\(error)")
        }
    }
}
