import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresReadModels
import ReadModels
import Testing

extension InMemoryEventStore {
    func append(_ stream: String, _ draft: EventDraft) async throws {
        _ = try await append(AppendRequest([draft], to: StreamName(trusting: stream), expecting: .any))
    }

    /// Appends events of workflows and of tallies, as chance has it.
    func appendHistory(_ count: Int, _ random: inout SeededGenerator) async throws {
        for _ in 0..<count {
            let id = random.below(6)
            switch random.below(6) {
            case 0: try await append("tally-\(id)", .draft("tally.cleared"))
            case 1, 2:
                try await append(
                    "workflow-\(id)", .draft("workflow.imported", data: Self.workflowData(id, nil), actor: "ana"))
            case 3:
                try await append(
                    "workflow-\(id)", .draft("workflow.revised", data: Self.workflowData(id, random.below(9))))
            default:
                try await append(
                    "tally-\(id)", .draft("tally.up", data: #"{ "n" : \#(id).0 }"#, correlation: UUID()))
            }
        }
    }

    private static func workflowData(_ id: Int, _ revision: Int?) -> String {
        """
        {"counts":{"blocks":\(id),"edges":2,"loops":0,"parallels":0,"variables":1},"definition":{"metadata":{}},"digest":"d\(id)",\
        "format":"state","name":"W’\(id)","revision":\(revision ?? 1),"source":"w.json"}
        """
    }
}

extension TestDatabase {
    /// All rows of a table, as the store reads them.
    func rows(of table: TableDefinition) async throws -> [Row] {
        let keys = table.keyColumns.map(\.name).joined(separator: ", ")
        let found = try await query("select \(keys) from lockstep_read.\(table.generationName)")
        let all = try (0..<found.rowCount).map { row in
            RowKey(
                try table.keyColumns.enumerated().map { index, column in
                    column.type == .int ? .int(try found.int64(row, index)) : .text(try found.text(row, index))
                })
        }
        let rows = try await PostgresProjectionStore(pool: pool).rows(for: all, in: table)
        #expect(rows.count == all.count)
        return Array(rows.values)
    }
}
