import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

extension PostgresProjectionStore {
    /// See ``GenerationStore/prepare(_:for:)``: the rows of a binary COPY, without its header.
    public func prepare(_ rows: [Row], for table: TableDefinition) -> PreparedRows {
        var copy = PostgresCopyRows(continuingWith: table.columns.count, reservingCapacity: rows.count * 256)
        for row in rows {
            for (value, column) in zip(row.values, table.columns) { copy.append(value, as: column.type) }
        }
        return PreparedRows(count: rows.count, bytes: copy.takeChunk())
    }

    /// See ``GenerationStore/load(into:from:under:next:)``. One COPY, the changes, what is parked, and the checkpoints, in one transaction.
    public func load(
        into generation: ProjectionGeneration, from previous: GlobalPosition, under lease: Lease,
        next: @escaping @Sendable () async throws -> LoadStep
    ) async throws -> ApplyAnswer {
        let table = generation.table
        let columns = table.columns.map { $0.name.quotedInSQL }.joined(separator: ", ")
        let copy = "copy lockstep_read.\(table.generationName.quotedInSQL) (\(columns)) from stdin (format binary)"
        do {
            return try await pool.withConnection { connection in
                try await connection.transaction { connection in
                    let source = LoadSource(columns: table.columns.count, next: next)
                    do {
                        _ = try await connection.copyIn(copy, from: { try await source.chunk() })
                    } catch {
                        await source.abandon()
                        throw error
                    }
                    guard let (changes, moves) = await source.end else { throw CancellationError() }
                    return try await Self.write(changes, moving: moves, on: connection)
                }
            }
        } catch let error as PostgresError {
            return try Self.answer(to: error, table: table, at: previous)
        }
    }
}

/// The chunks of one COPY, one after the other. While the connection sends one, the next is made.
private actor LoadSource {
    private let next: @Sendable () async throws -> LoadStep
    private var header: [UInt8]?
    private var pending: Task<LoadStep, any Error>?
    private(set) var end: (RowChanges, [CheckpointMove])?

    init(columns: Int, next: @escaping @Sendable () async throws -> LoadStep) {
        self.next = next
        var empty = PostgresCopyRows(columns: columns)
        header = empty.takeChunk()
    }

    func chunk() async throws -> [UInt8]? {
        if let header = header.take() { return header }
        guard end == nil else { return nil }
        let step = pending.take() ?? prepare()
        let made = try await withTaskCancellationHandler {
            try await step.value
        } onCancel: {
            step.cancel()
        }
        switch made {
        case .rows(let rows):
            pending = prepare()
            return rows.bytes
        case .end(let changes, let moves):
            end = (changes, moves)
            return PostgresCopyRows.end
        }
    }

    /// Ends what is being made, and waits until it has ended: nothing of it goes on behind the load.
    func abandon() async {
        guard let step = pending.take() else { return }
        step.cancel()
        _ = await step.result
    }

    private func prepare() -> Task<LoadStep, any Error> {
        Task(executorPreference: CancellationShield.executor) { [next] in try await next() }
    }
}

extension PostgresCopyRows {
    /// Appends a value of a column whose type is `type`; see ``TableDefinition/admits(_:)``.
    fileprivate mutating func append(_ value: ColumnValue, as type: ColumnType) {
        switch value {
        case .null: appendNull()
        case .bool(let value): append(bool: value)
        case .int(let value): append(int64: value)
        case .text(let value): append(text: value)
        case .uuid(let value): append(uuid: value)
        case .timestamp(let value): append(timestampMicroseconds: value.microseconds)
        case .json(let value), .bytes(let value): append(bytes: value)
        }
    }
}
