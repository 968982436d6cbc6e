import EventModel
import EventSourcing
import FoundationEssentials
import KafkaDriver

/// The topic of a log on a Kafka cluster, as a source of its lanes.
public struct KafkaLaneTopic: LaneTopic {
    /// The topic's name.
    public let name: String
    private let configuration: KafkaConfiguration
    private let checkpoints: any PublishingCheckpointStore
    private let earlier: @Sendable () async throws(StoreError) -> [UUID: GlobalPosition]
    private let timing: TopicTiming
    private let time: any Timekeeper

    /// A topic of the cluster that `configuration` reaches.
    ///
    /// - Parameters:
    ///   - checkpoints: where the publisher of the topic keeps its checkpoint.
    ///   - earlier: the incarnations that the log continues, each with the last position that is theirs.
    public init(
        _ name: String = KafkaRecordTopic.defaultName, configuration: KafkaConfiguration,
        checkpoints: any PublishingCheckpointStore, timing: TopicTiming = TopicTiming(),
        time: any Timekeeper = SystemTimekeeper(),
        earlierIncarnations earlier: @escaping @Sendable () async throws(StoreError) -> [UUID: GlobalPosition]
    ) {
        self.name = name
        self.configuration = configuration
        self.checkpoints = checkpoints
        self.timing = timing
        self.time = time
        self.earlier = earlier
    }

    /// As the protocol says.
    public func join(_ group: String, lanes: Int) async throws(LaneTopicError) -> any LaneMembership {
        do {
            let admin = try KafkaAdmin(configuration, timeout: timing.answer)
            guard let found = try await admin.metadata(of: name), found.hasAllLeaders else {
                throw LaneTopicError.unavailable(reason: "topic \(name) does not exist yet; the publisher creates it")
            }
            guard found.partitions.count == lanes else {
                throw LaneTopicError.lanes(topic: name, found: found.partitions.count, needed: lanes)
            }
            return try KafkaLaneMembership(group, of: name, configuration, time: time)
        } catch {
            throw LaneTopicError(error)
        }
    }

    /// As the protocol says.
    public func open(_ starts: [Int: LaneStart]) async throws(LaneTopicError) -> any LaneReader {
        do { return try KafkaLaneReader(of: name, from: starts, configuration) } catch { throw LaneTopicError(error) }
    }

    /// As the protocol says.
    public func published() async throws(StoreError) -> PublishingCheckpoint? {
        try await checkpoints.publishingCheckpoint(of: .publisher(of: name), topic: name)
    }

    /// As the protocol says.
    public func earlierIncarnations() async throws(StoreError) -> [UUID: GlobalPosition] { try await earlier() }
}

extension LaneTopicError {
    /// Our own errors pass; the driver's are sorted by whether waiting helps.
    init(_ error: any Error) {
        switch error {
        case let error as LaneTopicError: self = error
        case let error as KafkaError
        where error.isRetriable || error.isFatal || error.isOfClient:
            self = .unavailable(reason: error.description)
        case let error as KafkaError: self = .refused(reason: error.description)
        default: self = .unavailable(reason: "\(error)")
        }
    }
}

extension KafkaError {
    /// Nobody refuses anything: the client is not where the call needs it to be, as when a partition is sought in that has lost its broker. A new
    /// client will be.
    fileprivate var isOfClient: Bool { code == .cancelled || code == .closed || code == .wrongState }
}

extension KafkaStart {
    /// A place in a lane of a topic.
    init(_ topic: String, _ lane: Int, _ start: LaneStart) {
        let offset: Offset =
            switch start {
            case .beginning: .beginning
            case .offset(let offset): .at(offset)
            }
        self.init(topic: topic, partition: Int32(lane), offset: offset)
    }
}
