import DequeModule
import EventModel
import FoundationEssentials

/// Decides which waiting appends go into the next commit. A value without I/O: every interleaving is a plain unit test.
///
/// A commit takes requests in the order of their arrival, with three reasons to leave one for the next commit: its stream is in
/// this commit already (each request is judged against committed versions), one of its event ids is (a retry must find its
/// original in the log), or the commit is full. A request that is left out holds its streams back for later arrivals too, so that
/// requests for one stream are never reordered.
struct GroupCommitMachine<Ticket: Hashable & Sendable>: Sendable {
    struct Waiting: Sendable {
        let ticket: Ticket
        let append: CheckedAppend
    }

    let limits: GroupCommitLimits
    private var queue = Deque<Waiting>()
    private var writerIsIdle = false
    private var isClosed = false
    /// Bytes of the requests in the queue.
    private(set) var waitingBytes = 0

    init(limits: GroupCommitLimits) {
        self.limits = limits
    }

    var waitingCount: Int { queue.count }

    enum Submission: Equatable, Sendable {
        /// Queued; the writer sleeps and must be woken.
        case wakeWriter
        /// Queued; the writer is busy and will come.
        case queued
        case overloaded(waiting: Int, limit: Int)
        case closed
    }

    mutating func submit(_ append: CheckedAppend, as ticket: Ticket) -> Submission {
        guard !isClosed else { return .closed }
        guard queue.count < limits.waitingAppends else {
            return .overloaded(waiting: queue.count, limit: limits.waitingAppends)
        }
        // A lone request is always let in, or a legal append could never be made.
        guard queue.isEmpty || waitingBytes + append.byteCount <= limits.waitingBytes else {
            return .overloaded(waiting: queue.count, limit: limits.waitingAppends)
        }
        queue.append(Waiting(ticket: ticket, append: append))
        waitingBytes += append.byteCount
        guard writerIsIdle else { return .queued }
        writerIsIdle = false
        return .wakeWriter
    }

    enum Work: Sendable {
        case commit([Waiting])
        /// Nothing to do: the writer sleeps until it is woken.
        case sleep
        /// Closed and drained.
        case finish
    }

    /// What the writer, which has just finished something, does next.
    mutating func next() -> Work {
        if queue.isEmpty {
            guard !isClosed else { return .finish }
            writerIsIdle = true
            return .sleep
        }
        return .commit(takeBatch())
    }

    /// Whether the writer, which was told to sleep, has been called again since.
    var hasWorkForWriter: Bool { !writerIsIdle }

    /// Takes a request out that nobody waits for any more; `false` when it is being committed or was answered.
    mutating func cancel(_ ticket: Ticket) -> Bool {
        guard let index = queue.firstIndex(where: { $0.ticket == ticket }) else { return false }
        waitingBytes -= queue[index].append.byteCount
        queue.remove(at: index)
        return true
    }

    /// No more requests; those in the queue are still committed. Returns whether the writer must be woken.
    mutating func close() -> Bool {
        isClosed = true
        defer { writerIsIdle = false }
        return writerIsIdle
    }

    private mutating func takeBatch() -> [Waiting] {
        if queue.count == 1, let only = queue.popFirst() {
            waitingBytes -= only.append.byteCount
            return [only]
        }
        var batch = Batch(limits: limits)
        var left = Deque<Waiting>()
        while !batch.isFull, let waiting = queue.popFirst() {
            if batch.take(waiting) { waitingBytes -= waiting.append.byteCount } else { left.append(waiting) }
        }
        // What was looked at and left stays in front of what was not looked at.
        for waiting in left.reversed() { queue.prepend(waiting) }
        return batch.requests
    }

    /// A commit in the making.
    private struct Batch {
        let limits: GroupCommitLimits
        private(set) var requests: [Waiting] = []
        private var events = 0
        private var bytes = 0
        private var deferred = 0
        private var streams = Set<StreamIdentity>()
        private var ids = Set<UUID>()

        struct StreamIdentity: Hashable {
            let workspace: Workspace
            let stream: StreamName
        }

        init(limits: GroupCommitLimits) {
            self.limits = limits
        }

        /// Looking further costs more than the next commit: a hot stream must not make every commit scan the whole queue.
        var isFull: Bool {
            events >= limits.commitEvents || bytes >= limits.commitBytes || deferred >= limits.deferredAppends
        }

        mutating func take(_ waiting: Waiting) -> Bool {
            let append = waiting.append
            let fits =
                requests.isEmpty
                || (events + append.eventCount <= limits.commitEvents && bytes + append.byteCount <= limits.commitBytes)
            var isDisjoint = true
            for part in append.request.streams {
                let identity = StreamIdentity(workspace: append.request.workspace, stream: part.stream)
                if !streams.insert(identity).inserted { isDisjoint = false }
            }
            // A stream that is only checked must not be written by a neighbour either.
            for check in append.request.checks {
                let identity = StreamIdentity(workspace: append.request.workspace, stream: check.stream)
                if !streams.insert(identity).inserted { isDisjoint = false }
            }
            if isDisjoint, fits {
                isDisjoint = append.request.streams.allSatisfy { $0.events.allSatisfy { !ids.contains($0.id) } }
            }
            guard isDisjoint, fits else {
                deferred += 1
                return false
            }
            for part in append.request.streams {
                for event in part.events { ids.insert(event.id) }
            }
            events += append.eventCount
            bytes += append.byteCount
            requests.append(waiting)
            return true
        }
    }
}

/// Limits of the queue in front of the log, and of one commit.
public struct GroupCommitLimits: Sendable, Hashable {
    /// Appends that may wait; one more is answered ``StoreError/overloaded(waiting:limit:)``.
    public var waitingAppends: Int
    /// Bytes that may wait.
    public var waitingBytes: Int
    /// Events of one commit.
    public var commitEvents: Int
    /// Bytes of one commit; a single larger append is committed alone.
    public var commitBytes: Int
    /// How many requests a commit may pass over before it stops looking.
    public var deferredAppends: Int

    /// Limits; 4 096 appends or 64 MiB may wait, a commit takes up to 2 000 events or 8 MiB.
    public init(
        waitingAppends: Int = 4_096, waitingBytes: Int = 64 * 1_048_576, commitEvents: Int = 2_000,
        commitBytes: Int = AppendLimits.appendBytes, deferredAppends: Int = 512
    ) {
        self.waitingAppends = waitingAppends
        self.waitingBytes = waitingBytes
        self.commitEvents = commitEvents
        self.commitBytes = commitBytes
        self.deferredAppends = deferredAppends
    }
}
