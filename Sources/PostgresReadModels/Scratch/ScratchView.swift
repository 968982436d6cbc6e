import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver
import ReadModels

/// Folds a projection into a view of its own, `lockstep_scratch.<name>`, so that people can look at a read model as of a position, or of some
/// streams alone.
///
/// Rows and checkpoint move in one transaction by compare-and-set, so whoever is killed leaves the view as of the last batch, and resuming
/// folds each event once. Views, tables and checkpoints of a running system are never written to.
public actor ScratchView: ReplayTarget {
    /// What is done with a view of that name that is there already.
    public enum Existing: Sendable, Hashable {
        /// Refuse.
        case refused
        /// Remove it and begin anew.
        case replaced
    }

    private let name: ScratchName
    private let projection: any Projection
    private let skips: SkippedEvents
    private let existing: Existing
    private let incarnation: UUID
    private let pool: PostgresPool
    private let statements: ScratchStatements
    private let run: UUID
    private var position = GlobalPosition.start

    /// A view.
    ///
    /// - Parameters:
    ///   - skips: the events that the projection leaves out, as it does live.
    ///   - run: identifies this run; a later one takes the view over, and this one writes nothing from then on.
    public init(
        _ name: ScratchName, of projection: any Projection, skipping skips: SkippedEvents = .none,
        existing: Existing = .refused, incarnation: UUID, run: UUID, in pool: PostgresPool
    ) {
        self.name = name
        self.projection = projection
        self.skips = skips
        self.existing = existing
        self.incarnation = incarnation
        self.run = run
        self.pool = pool
        statements = ScratchStatements(name, projection.table)
    }

    /// Makes the view, or takes over the one that an earlier run has left.
    public func open(resuming isResuming: Bool) async throws(ReplayFault) -> ReplayResumption {
        let resumption = try await transaction { [self] connection in
            try await connection.execute(ScratchStatements.preparation)
            let found = try await connection.query(
                ScratchStatements.find, PostgresParameters { $0.append(name.text) })
            guard found.rowCount > 0 else {
                try await create(on: connection)
                return ReplayResumption.nothing
            }
            guard isResuming else {
                guard existing == .replaced else { throw refusal }
                try await connection.execute(statements.removal)
                _ = try await connection.query(
                    ScratchStatements.forget, PostgresParameters { $0.append(name.text) })
                try await create(on: connection)
                return .nothing
            }
            return try await takeOver(found, on: connection)
        }
        position = resumption.after
        return resumption
    }

    /// Folds the events and moves the checkpoint, in one transaction.
    public func write(_ batch: ReplayBatch) async throws(ReplayFault) {
        let events = Array(batch.replayed)
        try await transaction { [self, position] connection in
            let changes = try await fold(events, on: connection)
            try await store(changes, on: connection)
            try await advance(from: position, to: batch.reached, events.last, on: connection)
        }
        position = batch.reached
    }

    /// Every batch is durable already.
    public func finish() async throws(ReplayFault) {}
}

extension ScratchView {
    private nonisolated var refusal: ReplayFault {
        .refused(
            reason: "\(ScratchName.schema).\(name.text) exists already",
            cure: "give another --name, --replace to make it anew, or --resume when an earlier run has begun it")
    }

    private nonisolated func create(on connection: PostgresConnection) async throws {
        try await connection.execute(statements.creation)
        let parameters = PostgresParameters {
            $0.append(name.text)
            $0.append(projection.name)
            $0.append(Int32(clamping: projection.version))
            $0.append(run)
            $0.append(incarnation)
        }
        _ = try await connection.query(ScratchStatements.register, parameters)
    }

    private nonisolated func takeOver(
        _ found: PostgresResult, on connection: PostgresConnection
    ) async throws -> ReplayResumption {
        let version = Int(try found.int32(0, 1))
        guard try found.text(0, 0) == projection.name, version == projection.version else {
            throw ReplayFault.refused(
                reason: "\(ScratchName.schema).\(name.text) is of another projection, or of another version of it",
                cure: "give another --name, or --replace to make it anew")
        }
        let parameters = PostgresParameters {
            $0.append(name.text)
            $0.append(run)
        }
        _ = try await connection.query(ScratchStatements.take, parameters)
        let after = GlobalPosition(try found.int64(0, 2))
        guard !found.isNull(0, 3) else { return ReplayResumption(after: after, marks: []) }
        let mark = ReplayMark(position: GlobalPosition(try found.int64(0, 3)), eventID: try found.uuid(0, 4))
        return ReplayResumption(after: after, marks: [mark])
    }

    private nonisolated func fold(
        _ events: [RecordedEvent], on connection: PostgresConnection
    ) async throws -> RowChanges {
        let table = projection.table
        let keys = BatchFold.keys(of: events, for: projection, skipping: skips)
        var rows: [RowKey: Row] = [:]
        if !keys.isEmpty {
            let arrays = ColumnArrays(table.keyColumns, rows: keys.map(\.values))
            let found = try await connection.query(
                statements.select, PostgresParameters { arrays.append(to: &$0) })
            for index in 0..<found.rowCount {
                let row = try RowDecoding.row(index, of: found, table.columns)
                rows[table.key(of: row)] = row
            }
        }
        var fold = BatchFold(projection, rows: rows, skipping: skips)
        do throws(ProjectionFault) {
            for event in events { try fold.fold(event) }
        } catch {
            throw ReplayFault.notFolded(reason: error.description)
        }
        return fold.changes
    }

    private nonisolated func store(_ changes: RowChanges, on connection: PostgresConnection) async throws {
        if !changes.upserts.isEmpty {
            let arrays = ColumnArrays(changes.table.columns, rows: changes.upserts.map(\.values))
            _ = try await connection.query(statements.upsert, PostgresParameters { arrays.append(to: &$0) })
        }
        if !changes.deletions.isEmpty {
            let arrays = ColumnArrays(changes.table.keyColumns, rows: changes.deletions.map(\.values))
            _ = try await connection.query(statements.delete, PostgresParameters { arrays.append(to: &$0) })
        }
    }

    private nonisolated func advance(
        from previous: GlobalPosition, to reached: GlobalPosition, _ last: RecordedEvent?,
        on connection: PostgresConnection
    ) async throws {
        let parameters = PostgresParameters {
            $0.append(name.text)
            $0.append(run)
            $0.append(previous.rawValue)
            $0.append(reached.rawValue)
            if let last {
                $0.append(last.position.rawValue)
                $0.append(last.id)
            } else {
                $0.appendNull(.int8)
                $0.appendNull(.uuid)
            }
        }
        let moved = try await connection.query(ScratchStatements.advance, parameters)
        guard moved.affectedRows == 1 else {
            throw ReplayFault.refused(
                reason: "another replay has taken \(ScratchName.schema).\(name.text) over", cure: "give another --name")
        }
    }

    private nonisolated func transaction<R: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> R
    ) async throws(ReplayFault) -> R {
        do {
            return try await pool.withConnection { connection in try await connection.transaction { try await body($0) }
            }
        } catch let fault as ReplayFault {
            throw fault
        } catch {
            throw fault(error)
        }
    }

    private nonisolated func fault(_ error: any Error) -> ReplayFault {
        let view = "\(ScratchName.schema).\(name.text)"
        guard let error = error as? PostgresError else { return .unavailable(target: view, reason: "\(error)") }
        if case .server(.insufficientPrivilege) = error.kind {
            return .refused(
                reason: "this role may not make scratch views: \(error.description)",
                cure:
                    "let the database's owner run `create schema \(ScratchName.schema) authorization` with this role's name"
            )
        }
        if case .server(.duplicateTable) = error.kind {
            return .refused(reason: "\(view) exists already", cure: "give another --name")
        }
        return .unavailable(target: view, reason: error.description)
    }
}
