/// One thread that runs what belongs to one connection: the actor's jobs, and those of tasks that prefer to live there.
///
/// The thread ends when the executor is no longer referenced and has run its last job.
final class ConnectionExecutor: SerialExecutor, TaskExecutor {
    /// Room for user code that lives on the thread; only touched pages take memory.
    static let stackBytes = 1 << 20

    private let queue: JobQueue

    /// Starts the thread.
    ///
    /// - Throws: ``PostgresError/Kind/connectionFailed`` when the system has no thread left.
    init() throws(PostgresError) {
        let queue = JobQueue()
        guard DetachedThread.start(stackBytes: Self.stackBytes, { queue.run() }) else {
            throw PostgresError(.connectionFailed, "no thread left for a connection")
        }
        self.queue = queue
    }

    deinit {
        queue.close()
    }

    /// Runs a closure on the thread, after what is queued already.
    func perform(_ closure: @escaping @Sendable () -> Void) {
        queue.append(.closure(closure))
    }

    func enqueue(_ job: consuming ExecutorJob) {
        queue.append(.task(UnownedJob(job), self))
    }

    /// Tells the runtime that both the actor and the preferring task are at home here, so neither hops.
    func run(_ job: UnownedJob) {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    func checkIsolated() {
        precondition(queue.isCurrentThread, "not on the connection's thread")
    }

    func isIsolatingCurrentContext() -> Bool? {
        queue.isCurrentThread
    }
}
