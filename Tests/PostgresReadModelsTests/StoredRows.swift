import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresReadModels
import ReadModels
import Testing

extension TestDatabase {
    /// All rows of a table, as the store reads them.
    func rows(of table: TableDefinition) async throws -> [Row] {
        let keys = table.keyColumns.map(\.name).joined(separator: ", ")
        let found = try await query("select \(keys) from lockstep_read.\(table.generationName)")
        let all = try (0..<found.rowCount).map { row in
            RowKey(
                try table.keyColumns.enumerated().map { index, column in
                    switch column.type {
                    case .int: .int(try found.int64(row, index))
                    case .timestamp: .timestamp(Timestamp(microseconds: try found.timestampMicroseconds(row, index)))
                    case .uuid: .uuid(try found.uuid(row, index))
                    default: .text(try found.text(row, index))
                    }
                })
        }
        let rows = try await PostgresProjectionStore(pool: pool).rows(for: all, in: table)
        #expect(rows.count == all.count)
        return Array(rows.values)
    }
}
