import EventModel

/// A topic that anybody may write to, and the one where refused messages are told.
public protocol InboundTopic: Sendable {
    /// One reading of the topic.
    associatedtype Session: InboundSession

    /// Creates both topics if they are absent, and reaches the cluster.
    ///
    /// - Returns: the topic's names, under which bookmarks are kept.
    func prepare() async throws(InboundTopicError) -> InboundTopicName

    /// The partitions that the topic has now, in order.
    func partitions() async throws(InboundTopicError) -> [Int32]

    /// Where partitions begin and end now.
    func ends(of partitions: [Int32]) async throws(InboundTopicError) -> [Int32: InboundEnds]

    /// Begins to read some partitions behind their bookmarks; those without one are read from their oldest message.
    func open(
        _ name: InboundTopicName, partitions: [Int32], at bookmarks: [Int32: InboundBookmark]
    ) async throws(InboundTopicError) -> Session
}

/// Reads partitions for as long as nothing goes wrong.
public protocol InboundSession: Sendable {
    /// What a pull brings.
    associatedtype Delivery: InboundDelivery

    /// What has come since, at most ``InboundLimits/messages`` messages; an empty delivery when nothing came for a while.
    func next() async throws(InboundTopicError) -> Delivery

    /// Tells of refused messages, to whoever reads the topic of refused ones. Returns when the broker has them.
    func tell(_ rejected: [RejectedMessage]) async throws(InboundTopicError)

    /// Stops reading.
    func close() async
}

/// Messages of a topic, in the order of each partition.
public protocol InboundDelivery: Sendable {
    /// The messages.
    var messages: [InboundMessage] { get }
    /// Where the bookmarks are once these messages have been taken in.
    var bookmarks: [Int32: InboundBookmark] { get }
    /// What was noticed on the way, for people.
    var notices: [InboundNotice] { get }
    /// Where a message lies, by its index.
    func place(of index: Int) -> InboundPlace
    /// A message as it came, by its index.
    func record(at index: Int) -> InboundRecord
}

/// Why a topic cannot be read or written.
public enum InboundTopicError: Error, Sendable, Hashable {
    /// For the moment; it is tried again.
    case unavailable(reason: String)
    /// Somebody has to look.
    case refused(reason: String)

    /// Whether waiting helps.
    public var isTransient: Bool {
        switch self {
        case .unavailable: true
        case .refused: false
        }
    }
}

extension InboundTopicError: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .unavailable(let reason): "the broker is not available (\(reason)); trying again"
        case .refused(let reason): "the topic cannot be used: \(reason)"
        }
    }
}

/// What is noticed about a partition, and said aloud.
public enum InboundNotice: Sendable, Hashable {
    /// It is read for the first time.
    case firstReading(partition: Int32)
    /// Messages that had not been read are gone: retention has removed them.
    case missed(partition: Int32, from: Int64, to: Int64)
    /// It ends before the bookmark, or holds another message there: the topic was made anew, or cut. It is read from its beginning; what is
    /// known already is recognised.
    case anotherTopic(partition: Int32, bookmark: Int64)
}

extension InboundNotice: CustomStringConvertible {
    /// One sentence; never payload.
    public var description: String {
        switch self {
        case .firstReading(let partition): "partition \(partition) is read for the first time"
        case .missed(let partition, let from, let to):
            "messages \(from) to \(to - 1) of partition \(partition) were removed by retention before they were read"
        case .anotherTopic(let partition, let bookmark):
            "partition \(partition) does not hold what had been read before offset \(bookmark): the topic was made anew or cut, and is "
                + "read from its beginning"
        }
    }
}
