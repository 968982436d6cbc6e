import EventModel
import EventSourcing

/// How a consumer is doing, judged from the log and its checkpoint and never from what it says about itself (L8).
public struct ConsumerStatus: Sendable, Equatable {
    /// Its name: of a projection, of a topic.
    public var consumer: String
    /// What it is: `projector`, `publisher`, …, as `consumer_progress` says.
    public var kind: String
    /// The version of its fold.
    public var version: Int
    /// The lane; -1: all of them.
    public var lane: Int
    /// How many lanes of its generation have a checkpoint of their own; 0: there is one checkpoint.
    public var lanes: Int
    /// Which of them is furthest behind, when this is the summary of all.
    public var slowestLane: Int?
    /// The generation's number, of a projection.
    public var generation: Int
    /// What it said last; `absent` for a projection that has never run.
    public var state: String
    /// The last position that it has handled.
    public var position: Int64
    /// The end of what it reads.
    public var head: Int64
    /// Events between the two.
    public var lagEvents: Int64
    /// Age of the oldest event that it has not handled.
    public var lagSeconds: Double
    /// Keys that it has set aside; of ingest, messages that were refused.
    public var parkedKeys: Int64
    /// Events that it has handled, ever.
    public var eventsHandled: Int64
    /// Its last sign of life.
    public var updatedAt: Timestamp?
    /// Seconds since its last sign of life.
    public var silentSeconds: Double
    /// Why it stands still, in its own words.
    public var lastError: String?
    /// Whether the log holds, at its position, the event that it has seen there (L10).
    public var isOnThisHistory: Bool

    /// A status by its parts.
    public init(
        consumer: String, kind: String, version: Int, lane: Int, lanes: Int = 0, slowestLane: Int? = nil,
        generation: Int = 0, state: String, position: Int64, head: Int64, lagEvents: Int64, lagSeconds: Double,
        parkedKeys: Int64, eventsHandled: Int64, updatedAt: Timestamp?, silentSeconds: Double, lastError: String?,
        isOnThisHistory: Bool = true
    ) {
        self.consumer = consumer
        self.kind = kind
        self.version = version
        self.lane = lane
        self.lanes = lanes
        self.slowestLane = slowestLane
        self.generation = generation
        self.state = state
        self.position = position
        self.head = head
        self.lagEvents = lagEvents
        self.lagSeconds = lagSeconds
        self.parkedKeys = parkedKeys
        self.eventsHandled = eventsHandled
        self.updatedAt = updatedAt
        self.silentSeconds = silentSeconds
        self.lastError = lastError
        self.isOnThisHistory = isOnThisHistory
    }
}

/// A judgement from outside.
public enum Health: String, Sendable {
    /// At the end of the log, or so near that it does not matter.
    case ok
    /// Work exists and is being done.
    case behind
    /// Work exists, and for too long nothing of it has been done.
    case stalled
    /// It stands still at a fault that somebody has to look at.
    case stopped

    /// Whether nobody has to do anything.
    public var isYes: Bool { self == .ok || self == .behind }
}

extension ConsumerStatus {
    /// Whether some keys of a projection are set aside while everything else flows.
    public var isDegraded: Bool { kind == ConsumerProgress.Key.projectorKind && parkedKeys > 0 }

    /// Whether it has seen events that this log does not hold.
    public var isOnAnotherHistory: Bool { !isOnThisHistory || position > head }

    /// Lag that is a matter of course, in seconds.
    private static let ordinaryLag = 5.0

    /// - Parameter patience: seconds without progress, while work exists, after which it counts as stalled.
    public func health(patience: Double) -> Health {
        // Whatever it says about itself.
        if isOnAnotherHistory { return .stopped }
        // Nobody has looked for so long how much there is to do that nothing can be said for it.
        if state == "unwatched" { return .stalled }
        // One that was told to end has stopped as well, but without an error.
        if lastError != nil, state == "stopped" || state == "refused" { return .stopped }
        guard lagEvents > 0 else { return .ok }
        // Readers do not see it: a rebuild that was interrupted waits for the next run, and a previous generation may be left behind.
        if kind == "rebuild" || kind == "previous" { return .behind }
        // An idle consumer is silent for long; what counts is for how long there has been work as well.
        if min(lagSeconds, silentSeconds) > patience { return .stalled }
        return lagSeconds > Self.ordinaryLag ? .behind : .ok
    }
}
