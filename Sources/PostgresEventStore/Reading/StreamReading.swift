import EventModel
import EventSourcing
import PostgresDriver

extension EventReader {
    private static func statement(_ order: String) -> PostgresStatement {
        PostgresStatement(
            """
            select \(EventColumns.list) from lockstep.events e
            where e.workspace = (select w.id from lockstep.workspaces w where w.name = $1) and e.stream = $2
                and e.version >= $3 and e.version <= $4 and e.position <= $5
            order by e.version \(order) limit $6
            """)
    }

    private static let forwards = statement("asc")
    private static let backwards = statement("desc")

    /// One page of a stream; small streams take one round trip.
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage {
        do {
            return try await pool.withConnection { connection in try await read(query, on: connection) }
        } catch {
            throw StoreError(any: error)
        }
    }

    /// A page of each stream; all that are small take one round trip together.
    func read(_ queries: [StreamQuery]) async throws(StoreError) -> [StreamPage] {
        do {
            return try await pool.withConnection { connection in
                let answers = try await connection.pipeline(
                    queries.map { query in
                        let wanted = min(Self.chunkRows, query.limit)
                        return PostgresRequest(
                            Self.statement(of: query),
                            parameters(
                                query, from: query.from.rawValue, through: query.through?.rawValue ?? .max,
                                limit: wanted))
                    })
                var pages: [StreamPage] = []
                for (query, answer) in zip(queries, answers) {
                    pages.append(try await read(query, beginningWith: try answer.get(), on: connection))
                }
                return pages
            }
        } catch {
            throw StoreError(any: error)
        }
    }

    private static func statement(of query: StreamQuery) -> PostgresStatement {
        query.direction == .forwards ? forwards : backwards
    }

    /// - Parameter first: its first chunk, where that was read already.
    private func read(
        _ query: StreamQuery, beginningWith first: PostgresResult? = nil, on connection: PostgresConnection
    ) async throws -> StreamPage {
        var lower = query.from.rawValue
        var upper = query.through?.rawValue ?? .max
        var chunks: [PostgresResult] = []
        var rows = 0
        var bytes = 0
        while rows < query.limit, bytes < EventQuery.pageBytes {
            let wanted = min(Self.chunkRows, query.limit - rows)
            let chunk: PostgresResult
            if chunks.isEmpty, let first {
                chunk = first
            } else {
                chunk = try await connection.query(
                    Self.statement(of: query), parameters(query, from: lower, through: upper, limit: wanted))
            }
            chunks.append(chunk)
            rows += chunk.rowCount
            guard chunk.rowCount == wanted else {
                let events = try await decode(chunks, on: connection)
                return StreamPage(events: events, isEnd: events.count == rows)
            }
            let last = try chunk.int64(wanted - 1, EventColumns.version)
            if query.direction == .forwards { lower = last + 1 } else { upper = last - 1 }
            for row in 0..<wanted { bytes += chunk.unsafeBytes(row, EventColumns.data).count }
        }
        return StreamPage(events: try await decode(chunks, on: connection), isEnd: false)
    }

    private func parameters(_ query: StreamQuery, from: Int64, through: Int64, limit: Int) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.append(query.workspace.rawValue)
        parameters.append(query.stream.rawValue)
        parameters.append(from)
        parameters.append(through)
        parameters.append(query.asOf?.rawValue ?? .max)
        parameters.append(Int64(limit))
        return parameters
    }
}
