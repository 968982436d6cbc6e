import CLibPQ

extension PostgresConnection {
    /// Runs `body` inside a transaction: commits when it returns, rolls back when it throws.
    ///
    /// Inside, use the connection that `body` receives, and nothing that commits by itself.
    ///
    /// A process may stand still between two statements for as long as it likes, while others wait for what its transaction has locked; no
    /// lease that runs out takes a lock away. So the server ends a transaction that has said nothing for a while.
    ///
    /// - Parameter silence: how long the server waits for the next statement before it ends the transaction, and with it the connection;
    ///   whole milliseconds.
    /// - Throws: what `body` throws; ``PostgresError/Kind/transactionRolledBack`` when `body` returned although a
    ///   statement had failed; ``PostgresError/Kind/unknownOutcome`` when the connection was lost during the commit;
    ///   ``PostgresError/Kind/invalidUse`` inside another transaction.
    public func transaction<R: Sendable>(
        _ isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
        silence: Duration = PostgresConnection.transactionSilence,
        _ body: @Sendable (PostgresConnection) async throws -> R
    ) async throws -> R {
        try await begin(isolation, readOnly: readOnly, silence: silence)
        let value: R
        do {
            value = try await body(self)
        } catch {
            rollBack()
            throw error
        }
        do {
            try await perform { session throws(PostgresError) in try session.commit() }
        } catch {
            rollBack()
            throw error
        }
        return value
    }

    /// 15 seconds: more than any of our transactions needs between two statements, on a busy machine too.
    public static let transactionSilence = Duration.seconds(15)

    private func begin(
        _ isolation: IsolationLevel, readOnly: Bool, silence: Duration
    ) async throws(PostgresError) {
        let access = readOnly ? "READ ONLY" : "READ WRITE"
        try await perform { session throws(PostgresError) in
            guard !session.isInTransaction else {
                throw PostgresError(.invalidUse, "a transaction is open already on this connection")
            }
            try session.runScript(
                """
                BEGIN ISOLATION LEVEL \(isolation.rawValue) \(access);
                SET LOCAL idle_in_transaction_session_timeout = \(max(1, silence.wholeMilliseconds))
                """, .harmless)
        }
    }

    /// Ends what is left of a transaction, also for a task that was cancelled. A connection that cannot is condemned.
    func rollBack() {
        session.rollBack()
    }
}

extension Session {
    /// Commits the transaction under way.
    func commit() throws(PostgresError) {
        guard isInTransaction else {
            throw PostgresError(.invalidUse, "the transaction was ended by a statement inside it")
        }
        let result = try exchange(.uncertain) { PQsendQuery($0, "COMMIT") }
        guard result.commandTag == "COMMIT" else {
            throw PostgresError(.transactionRolledBack, "a statement had failed, so the server rolled back")
        }
    }

    /// Leaves the session outside any transaction, or unusable.
    func rollBack() {
        guard condition != .unusable, isInTransaction else { return }
        do throws(PostgresError) {
            _ = gate.begin()
            _ = try settle(Result { () throws(PostgresError) in try runScript("ROLLBACK", .harmless) })
        } catch {
            condemn()
        }
    }
}
