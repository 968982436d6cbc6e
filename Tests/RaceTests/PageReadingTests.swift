import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore
import Testing

@Suite("A log is read in its order", .enabled(if: RaceDatabase.isAvailable, "needs LOCKSTEP_DATABASE_URL"))
struct PageReadingTests {
    /// A log that was restored a moment ago, or filled faster than the server looks at its tables.
    @Test func `and no page is sorted on the disk where the server has no statistics`() async throws {
        try await RaceDatabase.with { database in
            try await database.script("alter table lockstep.events set (autovacuum_enabled = false)")
            try await database.withStore { store in
                let payload = #"{"text":"\#(String(repeating: "long ", count: 200))"}"#
                for number in 0..<30 {
                    let drafts = try (0..<1_000).map { _ in try draft(payload: payload) }
                    let stream = try StreamName("race-\(number)")
                    _ = try await store.append(AppendRequest(drafts, to: stream, expecting: .noStream))
                }
                var scan = LogScan(store, after: .start)
                var count = 0
                while let page = try await scan.next() { count += page.count }
                #expect(count == 30_000)
            }
            #expect(try await Self.sortingFiles(in: database) == 0)
        }
    }

    /// Files that backends have written because memory did not suffice. Each tells of its own when it ends.
    private static func sortingFiles(in database: RaceDatabase) async throws -> Int64 {
        try await database.withConnection { connection in
            let others: PostgresStatement =
                "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            while try await connection.query(others).int64(0, 0) > 0 { await Task.yield() }
            return try await connection.query(
                "select temp_files from pg_stat_database where datname = current_database()"
            ).int64(0, 0)
        }
    }
}
