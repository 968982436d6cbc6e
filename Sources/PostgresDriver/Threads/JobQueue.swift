import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Work for one thread, in order.
// @unchecked Sendable: `pending` and `isClosed` are only touched inside `monitor.locked`.
final class JobQueue: @unchecked Sendable {
    enum Job {
        /// A piece of a Swift task. It keeps its executor alive until it has run.
        case task(UnownedJob, ConnectionExecutor)
        case closure(@Sendable () -> Void)
    }

    private let monitor = Monitor()
    private var pending: [Job] = []
    private var isClosed = false
    private let owner = Atomic<UInt>(0)

    func append(_ job: Job) {
        monitor.locked {
            pending.append(job)
            if pending.count == 1 { monitor.wakeAll() }
        }
    }

    /// Lets the thread end once it has run what is queued.
    func close() {
        monitor.locked {
            isClosed = true
            monitor.wakeAll()
        }
    }

    /// Whether the caller runs on the thread of this queue.
    var isCurrentThread: Bool {
        owner.load(ordering: .acquiring) == Self.currentThread
    }

    /// The body of the thread.
    func run() {
        owner.store(Self.currentThread, ordering: .releasing)
        var batch: [Job] = []
        while take(&batch) {
            for job in batch { Self.perform(job) }
            batch.removeAll(keepingCapacity: true)
        }
        owner.store(0, ordering: .releasing)
    }

    /// Waits for work and swaps it for the empty `batch`; false when the queue was closed.
    private func take(_ batch: inout [Job]) -> Bool {
        monitor.locked {
            while pending.isEmpty && !isClosed { monitor.wait() }
            swap(&pending, &batch)
            return !batch.isEmpty
        }
    }

    private static func perform(_ job: Job) {
        switch job {
        case .task(let job, let executor): executor.run(job)
        case .closure(let closure): closure()
        }
    }

    private static var currentThread: UInt {
        #if canImport(Darwin)
            UInt(bitPattern: pthread_self())
        #else
            UInt(pthread_self())
        #endif
    }
}
