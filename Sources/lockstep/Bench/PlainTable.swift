import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// The same rows in the same indexed table, written without any of our promises: the limits that appends are measured against.
struct PlainTable: Sendable {
    let database: BenchDatabase
    let name: String

    /// Makes the table `name` with the columns, constraints and indexes of `lockstep.events`, and positions from a sequence.
    static func create(_ name: String, in database: BenchDatabase) async throws -> PlainTable {
        try await database.withConnection { connection in
            try await connection.execute(
                """
                create schema if not exists plain;
                create sequence plain.\(name)_position cache 1;
                create table plain.\(name) (like lockstep.events including all);
                alter table plain.\(name) alter column position set default nextval('plain.\(name)_position');
                """)
        }
        return PlainTable(database: database, name: name)
    }

    /// `COPY … FROM STDIN (FORMAT binary)`, one commit per batch. Rows are encoded beforehand: the limit is the server's.
    func copy(_ batches: [[EventDraft]], streams: [StreamName], on connection: PostgresConnection) async throws {
        let statement = """
            copy plain.\(name) (position, version, occurred_at, recorded_at, event_id, kind, workspace, schema_version, stream, data, \
            metadata) from stdin (format binary)
            """
        let chunks = zip(batches, streams).enumerated().map { index, batch in
            Self.rows(batch.0, stream: batch.1, position: Int64(index * batches[0].count))
        }
        for chunk in chunks {
            let pending = Pending(chunk)
            _ = try await connection.copyIn(statement, from: { await pending.take() })
        }
    }

    private actor Pending {
        private var chunk: [UInt8]?
        init(_ chunk: [UInt8]?) { self.chunk = chunk }
        func take() -> [UInt8]? { chunk.take() }
    }

    private static func rows(_ drafts: [EventDraft], stream: StreamName, position: Int64) -> [UInt8] {
        var rows = PostgresCopyRows(columns: 11, reservingCapacity: drafts.count * 600)
        for (step, draft) in drafts.enumerated() {
            rows.append(int64: position + Int64(step) + 1)
            rows.append(int64: Int64(step + 1))
            rows.append(timestampMicroseconds: draft.occurredAt.microseconds)
            rows.append(timestampMicroseconds: draft.occurredAt.microseconds)
            rows.append(uuid: draft.id)
            rows.append(int32: 1)
            rows.append(int32: 1)
            rows.append(int16: 1)
            rows.append(text: stream.rawValue)
            rows.append(bytes: draft.data)
            rows.append(bytes: draft.metadata)
        }
        return rows.finish()
    }

    /// One `INSERT` and one commit per event, over as many connections as there are lists.
    func insert(_ lists: [[EventDraft]], streams: [StreamName]) async throws {
        let statement = PostgresStatement(
            """
            insert into plain.\(name) (version, occurred_at, recorded_at, event_id, kind, workspace, schema_version, stream, data, metadata)
            values ($1, $2, clock_timestamp(), $3, 1, 1, 1, $4, $5, $6)
            """)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (drafts, stream) in zip(lists, streams) {
                group.addTask {
                    try await database.withConnection { connection in
                        for (step, draft) in drafts.enumerated() {
                            var parameters = PostgresParameters()
                            parameters.append(Int64(step + 1))
                            parameters.append(timestampMicroseconds: draft.occurredAt.microseconds)
                            parameters.append(draft.id)
                            parameters.append(stream.rawValue)
                            parameters.append(draft.data)
                            parameters.append(draft.metadata)
                            _ = try await connection.query(statement, parameters)
                        }
                    }
                }
            }
            for try await _ in group {}
        }
    }

    func truncate() async throws {
        try await database.withConnection { try await $0.execute("truncate plain.\(name)") }
    }
}
