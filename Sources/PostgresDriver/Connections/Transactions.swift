import CLibPQ

extension PostgresConnection {
    /// Runs `body` inside a transaction: commits when it returns, rolls back when it throws.
    ///
    /// Inside, use the connection that `body` receives, and nothing that commits by itself.
    ///
    /// - Throws: what `body` throws; ``PostgresError/Kind/transactionRolledBack`` when `body` returned although a
    ///   statement had failed; ``PostgresError/Kind/unknownOutcome`` when the connection was lost during the commit;
    ///   ``PostgresError/Kind/invalidUse`` inside another transaction.
    public func transaction<R: Sendable>(
        _ isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
        _ body: @Sendable (PostgresConnection) async throws -> R
    ) async throws -> R {
        try await begin(isolation, readOnly: readOnly)
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

    private func begin(_ isolation: IsolationLevel, readOnly: Bool) async throws(PostgresError) {
        let access = readOnly ? "READ ONLY" : "READ WRITE"
        try await perform { session throws(PostgresError) in
            guard !session.isInTransaction else {
                throw PostgresError(.invalidUse, "a transaction is open already on this connection")
            }
            try session.runScript("BEGIN ISOLATION LEVEL \(isolation.rawValue) \(access)", .harmless)
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
