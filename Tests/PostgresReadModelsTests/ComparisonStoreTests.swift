import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresEventStore
import ReadModels
import Testing

@testable import PostgresReadModels

/// What a cache of looks has to do, in memory and in PostgreSQL.
@Suite struct `Notes of looks` {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case inMemory = "in memory"
        case postgres = "PostgreSQL"

        static var available: [Kind] { TestDatabase.url == nil ? [.inMemory] : allCases }
        var testDescription: String { rawValue }
    }

    /// A store under test, its leases, and the way to let the read model show something.
    private struct World: Sendable {
        let store: any ComparisonStore & OpenExecutions & SelectedExecutions
        let leases: any LeaseStore
        let show: @Sendable (String, Int64, Int64) async throws -> Void
        let end: @Sendable (String) async throws -> Void

        func lease(_ holder: String = "a", of name: String = "reconciler/3") async throws -> Lease {
            guard case .granted(let lease) = try await leases.acquire(name, holder: holder, for: .seconds(60))
            else { throw CancellationError() }
            return lease
        }
    }

    private func withWorld(_ kind: Kind, _ body: @escaping @Sendable (World) async throws -> Void) async throws {
        switch kind {
        case .inMemory:
            let log = InMemoryEventStore()
            let store = InMemoryComparisons(isNewest: { log.isNewest($0) })
            try await body(
                World(
                    store: store, leases: log,
                    show: { execution, workflow, journey in
                        store.show(
                            `Notes of looks`.key(execution),
                            ComparisonNote.Ends(
                                workflow: `Notes of looks`.end(workflow), journey: `Notes of looks`.end(journey)),
                            workflow: "refund")
                    }, end: { store.end(`Notes of looks`.key($0)) }))
        case .postgres:
            try await TestDatabase.with { database in
                try await body(
                    World(
                        store: PostgresProjectionStore(pool: database.pool), leases: database.leases,
                        show: { try await database.execute(Self.shown($0, $1, $2)) },
                        end: { execution in
                            try await database.execute(
                                """
                                update lockstep_read.sync_state_v1 set workflow_over = true, journey_over = true
                                where execution_id = '\(execution)'
                                """)
                        }))
            }
        }
    }

    private static func shown(_ execution: String, _ workflow: Int64, _ journey: Int64) -> String {
        """
        insert into lockstep_read.sync_state_v1 (workspace, execution_id, workflow_seen, journey_seen, workflow_over, journey_over, moved_last,
            session_bound, first_position, last_position, updated_at, workflow_last_position, journey_last_position, workflow_id)
        values ('default', '\(execution)', true, true, false, false, 'workflow', true, 1, \(max(workflow, journey)), now(), nullif(\(workflow), 0),
            nullif(\(journey), 0), 'refund')
        on conflict (workspace, execution_id) do update set
            workflow_last_position = excluded.workflow_last_position, journey_last_position = excluded.journey_last_position
        """
    }

    private static func key(_ execution: String) -> ExecutionKey {
        ExecutionKey(workspace: .default, execution: execution)
    }

    private static func end(_ position: Int64) -> StreamEnd? {
        position > 0 ? StreamEnd(version: StreamVersion(1), position: GlobalPosition(position)) : nil
    }

    private static func moment(_ second: Int64) -> Timestamp {
        Timestamp(microseconds: 1_700_000_000_000_000 + second * 1_000_000)
    }

    private func note(
        _ execution: String, _ workflow: Int64 = 5, _ journey: Int64 = 7, differing: Int = 0, notYet: Int = 0,
        queued: Int = 1, pending: Int = 2, movement: ComparisonNote.Movement = .none, at second: Int64 = 1
    ) -> ComparisonNote {
        ComparisonNote(
            Self.key(execution), workflow: "refund",
            ends: ComparisonNote.Ends(workflow: Self.end(workflow), journey: Self.end(journey)),
            policy: ContentDigest(of: [1, 2]),
            counts: ComparisonNote.Counts(differing: differing, notYet: notYet, queued: queued, pending: pending),
            movement: movement, lookedAt: Self.moment(second))
    }

    private func write(_ notes: [ComparisonNote], _ world: World, _ lease: Lease) async throws -> Int {
        try await world.store.note(notes.map { LeasedNote($0, lane: Lane(3), under: lease) })
    }

    @Test(arguments: Kind.available)
    func `a note comes back as it was written, and the last one of an execution stays`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            var first = note("run-1", 0, 9)
            first.workflow = nil
            first.ends.ledger = Self.end(11)
            #expect(try await write([first], world, lease) == 1)
            #expect(try await world.store.notes(of: [Self.key("run-1"), Self.key("other")]) == [first.key: first])
            var last = note("run-1", 3, 9, differing: 4, notYet: 3)
            last.ends.ledger = Self.end(11)
            #expect(try await write([note("run-1"), last, note("run-2")], world, lease) == 2)
            #expect(try await world.store.notes(of: [first.key])[first.key] == last)
            #expect(try await write([], world, lease) == 0)
            #expect(try await world.store.notes(of: []).isEmpty)
        }
    }

    @Test(arguments: Kind.available)
    func `what a holder notes who has lost the lease is left out, and what others note is written`(_ kind: Kind)
        async throws
    {
        try await withWorld(kind) { world in
            let (stale, other) = (try await world.lease("a"), try await world.lease("b", of: "reconciler/4"))
            let newest = try await world.lease("a")
            #expect(newest.token > stale.token)
            let notes = [
                LeasedNote(note("run-1"), lane: Lane(3), under: stale),
                LeasedNote(note("run-2"), lane: Lane(4), under: other),
                LeasedNote(note("run-3"), lane: Lane(5), under: Lease(name: "nobody", holder: "x", token: 1)),
            ]
            #expect(try await world.store.note(notes) == 1)
            #expect(
                try await world.store.notes(of: ["run-1", "run-2", "run-3"].map(Self.key)).keys.map(\.execution) == [
                    "run-2"
                ])
            #expect(try await write([note("run-1")], world, newest) == 1)
        }
    }

    @Test(arguments: Kind.available)
    func `a note that has seen less of any stream takes nothing back, by whichever right it is written`(_ kind: Kind)
        async throws
    {
        try await withWorld(kind) { world in
            let (lane, job) = (try await world.lease(), try await world.lease("b", of: "reconcile-job-1"))
            func seen(_ workflow: Int64, _ journey: Int64, _ ledger: Int64, differing: Int, at second: Int64 = 1)
                -> ComparisonNote
            {
                var note = note("run-1", workflow, journey, differing: differing, at: second)
                note.ends.ledger = Self.end(ledger)
                return note
            }
            let newest = seen(5, 7, 9, differing: 0)
            #expect(try await write([newest], world, job) == 1)
            for older in [
                seen(4, 7, 9, differing: 1, at: 9), seen(5, 6, 9, differing: 1, at: 9), seen(5, 7, 8, differing: 1),
                seen(0, 0, 0, differing: 1), seen(6, 8, 0, differing: 1),
            ] {
                #expect(try await write([older, note("run-2")], world, lane) == 1, "\(older)")
                #expect(try await world.store.notes(of: [newest.key])[newest.key] == newest)
            }
            // As much, by another policy or later: the last word stays.
            let again = seen(5, 7, 9, differing: 3, at: 2)
            #expect(try await write([again], world, lane) == 1)
            #expect(try await world.store.apart(after: nil, limit: 9).map(\.execution) == ["run-1"])
            #expect(try await write([seen(5, 7, 10, differing: 0)], world, job) == 1)
            #expect(try await world.store.apart(after: nil, limit: 9).isEmpty)
        }
    }

    @Test(arguments: Kind.available)
    func `an execution in which effects are under way is listed with those that have moved`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            for execution in ["a", "b", "c"] { try await world.show(execution, 5, 7) }
            _ = try await write(
                [note("a", pending: 0), note("b", pending: 1), note("c", movement: .stale(since: Self.moment(1)))],
                world, lease)
            #expect(try await world.store.moved(after: nil, limit: 9).map(\.execution) == ["b"])
        }
    }

    @Test(arguments: Kind.available)
    func `executions are listed that have moved since they were looked at, or that nobody has looked at`(_ kind: Kind)
        async throws
    {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            for (execution, workflow, journey) in [("a", 5, 7), ("b", 6, 7), ("c", 5, 8), ("d", 5, 0), ("e", 0, 0)] {
                try await world.show(execution, Int64(workflow), Int64(journey))
            }
            _ = try await write(["a", "b", "c", "d"].map { note($0, pending: 0) }, world, lease)
            let moved = try await world.store.moved(after: nil, limit: 10).map(\.execution)
            #expect(moved == ["b", "c", "e"])
            #expect(try await world.store.moved(after: Self.key("b"), limit: 1).map(\.execution) == ["c"])
            let all = ExecutionSelection()
            let standings = try await world.store.standings(of: all, after: nil, limit: 10)
            #expect(standings.map(\.key.execution) == ["a", "b", "c", "d", "e"])
            #expect(standings.map { $0.note != nil } == [true, false, false, true, false])
            #expect(standings.first?.note == note("a", pending: 0))
            #expect(
                try await world.store.standings(of: all, after: Self.key("c"), limit: 1).map(\.key.execution) == ["d"])
        }
    }

    @Test(arguments: Kind.available)
    func `executions are selected by tenant, workflow and time, and come with notes that are current`(_ kind: Kind)
        async throws
    {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            for execution in ["a", "b", "c"] { try await world.show(execution, 5, 7) }
            try await world.show("moved", 6, 7)
            _ = try await write(["b", "moved"].map { note($0) }, world, lease)
            let all = ExecutionSelection()
            #expect(try await world.store.count(of: all) == 4)
            let page = try await world.store.standings(of: all, after: Self.key("a"), limit: 3)
            #expect(page.map(\.key.execution) == ["b", "c", "moved"])
            #expect(page.map { $0.note != nil } == [true, false, false])
            #expect(
                try await world.store.standings(of: all, after: Self.key("c"), limit: 1).map(\.key.execution) == [
                    "moved"
                ])
            #expect(try await world.store.standings(of: all, after: Self.key("moved"), limit: 1).isEmpty)
            let past = Timestamp(microseconds: 1_600_000_000_000_000)
            for (selection, count) in [
                (ExecutionSelection(workspace: .default), 4),
                (ExecutionSelection(workspace: try Workspace("other")), 0),
                (ExecutionSelection(workflow: "refund"), 4), (ExecutionSelection(workflow: "refun"), 0),
                (ExecutionSelection(workflow: "' or true --"), 0), (ExecutionSelection(since: past), 4),
                (ExecutionSelection(since: .latest), 0),
                (ExecutionSelection(workspace: .default, workflow: "refund", since: past), 4),
            ] {
                #expect(try await world.store.count(of: selection) == Int64(count), "\(selection)")
                #expect(
                    try await world.store.standings(of: selection, after: nil, limit: 9).count == count, "\(selection)")
            }
        }
    }

    @Test(arguments: Kind.available)
    func `what rests is counted by the policy that was applied, and the others are listed`(_ kind: Kind) async throws {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            for execution in ["a", "b", "c", "d", "early"] { try await world.show(execution, 5, 7) }
            try await world.show("moved", 6, 7)
            try await world.show("unseen", 5, 7)
            func calm(_ execution: String) -> ComparisonNote {
                var note = note(execution)
                note.counts = ComparisonNote.Counts()
                return note
            }
            // What waits for somebody whom to tell does not rest: it differs.
            let early = note("early", notYet: 1, queued: 0, pending: 0)
            _ = try await write(["a", "b", "moved"].map(calm) + [note("c"), early], world, lease)
            var other = calm("d")
            other.policy = ContentDigest(of: [2])
            _ = try await write([other], world, lease)
            func others(_ rest: [Rest], of selection: ExecutionSelection = ExecutionSelection()) async throws
                -> [String]
            {
                try await world.store.executions(of: selection, besides: rest, after: nil, limit: 9).map(\.execution)
            }
            let rest = try await world.store.rest(of: ExecutionSelection()).sorted { $0.executions > $1.executions }
            #expect(rest.map(\.executions) == [2, 1])
            #expect(rest.first?.policy == note("a").policy && rest.last?.policy == other.policy)
            #expect(rest.map(\.workflow) == [note("a").workflow, note("a").workflow])
            #expect(try await others(rest) == ["c", "early", "moved", "unseen"])
            #expect(try await others(Array(rest.prefix(1))) == ["c", "d", "early", "moved", "unseen"])
            #expect(try await others([]) == ["a", "b", "c", "d", "early", "moved", "unseen"])
            #expect(
                try await world.store.executions(
                    of: ExecutionSelection(), besides: rest, after: Self.key("early"), limit: 1
                )
                .map(\.execution) == ["moved"])
            let nobody = ExecutionSelection(workflow: "elsewhere")
            #expect(try await world.store.rest(of: nobody).isEmpty)
            #expect(try await others([], of: nobody).isEmpty)
        }
    }

    @Test(arguments: Kind.available)
    func `what is apart is listed, since the first look that found it so, until a look finds it together`(_ kind: Kind)
        async throws
    {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            _ = try await write(
                [note("a", differing: 2, at: 1), note("b"), note("c", differing: 2, at: 2)], world, lease)
            _ = try await write([note("a", differing: 3, at: 9)], world, lease)
            #expect(try await world.store.apart(after: nil, limit: 10).map(\.execution) == ["a", "c"])
            #expect(try await world.store.apart(after: Self.key("a"), limit: 10).map(\.execution) == ["c"])
            let drift = try #require(try await world.store.drift().first)
            #expect(drift.executions == 2 && drift.fields == 5 && drift.queued == 2 && drift.pending == 4)
            // The second one is a second younger.
            let expected: Duration = drift.oldest * 2 - Duration.seconds(1)
            #expect((expected - .milliseconds(1)...expected + .milliseconds(1)).contains(drift.total))
            _ = try await write([note("a"), note("c")], world, lease)
            #expect(try await world.store.apart(after: nil, limit: 10).isEmpty)
            // Whoever measures it sees that nothing is apart, and not that nothing is known.
            let none = try #require(try await world.store.drift().first)
            #expect(
                none == Drift(.default, executions: 0, fields: 0, queued: 0, pending: 0, oldest: .zero, total: .zero))
            #expect(none.isNone && !drift.isNone)
        }
    }

    @Test(arguments: Kind.available)
    func `what waits for nobody but a person is apart, and is not looked at again and again`(_ kind: Kind) async throws
    {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            _ = try await write(
                [
                    note("a", differing: 1, pending: 0), note("b", differing: 2, pending: 0),
                    note("c", differing: 1, queued: 0, pending: 0), note("d", differing: 1, queued: 2, pending: 0),
                ], world, lease)
            #expect(try await world.store.apart(after: nil, limit: 10).map(\.execution) == ["b", "c"])
            #expect(try await world.store.apart(after: nil, limit: 1).map(\.execution) == ["b"])
            #expect(try await world.store.drift().map(\.executions) == [4])
        }
    }

    @Test(arguments: Kind.available)
    func
        `an execution that is over is open while a conflict waits or an effect is under way, and as long as it is not stale`(
            _ kind: Kind
        ) async throws
    {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            let over = ["asked", "busy", "calm", "left", "unseen"]
            for execution in over + ["open", "waits"] { try await world.show(execution, 5, 7) }
            for execution in over { try await world.end(execution) }
            let left = note("left", differing: 1, pending: 0, movement: .stale(since: Self.moment(1)))
            _ = try await write(
                [
                    note("asked", differing: 1, pending: 0, movement: .since(Self.moment(1))),
                    note("busy", queued: 0, pending: 1), note("calm", queued: 0, pending: 0), left,
                    note("open", queued: 0, pending: 0), note("waits", pending: 0), note("hidden", pending: 1),
                ], world, lease)
            // Whoever is not in the read model yet is under way all the same.
            #expect(
                try await world.store.open(after: nil, limit: 9).map(\.execution) == [
                    "asked", "busy", "hidden", "open", "waits",
                ])
            #expect(try await world.store.moved(after: nil, limit: 9).map(\.execution) == ["busy", "hidden"])
            let all = ExecutionSelection(workspace: .default, workflow: "refund", since: Self.moment(0))
            #expect(try await world.store.count(of: all) == 4)
            let listed = ["asked", "busy", "open", "waits"]
            #expect(
                try await world.store.executions(of: all, besides: [], after: nil, limit: 9).map(\.execution) == listed)
            let rest = try await world.store.rest(of: all)
            #expect(rest.map(\.executions) == [1])
            #expect(
                try await world.store.executions(of: all, besides: rest, after: nil, limit: 9).map(\.execution) == [
                    "asked", "busy", "waits",
                ])
            for (withStale, names) in [(false, listed), (true, ["asked", "busy", "left", "open", "waits"])] {
                for limit in 1...9 {
                    var (paged, last) = ([String](), ExecutionKey?.none)
                    repeat {
                        let page = try await world.store.standings(
                            of: all, withStale: withStale, after: last, limit: limit)
                        #expect(page.count <= limit && page.allSatisfy { $0.note != nil })
                        paged += page.map(\.key.execution)
                        last = page.last?.key
                    } while last != nil
                    #expect(paged == names, "in pages of \(limit)")
                }
            }
            for nobody in [ExecutionSelection(workflow: "other"), ExecutionSelection(since: .latest)] {
                #expect(try await world.store.standings(of: nobody, withStale: true, after: nil, limit: 9).isEmpty)
                #expect(try await world.store.count(of: nobody) == 0)
            }
            // It has gone on since somebody looked: it is listed by what was known, and looked at.
            try await world.show("asked", 6, 7)
            try await world.end("asked")
            let standings = try await world.store.standings(of: all, after: nil, limit: 9)
            #expect(standings.map(\.key.execution) == listed && standings.first?.note == nil)
            // Nobody waits any more.
            _ = try await write([note("asked", 6, 7, queued: 0, pending: 0)], world, lease)
            _ = try await write([note("busy", 6, 7, queued: 0, pending: 0)], world, lease)
            #expect(
                try await world.store.standings(of: all, after: nil, limit: 9).map(\.key.execution) == [
                    "open", "waits",
                ])
        }
    }

    @Test(arguments: Kind.available)
    func `drift and stale executions are told by workspace, of all in which anything was looked at`(_ kind: Kind)
        async throws
    {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            #expect(try await world.store.drift().isEmpty)
            #expect(try await world.store.stale().isEmpty)
            func note(_ workspace: String, _ execution: String, differing: Int, isStale: Bool = false) throws
                -> ComparisonNote
            {
                let movement = isStale ? ComparisonNote.Movement.stale(since: Self.moment(1)) : .none
                var note = self.note(execution, differing: differing, pending: 0, movement: movement)
                note.key = ExecutionKey(workspace: try Workspace(workspace), execution: execution)
                return note
            }
            let notes = try [
                note("b", "1", differing: 2), note("b", "2", differing: 1), note("b", "3", differing: 0),
                note("a", "1", differing: 0), note("c", "1", differing: 4, isStale: true),
                note("c", "2", differing: 0, isStale: true), note("b", "4", differing: 0, isStale: true),
            ]
            #expect(try await write(notes, world, lease) == 7)
            let drift = try await world.store.drift()
            #expect(drift.map(\.workspace.rawValue) == ["a", "b", "c"])
            #expect(drift.map(\.executions) == [0, 2, 0] && drift.map(\.fields) == [0, 3, 0])
            let stale = try await world.store.stale()
            let (b, c) = (try Workspace("b"), try Workspace("c"))
            #expect(stale == [b: 1, c: 2])
        }
    }

    @Test(arguments: Kind.available)
    func `what nothing has moved in is listed, the quietest first, without what is under way, over or stale`(
        _ kind: Kind
    ) async throws {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            let limit = Self.moment(10)
            _ = try await write(
                [
                    note("late", pending: 0, movement: .since(limit.advanced(by: .microseconds(1)))),
                    note("just", pending: 0, movement: .since(limit)),
                    note("b", pending: 0, movement: .since(Self.moment(3))),
                    note("a", pending: 0, movement: .since(Self.moment(3))),
                    note("z", pending: 0, movement: .since(Self.moment(1))),
                    note("busy", movement: .since(Self.moment(1))), note("over", pending: 0),
                    note("stale", pending: 0, movement: .stale(since: Self.moment(1))),
                ], world, lease)
            let all = try await world.store.quiet(since: limit, after: nil, limit: 100)
            #expect(all.map(\.key.execution) == ["z", "a", "b", "just"])
            #expect(all.map(\.since) == [1, 3, 3, 10].map(Self.moment))
            var (paged, last) = ([QuietExecution](), QuietExecution?.none)
            repeat {
                let page = try await world.store.quiet(since: limit, after: last, limit: 2)
                #expect(page.count <= 2)
                paged += page
                last = page.last
            } while last != nil
            #expect(paged == all)
            #expect(try await world.store.quiet(since: .earliest, after: nil, limit: 100).isEmpty)
            _ = try await write([note("z", pending: 0, movement: .stale(since: Self.moment(1)))], world, lease)
            #expect(
                try await world.store.quiet(since: limit, after: nil, limit: 1).map(\.key.execution) == ["a"],
                "the limit is one at least, and what has become stale is gone")
        }
    }

    @Test(arguments: Kind.available)
    func
        `what is stale is in no list of what is to be looked at and no drift, until the read model shows that it moved`(
            _ kind: Kind
        ) async throws
    {
        try await withWorld(kind) { world in
            let lease = try await world.lease()
            for execution in ["a", "b", "c"] { try await world.show(execution, 5, 7) }
            let stale = note("a", differing: 2, movement: .stale(since: Self.moment(1)))
            _ = try await write(
                [
                    stale, note("b", differing: 1, queued: 0, pending: 0, movement: .since(Self.moment(1))),
                    note("c", movement: .stale(since: Self.moment(2))),
                ], world,
                lease)
            #expect(try await world.store.notes(of: [stale.key])[stale.key] == stale)
            #expect(try await world.store.open(after: nil, limit: 10).map(\.execution) == ["b"])
            #expect(try await world.store.apart(after: nil, limit: 10).map(\.execution) == ["b"])
            #expect(try await world.store.moved(after: nil, limit: 10).isEmpty)
            #expect(try await world.store.drift().map(\.fields) == [1])
            let standings = try await world.store.standings(
                of: ExecutionSelection(workspace: .default), withStale: true, after: nil, limit: 10)
            #expect(standings.map { $0.note?.movement.isStale } == [true, false, true])
            let last = try await world.store.standings(
                of: ExecutionSelection(), withStale: true, after: Self.key("b"), limit: 1)
            #expect(last.map(\.key.execution) == ["c"])
            #expect(
                try await world.store.standings(
                    of: ExecutionSelection(workspace: try Workspace("other")), withStale: true, after: nil, limit: 10
                ).isEmpty)
            let moving = try await world.store.standings(of: ExecutionSelection(), after: nil, limit: 10)
            #expect(moving.map(\.key.execution) == ["b"])
            try await world.show("a", 6, 7)
            try await world.show("c", 5, 8)
            #expect(try await world.store.open(after: nil, limit: 10).map(\.execution) == ["a", "b", "c"])
            #expect(try await world.store.moved(after: nil, limit: 10).map(\.execution) == ["a", "c"])
            _ = try await write([note("a", 6, 7, differing: 2, movement: .since(Self.moment(5)), at: 3)], world, lease)
            #expect(try await world.store.apart(after: nil, limit: 10).map(\.execution) == ["a", "b"])
        }
    }
}
