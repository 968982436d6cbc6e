import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresDriver
import ReadModels
import Testing

@testable import PostgresReadModels

/// Needs a real PostgreSQL: whether a commit waits for the disk is the server's to say.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"), .timeLimit(.minutes(15)))
struct `The commit of a batch` {
    private func setting(_ connection: PostgresConnection) async throws -> String {
        try await connection.query("show synchronous_commit").text(0, 0)
    }

    /// What moves the checkpoint alone, adds rows, and changes rows.
    enum Writing: CaseIterable {
        case nothing
        case added
        case changed

        var projection: any Projection { self == .added ? TimelineProjection() : TallyProjection() }
    }

    @Test(arguments: Writing.allCases)
    func `waits for no flush, and what follows on the connection does`(_ writing: Writing) async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            try await log.append("tally-1", .draft("tally.up", data: "{}"))
            let event = try #require(try await log.read(EventQuery(limit: 1)).events.first)
            let projection = writing.projection
            var changes = RowChanges(to: projection.table)
            if writing != .nothing { changes.upserts = [try #require(try projection.fold(nil, event))] }
            var next = ConsumerProgress(of: ConsumerProgress.Key(of: projection), incarnation: UUID())
            next.handle(event)
            let lease = try await lease(in: database)
            try await database.pool.withConnection { [changes, next] connection in
                let before = try await setting(connection)
                let during = try await connection.transaction { connection in
                    _ = try await PostgresProjectionStore.write(
                        changes, moving: [CheckpointMove(next, from: .start, under: lease)], on: connection)
                    return try await setting(connection)
                }
                #expect(during == "off" && before != "off")
                #expect(try await setting(connection) == before)
            }
        }
    }

    private func lease(in database: TestDatabase) async throws -> Lease {
        let answer = try await database.leases.acquire("test", holder: "one", for: .seconds(60))
        guard case .granted(let lease) = answer else { throw CancellationError() }
        return lease
    }
}
