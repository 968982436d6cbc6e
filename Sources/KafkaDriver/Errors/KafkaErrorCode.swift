internal import CRDKafka

/// What went wrong, as the protocol (zero and above) or librdkafka (below zero) numbers it.
///
/// The set is open: a broker may answer with a number that has no constant here.
public struct KafkaErrorCode: RawRepresentable, Hashable, Sendable {
    /// The number: Kafka's own when not negative, librdkafka's local error when negative.
    public let rawValue: Int32

    /// Any number, known or not.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    init(_ code: rd_kafka_resp_err_t) { rawValue = code.rawValue }

    var native: rd_kafka_resp_err_t { rd_kafka_resp_err_t(rawValue: rawValue) }

    /// The constant's name without its prefix, for example `_TRANSPORT` or `NOT_LEADER_FOR_PARTITION`.
    public var name: String {
        guard let text = rd_kafka_err2name(native) else { return "\(rawValue)" }
        return String(cString: text)
    }
}

// MARK: Errors that arise in this process

extension KafkaErrorCode {
    /// No error.
    public static let none = Self(RD_KAFKA_RESP_ERR_NO_ERROR)
    /// The client is closed, or closing.
    public static let closed = Self(RD_KAFKA_RESP_ERR__DESTROY)
    /// A general failure inside librdkafka.
    public static let failed = Self(RD_KAFKA_RESP_ERR__FAIL)
    /// The connection to a broker broke, or could not be made.
    public static let transport = Self(RD_KAFKA_RESP_ERR__TRANSPORT)
    /// A host name could not be resolved.
    public static let unresolvedHost = Self(RD_KAFKA_RESP_ERR__RESOLVE)
    /// The message was not acknowledged within `message.timeout.ms`.
    public static let messageTimedOut = Self(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
    /// The topic has no such partition.
    public static let unknownPartition = Self(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
    /// The cluster has no such topic.
    public static let unknownTopic = Self(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
    /// No broker can be reached.
    public static let allBrokersDown = Self(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    /// An argument or a configuration property was refused.
    public static let invalidArgument = Self(RD_KAFKA_RESP_ERR__INVALID_ARG)
    /// The operation did not end in the time allowed.
    public static let timedOut = Self(RD_KAFKA_RESP_ERR__TIMED_OUT)
    /// The local queue of messages is full.
    public static let queueFull = Self(RD_KAFKA_RESP_ERR__QUEUE_FULL)
    /// TLS failed.
    public static let tls = Self(RD_KAFKA_RESP_ERR__SSL)
    /// The broker refused the credentials.
    public static let authentication = Self(RD_KAFKA_RESP_ERR__AUTHENTICATION)
    /// The operation does not fit the client's present state.
    public static let wrongState = Self(RD_KAFKA_RESP_ERR__STATE)
    /// There is no stored offset.
    public static let noOffset = Self(RD_KAFKA_RESP_ERR__NO_OFFSET)
    /// The waiting task was cancelled.
    public static let cancelled = Self(RD_KAFKA_RESP_ERR__INTR)
    /// The message was dropped from the local queue before it was sent.
    public static let purgedFromQueue = Self(RD_KAFKA_RESP_ERR__PURGE_QUEUE)
    /// The message was dropped while a request was under way: the broker may have stored it.
    public static let purgedInFlight = Self(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    /// The client is unusable from now on.
    public static let fatal = Self(RD_KAFKA_RESP_ERR__FATAL)
    /// Another producer with the same transactional id has taken over.
    public static let fenced = Self(RD_KAFKA_RESP_ERR__FENCED)
    /// An idempotent producer cannot prove that no message is missing.
    public static let gaplessGuaranteeLost = Self(RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE)
    /// The consumer did not ask for messages within `max.poll.interval.ms` and left its group.
    public static let pollIntervalExceeded = Self(RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
    /// The offset to start from is missing or out of range, and `auto.offset.reset` is `error`.
    public static let offsetReset = Self(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
    /// The partition's present end was reached.
    static let endOfPartition = Self(RD_KAFKA_RESP_ERR__PARTITION_EOF)
}

// MARK: Errors that a broker answers with

extension KafkaErrorCode {
    /// The offset asked for is outside the partition.
    public static let offsetOutOfRange = Self(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
    /// The broker does not know the topic or the partition.
    public static let unknownTopicOrPartition = Self(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    /// An election is under way.
    public static let leaderNotAvailable = Self(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
    /// The broker asked is not the leader of the partition.
    public static let notLeader = Self(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)
    /// The broker gave up waiting.
    public static let requestTimedOut = Self(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT)
    /// The message is larger than the client or the topic allows.
    public static let messageTooLarge = Self(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    /// Too few replicas are in sync.
    public static let notEnoughReplicas = Self(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS)
    /// Too few replicas confirmed; the message may still become visible.
    public static let notEnoughReplicasAfterAppend = Self(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND)
    /// The group has moved on to another generation.
    public static let illegalGeneration = Self(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
    /// The group does not know this member any more.
    public static let unknownMember = Self(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)
    /// The group is sharing out partitions anew.
    public static let rebalanceInProgress = Self(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
    /// The principal may not use the topic.
    public static let topicAuthorizationFailed = Self(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    /// The broker does not speak the version of the request.
    public static let unsupportedVersion = Self(RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION)
    /// The topic exists already.
    public static let topicAlreadyExists = Self(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    /// The number of partitions was refused.
    public static let invalidPartitions = Self(RD_KAFKA_RESP_ERR_INVALID_PARTITIONS)
    /// The replication factor was refused.
    public static let invalidReplicationFactor = Self(RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR)
    /// A topic setting was refused.
    public static let invalidConfiguration = Self(RD_KAFKA_RESP_ERR_INVALID_CONFIG)
    /// The broker saw a gap in an idempotent producer's sequence.
    public static let outOfOrderSequence = Self(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER)
    /// The producer's epoch is not the current one.
    public static let invalidProducerEpoch = Self(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
    /// Another producer with the same transactional id has taken over.
    public static let producerFenced = Self(RD_KAFKA_RESP_ERR_PRODUCER_FENCED)
    /// Nothing was tried, because something before it was refused.
    public static let notAttempted = Self(RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED)
}

// MARK: Retrying

extension KafkaErrorCode {
    /// Whether the same request may succeed later without anyone changing anything.
    ///
    /// For errors that arrive as a bare number; where librdkafka says it itself, its word counts.
    public var isRetriable: Bool { Self.retriable.contains(self) }

    private static let retriable: Set<Self> = {
        let local: [rd_kafka_resp_err_t] = [
            RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
            RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__QUEUE_FULL,
            RD_KAFKA_RESP_ERR__ISR_INSUFF, RD_KAFKA_RESP_ERR__NODE_UPDATE, RD_KAFKA_RESP_ERR__WAIT_COORD,
            RD_KAFKA_RESP_ERR__IN_PROGRESS, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__WAIT_CACHE,
            RD_KAFKA_RESP_ERR__RETRY,
        ]
        let remote: [rd_kafka_resp_err_t] = [
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
            RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            RD_KAFKA_RESP_ERR_NOT_CONTROLLER, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
            RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND,
            RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
            RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_ELIGIBLE_LEADERS_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
        ]
        return Set((local + remote).map { Self($0) })
    }()
}
