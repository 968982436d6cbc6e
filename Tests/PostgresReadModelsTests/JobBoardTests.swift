import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresEventStore
import PostgresReadModels
import ReadModels
import Testing

/// What a board of jobs has to do, in memory and in PostgreSQL.
@Suite struct `Boards of jobs` {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case inMemory = "in memory"
        case postgres = "PostgreSQL"

        static var available: [Kind] { TestDatabase.url == nil ? [.inMemory] : allCases }
        var testDescription: String { rawValue }
    }

    /// A board under test, and its leases.
    private struct World: Sendable {
        let board: any JobBoard
        let leases: any LeaseStore

        func file(_ selection: ExecutionSelection = ExecutionSelection()) async throws -> UUID {
            try await board.file(JobRequest(IDSource().next(), selection: selection, requestedBy: "ada")).job.id
        }

        func lease(of id: UUID, by holder: String = "a") async throws -> Lease {
            let answer = try await leases.acquire(ReconcilingJob.lease(of: id), holder: holder, for: .seconds(60))
            guard case .granted(let lease) = answer else { throw CancellationError() }
            return lease
        }

        func job(_ id: UUID) async throws -> ReconcilingJob { try #require(try await board.job(id)) }
    }

    private func withWorld(_ kind: Kind, _ body: @escaping @Sendable (World) async throws -> Void) async throws {
        switch kind {
        case .inMemory:
            let log = InMemoryEventStore()
            try await body(World(board: InMemoryJobBoard(leases: log), leases: log))
        case .postgres:
            try await TestDatabase.with { database in
                try await body(World(board: PostgresProjectionStore(pool: database.pool), leases: database.leases))
            }
        }
    }

    private static func key(_ execution: String) -> ExecutionKey {
        ExecutionKey(workspace: .default, execution: execution)
    }

    private static let tally = LookTally(
        converged: 5, underWay: 4, held: 3, queued: 2, failed: 1, resolutions: 7, effects: 6, lines: 2)
    private static let hostile = #"a'b"c\d$1%s;é漢🙂"#

    private func batch(
        after previous: Int64 = 0, to execution: String = "run-9", lines: [String] = ["{\"b\":1, \"a\":2.50}", "[]"]
    ) -> JobBatch {
        var tally = Self.tally
        tally.lines = Int64(lines.count)
        return JobBatch(
            previous: previous, cursor: Self.key(execution), tally: tally, lines: lines.map { Array($0.utf8) })
    }

    @Test(arguments: Kind.available)
    func `a job comes back as it was filed, whatever its words are`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let selection = ExecutionSelection(
                workspace: try Workspace("acme"), workflow: Self.hostile,
                since: Timestamp(microseconds: 1_700_000_000_123_456))
            let request = JobRequest(IDSource().next(), selection: selection, requestedBy: Self.hostile)
            let (job, isNew) = try await world.board.file(request)
            #expect(isNew && job.id == request.id && job.selection == selection && job.requestedBy == Self.hostile)
            #expect(job.state == .queued && job.tally == LookTally() && job.cursor == nil && job.total == nil)
            #expect(job.startedAt == nil && job.finishedAt == nil && job.holder == nil && job.lastError == nil)
            #expect(try await world.board.job(request.id) == job)
            #expect(try await world.board.job(UUID()) == nil)
            let (again, isNewAgain) = try await world.board.file(request)
            #expect(again == job && isNewAgain)
            #expect(try await world.board.jobs(unfinished: false, limit: 9) == [job])
        }
    }

    @Test(arguments: Kind.available)
    func `of two jobs that look at the same, only one is unfinished`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let time = Timestamp(microseconds: 1_700_000_000_000_000)
            let selections = [
                ExecutionSelection(), ExecutionSelection(workspace: .default), ExecutionSelection(workflow: "refund"),
                ExecutionSelection(since: time), ExecutionSelection(workspace: .default, workflow: "refund"),
                ExecutionSelection(workflow: "refund", since: time),
            ]
            var ids: [UUID] = []
            for selection in selections { ids.append(try await world.file(selection)) }
            #expect(Set(ids).count == selections.count)
            for (selection, id) in zip(selections, ids) {
                let (job, isNew) = try await world.board.file(
                    JobRequest(UUID(), selection: selection, requestedBy: "bob"))
                #expect(!isNew && job.id == id && job.requestedBy == "ada")
            }
            _ = try await world.board.cancel(ids[0])
            let next = try await world.file()
            #expect(next != ids[0])
            #expect(try await world.board.jobs(unfinished: true, limit: 99).count == selections.count)
        }
    }

    @Test(arguments: Kind.available)
    func `many who file the same at once get one job`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let ids = try await withThrowingTaskGroup(of: UUID.self) { group in
                for _ in 0..<8 { group.addTask { try await world.file() } }
                return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
    }

    @Test(arguments: Kind.available)
    func `steps move a job from its beginning to its end`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let id = try await world.file()
            let first = try await world.lease(of: id)
            #expect(try await world.board.record(.look(batch()), of: id, under: first) == .elsewhere)
            #expect(try await world.board.record(.begin(total: 30), of: id, under: first) == .recorded)
            let begun = try await world.job(id)
            #expect(begun.state == .running && begun.total == 30 && begun.startedAt != nil && begun.holder == "a")
            #expect(try await world.board.record(.look(batch()), of: id, under: first) == .recorded)
            let second = try await world.lease(of: id)
            #expect(try await world.board.record(.begin(total: 31), of: id, under: second) == .recorded)
            let more = batch(after: 15, to: Self.hostile)
            #expect(try await world.board.record(.look(more), of: id, under: second) == .recorded)
            #expect(try await world.board.record(.end(failure: nil), of: id, under: second) == .recorded)
            let job = try await world.job(id)
            var twice = Self.tally
            twice += Self.tally
            #expect(job.tally == twice && job.cursor == Self.key(Self.hostile) && job.total == 30)
            #expect(job.state == .done && job.finishedAt != nil && job.startedAt == begun.startedAt)
            #expect(try await world.board.record(.end(failure: "late"), of: id, under: second) == .elsewhere)
            #expect(try await world.board.record(.begin(total: 1), of: id, under: second) == .elsewhere)
            let lines = try await world.board.lines(of: id, after: 1, limit: 2)
            #expect(lines.map(\.number) == [2, 3])
            #expect(lines.map { String(decoding: $0.json, as: UTF8.self) } == ["[]", "{\"b\":1, \"a\":2.50}"])
            #expect(try await world.board.lines(of: id, after: 4, limit: 2).isEmpty)
        }
    }

    @Test(arguments: Kind.available)
    func `a batch that is written twice counts once`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let id = try await world.file()
            let lease = try await world.lease(of: id)
            _ = try await world.board.record(.begin(total: 30), of: id, under: lease)
            #expect(try await world.board.record(.look(batch()), of: id, under: lease) == .recorded)
            #expect(try await world.board.record(.look(batch()), of: id, under: lease) == .elsewhere)
            #expect(try await world.job(id).tally == Self.tally)
            #expect(try await world.board.lines(of: id, after: 0, limit: 9).count == 2)
        }
    }

    @Test(arguments: Kind.available)
    func `who has lost the lease, or holds that of another job, writes nothing`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let (id, other) = (try await world.file(), try await world.file(ExecutionSelection(workflow: "b")))
            let stale = try await world.lease(of: id)
            _ = try await world.board.record(.begin(total: 30), of: id, under: stale)
            let (newest, foreign) = (try await world.lease(of: id), try await world.lease(of: other))
            let before = try await world.job(id)
            let forged = Lease(name: ReconcilingJob.lease(of: id), holder: "x", token: 99)
            for step in [JobStep.begin(total: 1), .look(batch()), .end(failure: nil), .end(failure: "x")] {
                let answer = try await world.board.record(step, of: id, under: stale)
                #expect(answer == .fenced(current: newest.token))
                for lease in [foreign, forged] {
                    guard case .fenced = try await world.board.record(step, of: id, under: lease) else {
                        Issue.record("\(step) was written under \(lease)")
                        continue
                    }
                }
            }
            #expect(try await world.job(id) == before)
            #expect(try await world.board.lines(of: id, after: 0, limit: 9).isEmpty)
            #expect(try await world.board.record(.look(batch()), of: id, under: newest) == .recorded)
        }
    }

    @Test(arguments: Kind.available)
    func `a job that is called off changes no more, and one that has ended is not called off`(_ kind: Kind) async throws
    {
        try await withWorld(kind) { world in
            let id = try await world.file()
            let lease = try await world.lease(of: id)
            _ = try await world.board.record(.begin(total: 30), of: id, under: lease)
            let cancelled = try #require(try await world.board.cancel(id))
            #expect(cancelled.state == .cancelled && cancelled.finishedAt != nil)
            for step in [JobStep.begin(total: 1), .look(batch()), .end(failure: nil)] {
                #expect(try await world.board.record(step, of: id, under: lease) == .elsewhere)
            }
            #expect(try await world.board.cancel(id) == cancelled)
            #expect(try await world.board.cancel(UUID()) == nil)
            let next = try await world.file()
            let right = try await world.lease(of: next)
            _ = try await world.board.record(.end(failure: Self.hostile), of: next, under: right)
            let failed = try #require(try await world.board.cancel(next))
            #expect(failed.state == .failed && failed.lastError == Self.hostile)
        }
    }

    @Test(arguments: Kind.available)
    func `no more lines are kept of a job than the limit, and all of them are counted`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let id = try await world.file()
            let lease = try await world.lease(of: id)
            _ = try await world.board.record(.begin(total: 30), of: id, under: lease)
            let limit = ReconcilingJob.lineLimit
            let most = batch(lines: [String](repeating: "1", count: Int(limit) - 1))
            #expect(try await world.board.record(.look(most), of: id, under: lease) == .recorded)
            let more = batch(after: 15, lines: ["2", "3", "4"])
            #expect(try await world.board.record(.look(more), of: id, under: lease) == .recorded)
            #expect(try await world.job(id).tally.lines == limit + 2)
            let last = try await world.board.lines(of: id, after: limit - 2, limit: 9)
            #expect(last.map(\.number) == [limit - 1, limit])
            #expect(last.map { String(decoding: $0.json, as: UTF8.self) } == ["1", "2"])
        }
    }

    @Test(arguments: Kind.available)
    func `jobs that have not ended are listed the oldest first, all of them the newest first`(_ kind: Kind) async throws
    {
        try await withWorld(kind) { world in
            var ids: [UUID] = []
            for workflow in ["a", "b", "c"] { ids.append(try await world.file(ExecutionSelection(workflow: workflow))) }
            _ = try await world.board.cancel(ids[1])
            let lease = try await world.lease(of: ids[2], by: "web-1")
            let unfinished = try await world.board.jobs(unfinished: true, limit: 9)
            #expect(unfinished.map(\.id) == [ids[0], ids[2]] && unfinished.map(\.holder) == [nil, "web-1"])
            #expect(try await world.board.jobs(unfinished: false, limit: 9).map(\.id) == ids.reversed())
            #expect(try await world.board.jobs(unfinished: true, limit: 1).map(\.id) == [ids[0]])
            #expect(try await world.board.jobs(unfinished: false, limit: 0).map(\.id) == [ids[2]])
            try await world.leases.release(lease)
            #expect(try await world.job(ids[2]).holder == nil)
        }
    }

    @Test(arguments: Kind.available)
    func `jobs of a tenant are found however many others stand before and behind them`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            func many(_ name: String) async throws {
                for number in 0..<6 {
                    _ = try await world.file(
                        ExecutionSelection(workspace: try Workspace("other"), workflow: "\(name)-\(number)"))
                }
            }
            try await many("before")
            let first = try await world.file(ExecutionSelection(workspace: .default))
            let ended = try await world.file(ExecutionSelection(workspace: .default, workflow: "refund"))
            _ = try await world.board.cancel(ended)
            let whole = try await world.file()
            try await many("behind")
            let board = world.board
            #expect(try await board.jobs(unfinished: true, in: .default, limit: 5).map(\.id) == [first])
            #expect(try await board.jobs(unfinished: false, in: .default, limit: 5).map(\.id) == [ended, first])
            #expect(try await board.jobs(unfinished: false, in: .default, limit: 1).map(\.id) == [ended])
            let nobody = try Workspace("nobody")
            #expect(try await board.jobs(unfinished: false, in: nobody, limit: 5).isEmpty)
            let all = try await board.jobs(unfinished: true, limit: 99)
            #expect(all.count == 14 && all.contains { $0.id == whole }, "one of all tenants is no tenant's own")
        }
    }

    @Test(arguments: Kind.available)
    func `jobs that have not ended are counted by whether somebody works at them`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            #expect(try await world.board.unfinishedJobs() == UnfinishedJobs())
            var ids: [UUID] = []
            for workflow in ["a", "b", "c", "d", "e"] {
                ids.append(try await world.file(ExecutionSelection(workflow: workflow)))
            }
            _ = try await world.board.cancel(ids[0])
            var leases: [Lease] = []
            for id in ids[1...3] {
                let lease = try await world.lease(of: id)
                #expect(try await world.board.record(.begin(total: 9), of: id, under: lease) == .recorded)
                leases.append(lease)
            }
            try await world.leases.release(leases[0])
            #expect(try await world.board.unfinishedJobs() == UnfinishedJobs(queued: 1, running: 2, orphaned: 1))
            #expect(try await world.job(ids[1]).isOrphaned)
            #expect(try await !world.job(ids[2]).isOrphaned)
            #expect(try await !world.job(ids[4]).isOrphaned)
        }
    }

    @Test(
        .enabled(if: TestDatabase.url != nil),
        arguments: [
            #"{"workflow": 7}"#, #"{"since": "yesterday"}"#, #"{"workflow": "a", "colour": "red"}"#,
            #"{"workflow": null}"#,
        ])
    func `a selection that this version does not understand in full is none`(_ text: String) async throws {
        try await TestDatabase.with { database in
            try await database.execute(
                """
                insert into lockstep.reconcile_jobs (id, selection, requested_by, requested_at, state)
                values ('0198c2f0-1a2b-7c3d-9e4f-5a6b7c8d9e01', '\(text)', 'x', now(), 'queued')
                """)
            let board = PostgresProjectionStore(pool: database.pool)
            let job = try #require(try await board.jobs(unfinished: true, limit: 1).first)
            #expect(job.selection == nil)
        }
    }

    @Test(.enabled(if: TestDatabase.url != nil))
    func `a job that ended long ago is forgotten with its lines and its lease when another one is filed`() async throws
    {
        try await TestDatabase.with { database in
            let board = PostgresProjectionStore(pool: database.pool)
            let world = World(board: board, leases: database.leases)
            var ids: [UUID] = []
            for workflow in ["a", "b"] {
                let id = try await world.file(ExecutionSelection(workflow: workflow))
                let lease = try await world.lease(of: id)
                for step in [JobStep.begin(total: 1), .look(batch()), .end(failure: nil)] {
                    _ = try await board.record(step, of: id, under: lease)
                }
                ids.append(id)
            }
            try await database.execute(
                "update lockstep.reconcile_jobs set finished_at = finished_at - interval '31 days' where id = '\(ids[0].text)'"
            )
            let next = try await world.file()
            #expect(try await board.jobs(unfinished: false, limit: 9).map(\.id) == [next, ids[1]])
            #expect(try await board.lines(of: ids[0], after: 0, limit: 9).isEmpty)
            let left = try await database.query("select name from lockstep.leases")
            let name = try left.text(0, 0)
            #expect(left.rowCount == 1 && name == ReconcilingJob.lease(of: ids[1]))
        }
    }
}
