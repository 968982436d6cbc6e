import EventModel
import EventSourcing
import PostgresDriver

extension PostgresEventStore: LeaseStore {
    /// As the protocol says.
    public func acquire(
        _ name: String, holder: String, for duration: Duration
    ) async throws(StoreError) -> LeaseAnswer {
        var parameters = PostgresParameters()
        parameters.append(name)
        parameters.append(holder)
        parameters.append(duration.microseconds)
        let row = try await one(
            "select granted, holder, token, remaining from lockstep.acquire_lease($1, $2, $3)", parameters)
        do throws(PostgresError) {
            guard try row.bool(0, 0) else {
                return .held(by: try row.text(0, 1), remaining: .microseconds(try row.int64(0, 3)))
            }
            return .granted(Lease(name: name, holder: holder, token: try row.int64(0, 2)))
        } catch {
            throw StoreError(error)
        }
    }

    /// As the protocol says.
    public func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        var parameters = identity(of: lease)
        parameters.append(duration.microseconds)
        return try await affected(Self.renewal, parameters) == 1
    }

    /// As the protocol says.
    public func release(_ lease: Lease) async throws(StoreError) {
        // The row stays, so that the token goes on growing.
        _ = try await affected(
            "update lockstep.leases set expires_at = '-infinity' where name = $1 and holder = $2 and token = $3",
            identity(of: lease))
    }

    /// Whoever writes under the lease waits for its row, so a renewal that waited for the disk would hold up every write that comes meanwhile.
    /// A crash of the server takes back the last renewals at most, and then a lease ends earlier than its holder believes, which fencing is for.
    static let renewal = PostgresStatement(
        """
        update lockstep.leases set expires_at = clock_timestamp() + $4 * interval '1 microsecond'
        where name = $1 and holder = $2 and token = $3 returning \(withoutFlush)
        """)

    /// An expression for a transaction that may be taken back by a crash of the server, as long as it takes back everything behind it as well.
    static let withoutFlush = "set_config('synchronous_commit', 'off', true)"

    private func identity(of lease: Lease) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.append(lease.name)
        parameters.append(lease.holder)
        parameters.append(lease.token)
        return parameters
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}

extension PostgresEventStore {
    /// Runs a statement that answers exactly one row.
    func one(_ statement: PostgresStatement, _ parameters: PostgresParameters) async throws(StoreError)
        -> PostgresResult
    {
        let rows = try await rows(statement, parameters)
        guard rows.rowCount == 1 else {
            throw .failed(reason: "a statement answered \(rows.rowCount) rows instead of one")
        }
        return rows
    }

    /// Runs a statement and counts the rows it changed.
    func affected(_ statement: PostgresStatement, _ parameters: PostgresParameters) async throws(StoreError) -> Int {
        try await rows(statement, parameters).affectedRows
    }

    /// Runs a statement on any connection.
    func rows(
        _ statement: PostgresStatement, _ parameters: PostgresParameters = PostgresParameters()
    ) async throws(StoreError) -> PostgresResult {
        do {
            return try await pool.withConnection { connection in try await connection.query(statement, parameters) }
        } catch {
            throw StoreError(any: error)
        }
    }
}
