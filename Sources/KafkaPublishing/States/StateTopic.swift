import EventModel
import EventSourcing
import FoundationEssentials

/// The compacted topic of states, as its publisher sees it. Kafka implements it, and so does a model of a broker.
public protocol StateTopic: Sendable {
    /// A connection for publishing.
    associatedtype Session: StateSession

    /// The topic's name.
    var name: String { get }

    /// Creates the topic if it is absent, and refuses one that is not compacted.
    ///
    /// From here on a lost connection disturbs the next session; see ``RecordTopic/prepare(lanes:)``.
    func prepare(lanes: Int) async throws(TopicError)

    /// Reads every partition from the checkpointed record to its end; see ``StateScan``.
    ///
    /// - Parameter fold: the version of the fold whose states are looked for.
    func survey(
        from checkpoint: PublishingCheckpoint?, fold: Int, lanes: Int
    ) async throws(TopicError) -> [StateFindings]

    /// Opens a session.
    ///
    /// - Parameters:
    ///   - writer: the fencing token that its records carry. A record of another writer from here on disturbs the session.
    ///   - ends: the offset of the next record of each partition, as the survey found it.
    func open(writer: Int64, behind ends: [Int64]) async throws(TopicError) -> Session
}

/// One producer's life. It ends at the first thing that goes wrong: nothing is repaired inside a session.
public protocol StateSession: Sendable {
    /// Hands records over; they reach each partition in their order. Calls do not overlap.
    func submit(_ records: [StateRecord]) async throws(TopicError) -> any RecordDelivery

    /// Returns when the connection to a broker was lost, when somebody else has written to the topic, or when the session failed for
    /// another reason; also when the task is cancelled.
    func untilDisturbed() async -> Disturbance

    /// Gives up: drops what has not been sent. What is under way may still arrive.
    func abandon() async
}
