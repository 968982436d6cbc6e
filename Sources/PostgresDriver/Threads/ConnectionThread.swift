/// A thread for connections that follow one another: a loop that prefers it calls each of them without hops, also after a reconnect.
///
/// A call blocks the thread until its answer has come, so two connections that are used at the same time want two threads.
public struct ConnectionThread: Sendable {
    let executor: ConnectionExecutor

    /// Starts the thread; it ends with the last copy and the last connection on it.
    ///
    /// - Throws: ``PostgresError/Kind/connectionFailed`` when the system has no thread left.
    public init() throws(PostgresError) {
        executor = try ConnectionExecutor()
    }

    /// For tasks that are to live on the thread.
    public var taskExecutor: any TaskExecutor { executor }
}
