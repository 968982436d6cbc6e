import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// How engines are reached, in `lockstep.engines`.
extension PostgresProjectionStore: EngineStandings {
    private static let columns: [ColumnDefinition] = [
        .required("side", .text, ""), .required("holder", .text, ""), .required("engine", .text, ""),
        .required("circuit", .text, ""), .required("since", .timestamp, ""), .required("failures", .int, ""),
        .optional("last_error", .text, ""), .optional("last_error_at", .timestamp, ""),
        .optional("next_try", .timestamp, ""),
    ]
    private static let write: PostgresStatement = """
        with gone as (delete from lockstep.engines where updated_at < clock_timestamp() - interval '1 day')
        insert into lockstep.engines (side, holder, engine, circuit, since, failures, last_error, last_error_at, next_try, updated_at)
        select t.*, clock_timestamp() from unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::text[], $8::timestamptz[], $9::timestamptz[]) t
        on conflict (side, holder) do update set
            engine = excluded.engine, circuit = excluded.circuit, since = excluded.since, failures = excluded.failures,
            last_error = excluded.last_error, last_error_at = excluded.last_error_at, next_try = excluded.next_try,
            updated_at = excluded.updated_at
        """
    private static let all: PostgresStatement = """
        select side, holder, engine, circuit, since, failures, last_error, last_error_at, next_try,
            greatest(0, extract(epoch from clock_timestamp() - updated_at) * 1000000)::bigint
        from lockstep.engines order by side, holder
        """

    /// See ``EngineStandings/record(_:)``.
    public func record(_ standings: [EngineStanding]) async throws(StoreError) {
        guard !standings.isEmpty else { return }
        let rows = standings.map { standing -> [ColumnValue] in
            let circuit = standing.circuit
            return [
                .text(standing.side), .text(standing.holder), .text(circuit.name), .text(circuit.state.rawValue),
                .timestamp(circuit.since), .int(Int64(min(circuit.failures, Int(Int32.max)))),
                circuit.lastError.map { .text($0.reason) } ?? .null,
                circuit.lastError.map { .timestamp($0.at) } ?? .null, circuit.nextTry.map { .timestamp($0) } ?? .null,
            ]
        }
        var parameters = PostgresParameters()
        ColumnArrays(Self.columns, rows: rows).append(to: &parameters)
        _ = try await query(Self.write, parameters)
    }

    /// See ``EngineStandings/engineStandings()``.
    public func engineStandings() async throws(StoreError) -> [(standing: EngineStanding, age: Duration)] {
        let rows = try await query(Self.all, PostgresParameters())
        return try decoding { () throws(PostgresError) in
            var found: [(standing: EngineStanding, age: Duration)] = []
            for row in 0..<rows.rowCount {
                found.append((try Self.standing(row, of: rows), .microseconds(try rows.int64(row, 9))))
            }
            return found
        }
    }

    private static func standing(_ row: Int, of rows: PostgresResult) throws(PostgresError) -> EngineStanding {
        func time(_ column: Int) throws(PostgresError) -> Timestamp? {
            guard !rows.isNull(row, column) else { return nil }
            return Timestamp(microseconds: try rows.timestampMicroseconds(row, column))
        }
        let failedAt = try time(7)
        let failure: CircuitStanding.Failure? =
            if let failedAt { CircuitStanding.Failure(reason: try rows.text(row, 6), at: failedAt) } else { nil }
        return EngineStanding(
            side: try rows.text(row, 0), holder: try rows.text(row, 1),
            circuit: CircuitStanding(
                name: try rows.text(row, 2), state: CircuitStanding.State(rawValue: try rows.text(row, 3)) ?? .open,
                since: Timestamp(microseconds: try rows.timestampMicroseconds(row, 4)),
                failures: Int(try rows.int32(row, 5)), lastError: failure, nextTry: try time(8)))
    }
}
