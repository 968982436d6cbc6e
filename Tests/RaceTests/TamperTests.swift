import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore
import Testing

@Suite("The database guards the log", .enabled(if: RaceDatabase.isAvailable, "needs LOCKSTEP_DATABASE_URL"))
struct TamperTests {
    @Test(arguments: [
        "update lockstep.events set data = '{}'", "delete from lockstep.events", "truncate lockstep.events",
        "update lockstep.events set version = 9 where position = 1", "delete from lockstep.log_state",
    ])
    func `events are never changed, not even by the role that owns them`(_ change: String) async throws {
        try await RaceDatabase.with { database in
            try await database.withStore { store in
                _ = try await store.append(
                    AppendRequest([try draft()], to: try StreamName("race-a"), expecting: .noStream))
            }
            try await database.withConnection { connection in
                let error = await #expect(throws: PostgresError.self) { try await connection.execute(change) }
                #expect(error?.sqlState?.rawValue == "LS001")
            }
            try await LogCheck.expectSound(database, events: 1)
        }
    }

    @Test func `a role that may append may not change`() async throws {
        try await RaceDatabase.with { database in
            let role = "lockstep_app_\(UInt64.random(in: .min ... .max))"
            try await database.script(
                """
                create role \(role); grant usage on schema lockstep to \(role);
                grant all on all tables in schema lockstep to \(role); grant all on all sequences in schema lockstep to \(role)
                """)
            try await database.withConnection { connection in
                try await connection.execute("set role \(role)")
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.execute("update lockstep.events set data = '{}'")
                }
                #expect(error?.sqlState?.rawValue == "LS001")
                try await connection.execute("reset role")
            }
            try await database.script("drop owned by \(role); drop role \(role)")
        }
    }

    @Test func `a writer refuses a database that is not the one its log was written in`() async throws {
        try await RaceDatabase.with { database in
            try await database.script("update lockstep.log_state set system_identifier = '42', timeline = 7")
            try await database.withStore { store in
                let request = AppendRequest([try draft()], to: try StreamName("race-a"), expecting: .noStream)
                let error = await #expect(throws: StoreError.self) { try await store.append(request) }
                guard case .historyChanged(let mismatch) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(mismatch.remembered == (systemIdentifier: "42", timeline: 7))
                #expect(mismatch.found.systemIdentifier != "42")
            }
        }
    }

    /// Hidden rows of a page, of several whole pages, and of the end of the log.
    @Test(arguments: [(3, 3), (100, 11_500), (300, 12_000), (11_999, 12_000)] as [(Int64, Int64)])
    func `events removed behind our back end every reader with their position`(
        _ hole: (first: Int64, last: Int64)
    ) async throws {
        try await RaceDatabase.with { database in
            try await database.withStore { store in
                for number in 0..<12 {
                    let drafts = try (0..<1_000).map { _ in try draft() }
                    let stream = try StreamName("race-\(number)")
                    _ = try await store.append(AppendRequest(drafts, to: stream, expecting: .noStream))
                }
                try await database.script(
                    """
                    set session_replication_role = replica;
                    delete from lockstep.events where position between \(hole.first) and \(hole.last)
                    """)
                for limit in [200, 1_000, 10_000] {
                    try await expectCorrupt(at: hole.first) {
                        let options = SubscriptionOptions(batchLimit: limit)
                        var reader = Subscription(to: store, after: .start, options: options).makeAsyncIterator()
                        while reader.position < GlobalPosition(12_000) { _ = try await reader.next() }
                    }
                    try await expectCorrupt(at: hole.first) {
                        var scan = LogScan(store, after: .start, limit: limit)
                        while try await scan.next() != nil {}
                    }
                    // Somebody who only looks gets to the end all the same.
                    var query: EventQuery? = EventQuery(limit: limit)
                    var seen = 0
                    while let next = query {
                        let page = try await store.read(next)
                        seen += page.events.count
                        query = next.next(after: page)
                        #expect(query.map { $0.after > next.after } ?? true)
                    }
                    #expect(seen == 12_000 - Int(hole.last - hole.first) - 1)
                }
            }
        }
    }

    private func expectCorrupt(at position: Int64, _ read: () async throws -> Void) async throws {
        do {
            try await read()
            Issue.record("the hole at \(position) was read over")
        } catch StoreError.corrupt(let found, _) {
            #expect(found == GlobalPosition(position))
        }
    }
}
