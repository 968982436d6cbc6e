import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// Read models in PostgreSQL, each generation a table of `lockstep_read`.
///
/// Applying a batch is one statement: it takes the lease's row, moves the checkpoint by compare-and-set and writes the rows, so it is
/// one round trip, one transaction, and a process that dies in the middle leaves nothing behind and holds no lock.
public struct PostgresProjectionStore: ProjectionStore {
    let pool: PostgresPool

    /// A store over borrowed connections: one per call, for as long as the call takes.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// See ``ProjectionStore/progress(of:)``.
    public func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress? {
        let result = try await query(ProgressRow.select, PostgresParameters { $0.append(key) })
        do throws(PostgresError) {
            return result.rowCount == 0 ? nil : try ProgressRow.decode(result, key: key)
        } catch {
            throw StoreError(error)
        }
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

    /// See ``ProjectionStore/apply(_:_:parking:from:under:)``.
    public func apply(
        _ changes: RowChanges, _ progress: ConsumerProgress, parking: ParkingChanges, from previous: GlobalPosition,
        under lease: Lease
    ) async throws(StoreError) -> ApplyAnswer {
        do {
            return try await pool.withConnection { connection in
                try await Self.write(changes, progress, parking: parking, from: previous, under: lease, on: connection)
            }
        } catch let error as PostgresError {
            return try Self.answer(to: error, table: changes.table, at: progress.position)
        } catch {
            throw StoreError(any: error)
        }
    }

    /// Writes rows, parked keys and checkpoint by one statement.
    ///
    /// - Returns: ``ApplyAnswer/advanced``; a refusal is thrown as the server says it, see ``answer(to:table:at:)``.
    static func write(
        _ changes: RowChanges, _ progress: ConsumerProgress, parking: ParkingChanges = .none,
        from previous: GlobalPosition, under lease: Lease, on connection: PostgresConnection
    ) async throws(PostgresError) -> ApplyAnswer {
        let advance: TableStatements.Advance = parking.isEmpty ? .alone : .parking
        let statements = TableStatements.of(changes.table, advance)
        var parameters = PostgresParameters(reservingCapacity: 512 + changes.upserts.count * 256)
        parameters.append(progress, from: previous, under: lease)
        if !parking.isEmpty { parameters.append(ParkingRow.json(parking)) }
        let statement: PostgresStatement
        if changes.isEmpty {
            statement = advance.only
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

    /// See ``ProjectionStore/recordState(_:under:)``.
    public func recordState(
        _ progress: ConsumerProgress, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        var parameters = PostgresParameters()
        parameters.append(lease.name)
        parameters.append(lease.token)
        parameters.append(progress.key)
        parameters.append(progress.position.rawValue)
        parameters.append(progress.state)
        parameters.append(progress.incarnation)
        parameters.append(optional: progress.lastError)
        do {
            _ = try await run(ProgressRow.recordState, parameters)
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
