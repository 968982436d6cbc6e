import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// Read models in PostgreSQL, each generation a table of `lockstep_read`.
///
/// Applying a batch is one statement: it takes the leases' rows, moves the checkpoints by compare-and-set and writes the rows, so it is
/// one round trip, one transaction, and a process that dies in the middle leaves nothing behind and holds no lock.
public struct PostgresProjectionStore: ProjectionStore {
    let pool: PostgresPool

    /// A store over borrowed connections: one per call, for as long as the call takes.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// See ``ProjectionStore/progress(of:)``.
    public func progress(of keys: [ConsumerProgress.Key]) async throws(StoreError) -> [ConsumerProgress] {
        guard let first = keys.first else { return [] }
        let result = try await query(ProgressRow.select, ProgressRow.parameters(of: first, lanes: keys.map(\.lane)))
        do throws(PostgresError) { return try ProgressRow.decode(result, of: first) } catch { throw StoreError(error) }
    }

    /// See ``ProjectionStore/rows(for:in:)``.
    public func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row] {
        guard !keys.isEmpty else { return [:] }
        let arrays = ColumnArrays(table.keyColumns, rows: keys.map(\.values))
        let result = try await query(
            TableStatements.of(table).select, PostgresParameters { arrays.append(to: &$0) })
        do throws(PostgresError) {
            var rows = [RowKey: Row](minimumCapacity: result.rowCount)
            for index in 0..<result.rowCount {
                let row = try RowDecoding.row(index, of: result, table.columns)
                rows[table.key(of: row)] = row
            }
            return rows
        } catch {
            throw StoreError(error)
        }
    }

    /// See ``ProjectionStore/apply(_:moving:)``.
    public func apply(_ changes: RowChanges, moving moves: [CheckpointMove]) async throws(StoreError) -> ApplyAnswer {
        do {
            return try await pool.withConnection { connection in
                try await Self.write(changes, moving: moves, on: connection)
            }
        } catch let error as PostgresError {
            let end = moves.map(\.progress.position).max() ?? .start
            return try Self.answer(to: error, table: changes.table, at: end)
        } catch {
            throw StoreError(any: error)
        }
    }

    /// Writes rows, parked keys and checkpoints by one statement.
    ///
    /// - Returns: ``ApplyAnswer/advanced``; a refusal is thrown as the server says it, see ``answer(to:table:at:)``.
    static func write(
        _ changes: RowChanges, moving moves: [CheckpointMove], on connection: PostgresConnection
    ) async throws(PostgresError) -> ApplyAnswer {
        let statements = TableStatements.of(changes.table)
        var parameters = PostgresParameters(reservingCapacity: 512 + moves.count * 128 + changes.upserts.count * 256)
        parameters.append(moves)
        let statement: PostgresStatement
        if changes.isEmpty {
            statement = TableStatements.advanceOnly
        } else {
            ColumnArrays(changes.table.columns, rows: changes.upserts.map(\.values)).append(to: &parameters)
            statement = changes.table.isAppendOnly ? statements.append : statements.change
            if !changes.table.isAppendOnly {
                ColumnArrays(changes.table.keyColumns, rows: changes.deletions.map(\.values)).append(to: &parameters)
            }
        }
        _ = try await connection.query(statement, parameters)
        return .advanced
    }

    /// See ``ProjectionStore/recordState(_:)``.
    public func recordState(_ states: [CheckpointMove]) async throws(StoreError) -> AdvanceAnswer {
        do {
            _ = try await run(ProgressRow.recordState, ProgressRow.parameters(recording: states))
            return .advanced
        } catch {
            guard let refusal = (error as? PostgresError).flatMap(CheckpointRefusal.init) else {
                throw StoreError(any: error)
            }
            return refusal.answer
        }
    }

    /// A refusal of the checkpoint or of the rows is an answer; everything else is a fault.
    static func answer(
        to error: PostgresError, table: TableDefinition, at position: GlobalPosition
    ) throws(StoreError) -> ApplyAnswer {
        switch CheckpointRefusal(error)?.answer {
        case .fenced(let current): return .fenced(current: current)
        case .moved(let actual): return .moved(actual: actual)
        case .advanced, nil: break
        }
        guard case .server(let state) = error.kind else { throw StoreError(error) }
        if table.isAppendOnly, state == .uniqueViolation {
            throw .corrupt(
                at: position,
                reason: "\(table.generationName) holds a row that its checkpoint has not reached; rebuild it")
        }
        guard state.blamesTheRow else { throw StoreError(error) }
        return .refused(reason: error.description)
    }
}

// MARK: Calls

extension PostgresProjectionStore {
    /// Reads: a lost connection means nothing but another try.
    func query(
        _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) async throws(StoreError) -> PostgresResult {
        do {
            return try await run(statement, parameters)
        } catch let error as PostgresError where error.kind == .unknownOutcome {
            throw .unavailable(reason: error.description)
        } catch {
            throw StoreError(any: error)
        }
    }

    func run(_ statement: PostgresStatement, _ parameters: PostgresParameters) async throws -> PostgresResult {
        try await pool.withConnection { connection in try await connection.query(statement, parameters) }
    }
}
