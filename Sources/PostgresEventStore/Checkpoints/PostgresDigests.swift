import EventModel
import EventSourcing
import PostgresDriver

extension PostgresEventStore: LogDigestStore {
    /// As the protocol says.
    public func digests(after position: GlobalPosition, limit: Int) async throws(StoreError) -> [LogDigest] {
        var parameters = PostgresParameters()
        parameters.append(position.rawValue)
        parameters.append(Int64(limit))
        return try digests(
            in: try await rows(
                "select position, digest from lockstep.log_digest where position > $1 order by position limit $2",
                parameters))
    }

    /// As the protocol says.
    public func latestDigest() async throws(StoreError) -> LogDigest? {
        try digests(
            in: try await rows("select position, digest from lockstep.log_digest order by position desc limit 1")
        ).first
    }

    /// As the protocol says.
    public func record(_ digest: LogDigest) async throws(StoreError) -> LogDigest {
        var parameters = PostgresParameters()
        parameters.append(digest.position.rawValue)
        parameters.append(digest.digest)
        _ = try await rows(
            "insert into lockstep.log_digest (position, digest) values ($1, $2) on conflict (position) do nothing",
            parameters)
        var key = PostgresParameters()
        key.append(digest.position.rawValue)
        let stored = try await rows("select position, digest from lockstep.log_digest where position = $1", key)
        guard let recorded = try digests(in: stored).first else {
            throw .failed(reason: "the digest at position \(digest.position) was stored and cannot be found")
        }
        return recorded
    }

    private func digests(in rows: PostgresResult) throws(StoreError) -> [LogDigest] {
        var digests: [LogDigest] = []
        do throws(PostgresError) {
            for row in 0..<rows.rowCount {
                digests.append(
                    LogDigest(position: GlobalPosition(try rows.int64(row, 0)), digest: try rows.bytes(row, 1)))
            }
        } catch {
            throw StoreError(error)
        }
        return digests
    }
}
