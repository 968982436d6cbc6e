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

    /// See ``GenerationStore/load(into:from:under:next:)``. One COPY, the changes, what is parked, and the checkpoint, in one transaction.
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
                    _ = try await connection.copyIn(copy, from: { try await source.chunk() })
                    guard let (progress, changes, parking) = await source.end else { throw CancellationError() }
                    return try await Self.write(
                        changes, progress, parking: parking, from: previous, under: lease, on: connection)
                }
            }
        } catch let error as PostgresError {
            return try Self.answer(to: error, table: table, at: previous)
        }
    }
}

/// The chunks of one COPY, one after the other, on the connection's thread.
private actor LoadSource {
    private let next: @Sendable () async throws -> LoadStep
    private var header: [UInt8]?
    private(set) var end: (ConsumerProgress, RowChanges, ParkingChanges)?
    private var isFinished = false

    init(columns: Int, next: @escaping @Sendable () async throws -> LoadStep) {
        self.next = next
        var empty = PostgresCopyRows(columns: columns)
        header = empty.takeChunk()
    }

    func chunk() async throws -> [UInt8]? {
        if let header = header.take() { return header }
        guard !isFinished else { return nil }
        switch try await next() {
        case .rows(let rows): return rows.bytes
        case .end(let progress, let changes, let parking):
            end = (progress, changes, parking)
            isFinished = true
            return PostgresCopyRows.end
        }
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
