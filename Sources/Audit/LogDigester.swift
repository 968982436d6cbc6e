import EventModel
import EventSourcing
import Logging
import ServiceLifecycle

/// Follows the log and records its running digest, so that whatever is altered afterwards is found by ``LogVerifier``.
///
/// The digest is a function of the log, so several digesters compute the same; a lease only saves the waste.
public struct LogDigester<Store: EventStore & LogDigestStore & LeaseStore & ProgressStore>: Service {
    /// A digest is recorded after this many events at the latest …
    public static var eventsPerDigest: Int64 { 1_000 }
    /// … and at the end of the log when the last one is older than this.
    public static var digestInterval: Duration { .seconds(1) }

    private let store: Store
    private let keeper: LeaseKeeper<Store>
    private let time: any Timekeeper
    private let random: any RandomSource
    private let logger: Logger

    /// A digester that leads as `holder`.
    public init(
        _ store: Store, holder: String, time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource(), timing: LeaseTiming = LeaseTiming(), logger: Logger
    ) {
        self.store = store
        self.time = time
        self.random = random
        self.logger = logger
        keeper = LeaseKeeper(store: store, holder: holder, time: time, timing: timing)
    }

    /// Runs until cancelled or told to shut down.
    ///
    /// - Throws: a ``StoreError`` that waiting does not cure, for instance a corrupt log.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                do {
                    _ = try await keeper.hold("sealer") { lease in try await work(under: lease) }
                    backoff.reset()
                } catch StoreError.cancelled where Task.isCancelled {
                    throw CancellationError()
                } catch let error as StoreError where error.isTransient {
                    logger.debug("digesting waits for the log", metadata: ["reason": "\(error)"])
                    try await time.sleep(for: backoff.next(random))
                }
            }
        }
    }

    /// Follows the log; what stops it for good is said in its progress, where everybody looks.
    private func work(under lease: Lease) async throws {
        do {
            try await follow(under: lease)
        } catch let error as StoreError {
            guard case .corrupt = error else { throw error }
            var stopped = try await progress()
            stopped.state = "stopped"
            stopped.lastError = error.description
            _ = try await store.advance(stopped, from: stopped.position, under: lease)
            throw error
        }
    }

    private func follow(under lease: Lease) async throws {
        var (progress, running) = try await resume()
        var moved = progress
        var recordedAt = time.steady()
        var iterator = Subscription(to: store, after: running.position).makeAsyncIterator()
        while let batch = try await iterator.next() {
            for event in batch.events {
                running.add(event)
                moved.handle(event)
                guard progress.position.distance(to: running.position) >= Self.eventsPerDigest else { continue }
                guard try await record(running, moved, from: progress, under: lease) else { return }
                progress = moved
                recordedAt = time.steady()
            }
            guard batch.isTail, running.position > progress.position else { continue }
            // Quiet logs get a digest too, but not one for every event.
            let wait = Self.digestInterval - (time.steady() - recordedAt)
            if wait > .zero { try await time.sleep(for: wait) }
            guard try await record(running, moved, from: progress, under: lease) else { return }
            progress = moved
            recordedAt = time.steady()
        }
    }

    /// Goes on behind the last digest that the progress vouches for; a digester that died between the two steps repeats the second.
    private func resume() async throws -> (ConsumerProgress, LogDigest) {
        let stored = try await progress()
        guard stored.position > .start else { return (stored, .empty) }
        let before = GlobalPosition(stored.position.rawValue - 1)
        guard let digest = try await store.digests(after: before, limit: 1).first, digest.position == stored.position
        else {
            throw StoreError.corrupt(at: stored.position, reason: "the digest that was recorded here is gone")
        }
        return (stored, digest)
    }

    /// What is stored, or that of a digester that has seen nothing.
    private func progress() async throws -> ConsumerProgress {
        let key = ConsumerProgress.Key(consumer: "sealer", kind: "sealer")
        if let stored = try await store.progress(of: key) { return stored }
        return ConsumerProgress(of: key, incarnation: try await store.head().incarnation)
    }

    /// `false` when somebody else leads.
    private func record(
        _ running: LogDigest, _ moved: ConsumerProgress, from progress: ConsumerProgress, under lease: Lease
    ) async throws -> Bool {
        guard try await store.record(running) == running else {
            throw StoreError.corrupt(at: running.position, reason: "the recorded digest is not the digest of the log")
        }
        var next = moved
        next.state = "live"
        next.lastError = nil
        return try await store.advance(next, from: progress.position, under: lease) == .advanced
    }
}
