import CLibPQ

/// One connection on one serial executor with a thread of its own: libpq forbids two threads in one connection, and its
/// blocking calls must not occupy Swift's cooperative pool.
///
/// A connection belongs to one user at a time; take one from a ``PostgresPool``. Every call may be cancelled with its
/// task: before it was sent nothing happens, after that the server is asked to stop it, and the call throws
/// ``PostgresError/Kind/cancelled`` when it did. A statement that ended before it was stopped has succeeded.
public actor PostgresConnection {
    nonisolated let session: Session
    nonisolated let executor: ConnectionExecutor
    // A COPY suspends while its chunks are fetched; nothing else may be said meanwhile.
    var isCopying = false

    init(session: Session, executor: ConnectionExecutor) {
        self.session = session
        self.executor = executor
    }

    /// The connection's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The connection's thread as a preference for tasks: a loop that runs under it calls the connection without hops.
    public nonisolated var taskExecutor: any TaskExecutor { executor }

    /// Opens a connection for as long as `body` runs, and closes it in either case.
    ///
    /// - Throws: what ``connect(_:)`` and `body` throw.
    public static func with<R: Sendable>(
        _ configuration: PostgresConfiguration, _ body: (PostgresConnection) async throws -> R
    ) async throws -> R {
        let connection = try await connect(configuration)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Opens a connection and prepares its session.
    ///
    /// - Throws: ``PostgresError/Kind/connectionFailed`` with the server's code if it gave one,
    ///   ``PostgresError/Kind/invalidConfiguration`` for a database that is not in UTF-8,
    ///   ``PostgresError/Kind/cancelled``, or the server's refusal of a setting.
    /// - Parameter thread: where the connection lives; `nil` for a thread of its own.
    public static func connect(
        _ configuration: PostgresConfiguration, on thread: ConnectionThread? = nil
    ) async throws(PostgresError) -> PostgresConnection {
        let executor = if let thread { thread.executor } else { try ConnectionExecutor() }
        let promise = Promise<Session>()
        executor.perform {
            do throws(PostgresError) {
                promise.settle(.success(try SessionOpening.open(configuration) { promise.isSettled }))
            } catch {
                promise.settle(.failure(error))
            }
        }
        return PostgresConnection(session: try await promise.value(), executor: executor)
    }

    /// Runs one statement, prepared on first use.
    ///
    /// Outside a transaction it is one of its own. A prepared statement that has become stale there is prepared anew
    /// once.
    ///
    /// - Throws: ``PostgresError``; ``PostgresError/Kind/unknownOutcome`` when the connection was lost and the
    ///   statement may have been committed, ``PostgresError/Kind/connectionLost`` when it cannot have been.
    public func query(
        _ statement: PostgresStatement, _ parameters: PostgresParameters = PostgresParameters()
    ) async throws(PostgresError) -> PostgresResult {
        try await perform { session throws(PostgresError) in try session.run(statement, parameters) }
    }

    /// Runs a script: statements separated by semicolons, without parameters. Without `BEGIN` in it the whole script is
    /// one transaction.
    ///
    /// - Throws: the first refusal; ``PostgresError/Kind/unknownOutcome`` when the connection was lost.
    public func execute(_ script: String) async throws(PostgresError) {
        try await perform { session throws(PostgresError) in try session.runScript(script, .uncertain) }
    }

    /// Closes the connection. Later calls throw ``PostgresError/Kind/closed``.
    public func close() async {
        session.close()
    }

    /// A run-time parameter that the server reports by itself, such as `server_version` or `in_hot_standby`.
    public func parameterStatus(_ name: String) -> String? {
        session.parameterStatus(name)
    }

    /// Whether the connection is open as far as is known; a loss is noticed by the next statement.
    public nonisolated var isUsable: Bool { session.condition != .unusable }
    /// The server's version as a number: 150018 for 15.18.
    public nonisolated var serverVersion: Int { session.serverVersion }
    /// The process on the server, as in `pg_stat_activity.pid`.
    public nonisolated var backendPID: Int32 { session.backendPID }
}

extension PostgresConnection {
    /// Runs blocking `work` so that cancelling the task stops it on the server.
    func perform<R: Sendable>(
        _ work: (Session) throws(PostgresError) -> R
    ) async throws(PostgresError) -> R {
        guard !isCopying else { throw PostgresError(.invalidUse, "a COPY is under way on this connection") }
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before sending") }
        let gate = session.gate
        let ticket = gate.begin()
        let outcome = await withTaskCancellationHandler {
            Result { () throws(PostgresError) in try work(session) }
        } onCancel: {
            gate.cancel(ticket)
        }
        return try session.settle(outcome)
    }
}

extension Session {
    /// Ends the statement for the gate. When the server was asked to stop, makes sure that no signal is left, and says
    /// so in the error.
    func settle<R>(_ outcome: Result<R, PostgresError>) throws(PostgresError) -> R {
        guard gate.end() else { return try outcome.get() }
        absorbLateCancel()
        do throws(PostgresError) {
            return try outcome.get()
        } catch {
            throw error.kind == .server(.queryCanceled) ? error.with(kind: .cancelled) : error
        }
    }

    /// One round trip during which a signal that is still on its way must arrive at the server process.
    private func absorbLateCancel() {
        _ = try? exchange(.harmless) { PQsendQuery($0, "") }
    }
}

extension PostgresConnection {
    /// Whether a transaction was left open.
    nonisolated var needsRollback: Bool { session.condition == .inTransaction }

    /// Whether the server still holds the other end, asked after a time without use. One system call when all is quiet.
    nonisolated(nonsending) var isAliveAfterIdling: Bool {
        get async {
            guard isUsable else { return false }
            // The descriptor is ours: nobody closes a connection that is lent to the caller.
            guard SocketWait.isReadable(session.socket) else { return true }
            return await readsUnaskedInput()
        }
    }

    private func readsUnaskedInput() -> Bool {
        session.absorbsInput()
    }
}
