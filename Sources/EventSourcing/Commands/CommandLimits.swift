/// How much a ``CommandHandler`` tries, and how much it remembers.
public struct CommandLimits: Sendable, Hashable {
    /// Decisions of one command when others keep writing to its stream.
    public var decisions: Int
    /// Tries of one call of the store that fails for the moment.
    public var storeAttempts: Int
    /// Waits between the tries of a call of the store.
    public var storeBackoff: Backoff
    /// Waits between two decisions of a command that keeps losing races; the second decision comes at once.
    public var contentionBackoff: Backoff
    /// Streams whose state is remembered between batches.
    public var cachedStreams: Int
    /// Bytes of payloads that the remembered states were folded from, together.
    public var cachedBytes: Int
    /// Parts of a batch, each with streams of its own, that are decided at a time.
    public var concurrentBatches: Int
    /// Commands that are worth a part of their own.
    public var leastCommands: Int
    /// Streams that are read at a time.
    public var concurrentReads: Int
    /// Parts of a batch that are appended at a time when its streams are appended separately.
    public var concurrentAppends: Int
    /// Events of one append.
    public var appendEvents: Int
    /// Bytes of one append.
    public var appendBytes: Int

    /// Limits; the defaults remember 20 000 streams folded from at most 256 MiB.
    public init(
        decisions: Int = 8, storeAttempts: Int = 8,
        storeBackoff: Backoff = Backoff(base: .milliseconds(50), cap: .seconds(2)),
        contentionBackoff: Backoff = Backoff(base: .milliseconds(5), cap: .milliseconds(500)),
        cachedStreams: Int = 20_000, cachedBytes: Int = 256 * 1_048_576,
        concurrentBatches: Int = 4, leastCommands: Int = 500, concurrentReads: Int = 8,
        concurrentAppends: Int = 64, appendEvents: Int = AppendLimits.events,
        appendBytes: Int = AppendLimits.appendBytes
    ) {
        precondition(decisions > 0 && storeAttempts > 0, "a command needs at least one attempt")
        precondition(cachedStreams >= 0 && cachedBytes >= 0, "a memory cannot be less than nothing")
        precondition(concurrentBatches > 0 && leastCommands > 0, "work needs at least one part")
        precondition(concurrentReads > 0 && concurrentAppends > 0, "work needs at least one worker")
        precondition(
            (1...AppendLimits.events).contains(appendEvents), "an append has 1 to \(AppendLimits.events) events")
        precondition(
            (AppendLimits.eventBytes...AppendLimits.appendBytes).contains(appendBytes), "an append must hold one event")
        self.decisions = decisions
        self.storeAttempts = storeAttempts
        self.storeBackoff = storeBackoff
        self.contentionBackoff = contentionBackoff
        self.cachedStreams = cachedStreams
        self.cachedBytes = cachedBytes
        self.concurrentBatches = concurrentBatches
        self.leastCommands = leastCommands
        self.concurrentReads = concurrentReads
        self.concurrentAppends = concurrentAppends
        self.appendEvents = appendEvents
        self.appendBytes = appendBytes
    }
}
