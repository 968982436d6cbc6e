import EventModel
import EventSourcing
import EventSourcingTesting
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels
import Testing

/// Needs a real PostgreSQL: what readers see is a view, and what guards it are locks.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"), .timeLimit(.minutes(15)))
struct `A generation of another version in PostgreSQL` {
    typealias Job = Rebuild<InMemoryEventStore, PostgresProjectionStore, PostgresEventStore>

    private func job(
        _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase,
        retention: Duration = .seconds(60)
    ) -> Job {
        Job(
            projection, log: log, views: PostgresProjectionStore(pool: database.pool),
            leases: database.leases,
            settings: RebuildSettings(
                holder: "one", limits: RebuildLimits(closeEvents: 0, alignmentPatience: .milliseconds(50)),
                retention: retention))
    }

    private func filled(_ database: TestDatabase, _ types: [String] = ["up", "up", "up"]) async throws
        -> InMemoryEventStore
    {
        let log = InMemoryEventStore()
        for (index, type) in types.enumerated() {
            try await log.append("tally-\(index % 2)", .draft("tally.\(type)", data: "{}"))
        }
        try await LiveProjection(TallyProjection(), log, database).run()
        return log
    }

    private func columns(_ database: TestDatabase) async throws -> [String] {
        let found = try await database.query(
            """
            select attname::text from pg_attribute where attrelid = 'lockstep_views.tally'::regclass and attnum > 0
            and not attisdropped order by attnum
            """)
        return try (0..<found.rowCount).map { try found.text($0, 0) }
    }

    @Test func `is compared in the columns that both have, seen with its own, and left with those of before`()
        async throws
    {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let reader = "reader_\(UInt64.random(in: 0...UInt64.max))"
            try await database.execute(
                "create role \(reader); grant select on lockstep_views.tally to \(reader); "
                    + "grant select (odd, count) on lockstep_views.tally to public")
            let before = try await columns(database)
            let job = job(RenamedTally(), log, database)
            let report = try await job.build()
            #expect(report.comparison.differing == 0 && report.shadow.version == 2 && report.active.version == 1)
            #expect(report.comparison.activeTable.columns.map(\.name).contains("odd"))
            _ = try await job.activate()
            #expect(
                try await columns(database)
                    == ["stream", "workspace", "count", "last_id", "last_at", "last_data", "actor", "raw", "half"])
            let seen = try await database.query(
                "select sum(half)::bigint, sum(count)::bigint from lockstep_views.tally")
            #expect(try seen.int64(0, 0) == 1 && seen.int64(0, 1) == 3)
            let mayRead = try await database.query(
                "select has_table_privilege('\(reader)', 'lockstep_views.tally', 'select'), "
                    + "has_column_privilege('public', 'lockstep_views.tally', 'count', 'select')")
            #expect(try mayRead.bool(0, 0) && mayRead.bool(0, 1))
            #expect(try await job.rollBack().version == 1)
            #expect(try await columns(database) == before)
            // And there again.
            #expect(try await job.rollBack().version == 2)
            #expect(try await columns(database).contains("half"))
            try await database.execute("drop owned by \(reader); drop role \(reader)")
        }
    }

    @Test func `differs in values, which are named, and a value that the version declares is no surprise`() async throws
    {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let report = try await job(RenamedTally(factor: 2), log, database).build()
            #expect(report.comparison.differing == 2 && report.count(.unexplained) == 2)
            #expect(report.differences.first?.columns.map(\.name) == ["count"])
            let declared = job(RenamedTally(factor: 2, declares: ["count"]), log, database)
            #expect(try await declared.compare().isExplained)
        }
    }

    @Test func `under another key is compared as a whole, and differs until somebody accepts that`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let job = job(RenamedTally(keyColumns: 1), log, database)
            let report = try await job.build()
            #expect(report.comparison.activeRows == 2 && report.comparison.shadowRows == 2)
            #expect(report.count(.unexplained) == 4 && report.differences.isEmpty)
            _ = try await job.activate(accepting: report.kept.digest.hexadecimal)
            #expect(try await columns(database).contains("half"))
        }
    }

    @Test func `is returned from while a third one waits`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let job = job(TallyProjection(), log, database)
            _ = try await job.build()
            _ = try await job.activate()
            #expect(try await job.build().shadow.number == 3)
            #expect(try await job.rollBack().number == 1)
            let states = try await PostgresProjectionStore(pool: database.pool).generations()
                .filter { $0.projection == "tally" }.map(\.state)
            #expect(states == [.active, .previous, .ready])
        }
    }

    @Test func `takes over what cannot be folded, as live projectors have set it aside`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database, ["up", "broken", "up", "up", "untold", "refused"])
            let store = PostgresProjectionStore(pool: database.pool)
            let report = try await job(TallyProjection(), log, database).build()
            let own = try await store.allParkedKeys(of: ConsumerProgress.Key(of: report.shadow))
            let seen = try await store.allParkedKeys(of: ConsumerProgress.Key(of: report.active))
            #expect(own.map(\.key) == seen.map(\.key) && own.map(\.queued) == seen.map(\.queued) && own.count == 2)
            #expect(report.comparison.differing == 0 && report.parkedInActive == 2 && report.parkedInShadow == 2)
        }
    }

    @Test(arguments: [true, false])
    func `of which a part was made anew holds that part and what readers see`(_ isAppendOnly: Bool) async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database, ["up", "broken", "up", "up", "up", "up"])
            let projection: any Projection = isAppendOnly ? TimelineProjection() : TallyProjection()
            if isAppendOnly { try await LiveProjection(projection, log, database).run() }
            let before = try await database.rows(of: projection.table)
            let (table, column) = (projection.table.generationName, isAppendOnly ? "summary" : "actor")
            try await database.execute("update lockstep_read.\(table) set \(column) = 'wrong'")
            let job = job(projection, log, database)
            let report = try await job.build(.stream(.default, StreamName(trusting: "tally-0")))
            let made = try await database.rows(of: report.shadow.keeping(projection).table)
            let place = try #require(projection.table.columns.firstIndex { $0.name == column })
            let isMended = made.filter { $0.values[place] != .text("wrong") }
            #expect(made.count == before.count && Set(isMended).isSubset(of: Set(before)))
            #expect(isMended.count == (isAppendOnly ? 3 : 1) && report.comparison.differing == Int64(isMended.count))
            #expect(report.parkedInShadow == report.parkedInActive)
            let seen = try await database.query("select count(*) from lockstep_views.\(projection.name)")
            #expect(try seen.int64(0, 0) == Int64(before.count))
            _ = try await job.activate(accepting: report.kept.digest.hexadecimal)
            let mended = try await database.query(
                "select count(*) from lockstep_views.\(projection.name) where \(column) is distinct from 'wrong'")
            #expect(try mended.int64(0, 0) == Int64(isMended.count))
        }
    }

    @Test func `keeps marks of what it had seen, and forgets those that it has not seen after all`() async throws {
        try await TestDatabase.with { database in
            _ = try await filled(database)
            func marks() async throws -> Int64 {
                let found = try await database.query(
                    "select count(*) from lockstep.checkpoint_marks where consumer = 'tally'")
                return try found.int64(0, 0)
            }
            for (position, count) in [(65_535, 0), (65_540, 1), (70_000, 1), (200_000, 2), (70_001, 1), (3, 0)] {
                try await database.execute(
                    "update lockstep.checkpoints set position = \(position) where consumer = 'tally'")
                #expect(try await Int(marks()) == count, "at \(position)")
            }
        }
    }

    @Test func `is given up when its time is over`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let job = job(TallyProjection(), log, database, retention: .zero)
            _ = try await job.build()
            _ = try await job.activate()
            let store = PostgresProjectionStore(pool: database.pool)
            guard
                case .granted(let lease) = try await database.leases.acquire(
                    "rebuild/tally", holder: "two", for: .seconds(60))
            else { return }
            #expect(try await store.retireExpired(of: "tally", under: lease).map(\.number) == [1])
            #expect(try await store.retireExpired(of: "tally", under: lease).isEmpty)
            let left = try await database.query("select to_regclass('lockstep_read.tally_v1') is null")
            #expect(try left.bool(0, 0))
        }
    }

    @Test func `leaves readers what they see when one of them keeps the view busy`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let job = job(RenamedTally(), log, database)
            _ = try await job.build()
            try await database.pool.withConnection { reader in
                try await reader.transaction(silence: .seconds(600)) { reader in
                    try await reader.execute("select count(*) from lockstep_views.tally")
                    await #expect(throws: GenerationFlaw.viewBusy(name: "tally")) { try await job.activate() }
                }
            }
            #expect(try await job.activate().number == 2)
        }
    }

    @Test func `is changed over while its lease is renewed`() async throws {
        try await TestDatabase.with { database in
            let log = try await filled(database)
            let leases = database.leases
            _ = try await job(TallyProjection(), log, database).build()
            let store = PostgresProjectionStore(pool: database.pool)
            guard
                case .granted(let lease) = try await leases.acquire("rebuild/tally", holder: "one", for: .seconds(60)),
                let shadow = try await store.generations().first(where: { $0.state == .ready })
            else { return }
            let kept = shadow.keeping(TallyProjection())
            try await store.activate(kept, keepingFor: .seconds(60), under: lease) { _ in
                let isRenewed = try await leases.renew(lease, for: .seconds(60))
                #expect(isRenewed)
            }
            _ = try await leases.acquire("rebuild/tally", holder: "one", for: .seconds(60))
            // Somebody has taken the lease over meanwhile: nothing of it stays.
            await #expect(throws: StoreError.self) {
                try await store.activate(
                    TallyProjection().kept(1), keepingFor: .seconds(60), under: lease, align: { _ in })
            }
            let active = try await store.generations().first { $0.projection == "tally" && $0.state == .active }
            #expect(active?.number == 2)
        }
    }
}

extension TallyProjection {
    fileprivate func kept(_ number: Int) -> ProjectionGeneration {
        ProjectionGeneration(self, generation: number, relation: "tally_v\(number)")
    }
}
