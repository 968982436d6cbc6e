import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Reconciliation
import Synchronization
import Testing

@testable import Reconciler

/// Jobs as they are worked at, over a board in memory.
@Suite(.timeLimit(.minutes(15))) struct JobRunnerTests {
    @Test(arguments: [0, 1, 2, 3, 4, 6, 7])
    func `every execution is looked at once, wherever pages end, in the name of whoever asked`(_ count: Int)
        async throws
    {
        let world = ModelJobs(executions: count)
        let id = try await world.file()
        #expect(try await world.runner().runOldest())
        let job = try await world.job(id)
        #expect(job.state == .done && job.total == Int64(count) && job.tally.executions == Int64(count))
        #expect(job.tally.underWay == Int64(count / 2) && job.tally.resolutions == Int64(count / 2))
        #expect(world.desk.looks == Dictionary(uniqueKeysWithValues: (0..<count).map { (ModelJobs.key($0), 1) }))
        #expect(count == 0 || world.desk.actors == ["ada"])
        #expect(job.startedAt != nil && job.finishedAt != nil && job.holder == nil)
        #expect(try await !world.runner().runOldest())
    }

    @Test func `lines stand in the order of the executions, however many are looked at side by side`() async throws {
        let world = ModelJobs(executions: 20)
        let id = try await world.file()
        world.desk.before { key, _ in
            guard key == ModelJobs.key(3) else { return }
            // The other look of its page that has something to say ends first.
            while world.desk.looks[ModelJobs.key(5)] == nil { await Task.yield() }
            for _ in 0..<1_000 { await Task.yield() }
        }
        #expect(try await world.runner(concurrency: 3).run(id))
        let lines = try await world.board.lines(of: id, after: 0, limit: 100)
        #expect(lines.map(\.number) == Array(1...10))
        let expected = stride(from: 1, to: 20, by: 2).map { "\"\(ModelJobs.key($0).execution)\"" }
        #expect(lines.map { String(decoding: $0.json, as: UTF8.self) } == expected)
        #expect((2...3).contains(world.desk.mostInHand))
    }

    @Test func `only what is selected is looked at`() async throws {
        let world = ModelJobs()
        let other = ExecutionKey(workspace: try Workspace("other"), execution: "run-1")
        world.listing.show(other)
        world.listing.show(ModelJobs.key(2), workflow: "refund")
        try await world.file(ExecutionSelection(workspace: other.workspace))
        try await world.file(ExecutionSelection(workspace: .default, workflow: "refund"))
        try await world.file(ExecutionSelection(since: world.time.now()))
        for _ in 0..<3 { #expect(try await world.runner().runOldest()) }
        #expect(world.desk.looks == [other: 1, ModelJobs.key(2): 1])
    }

    @Test(arguments: [false, true])
    func `a runner that is killed between any two steps is followed by one that counts every execution once`(
        _ isBehind: Bool
    ) async throws {
        for strike in 0... {
            let world = ModelJobs()
            let id = try await world.file()
            let struck = StruckBoard(world.board, at: strike, behind: isBehind)
            _ = try? await world.runner("a", board: struck, living: false).run(id)
            guard struck.wasStruck else {
                #expect(strike > 8, "it was struck too seldom to prove anything")
                return
            }
            let isLeft = try await !world.job(id).state.isOver
            // Its lease lives on for as long as it was granted.
            let isTakenTooSoon = try await world.runner("b").runOldest()
            #expect(!isTakenTooSoon, "struck at \(strike)")
            world.time.advance(by: .seconds(11))
            let isTaken = try await world.runner("b").runOldest()
            #expect(isTaken == isLeft, "struck at \(strike)")
            let job = try await world.job(id)
            #expect(job.state == .done && job.tally.executions == 7, "struck at \(strike): \(job)")
            #expect(job.tally.underWay == 3 && job.tally.converged == 4 && job.tally.lines == 3, "\(strike): \(job)")
            #expect(try await world.board.lines(of: id, after: 0, limit: 100).count == 3, "struck at \(strike)")
            let most = try #require(world.desk.looks.values.max())
            #expect(world.desk.looks.count == 7 && most <= 2, "struck at \(strike): a look was taken \(most) times")
        }
    }

    @Test(arguments: [false, true])
    func `a step whose answer is lost counts once`(_ isBehind: Bool) async throws {
        for strike in 0... {
            let world = ModelJobs()
            let id = try await world.file()
            let struck = StruckBoard(
                world.board, at: strike, behind: isBehind, by: .unknownOutcome(reason: "the connection broke"))
            let runner = world.runner(board: struck)
            #expect(try await world.passingTime { try await runner.run(id) }, "struck at \(strike)")
            let job = try await world.job(id)
            #expect(job.state == .done && job.tally.executions == 7 && job.tally.resolutions == 3, "\(strike): \(job)")
            guard struck.wasStruck else { return }
        }
    }

    @Test func `a runner that stands still and is overtaken writes nothing any more`() async throws {
        let world = ModelJobs()
        let id = try await world.file()
        let gate = Gate()
        world.desk.before { key, looks in
            if key == ModelJobs.key(4), looks == 0 { await gate.pass() }
        }
        let paused = Task { try await world.runner("a", living: false).run(id) }
        await gate.waitForVisitor()
        world.time.advance(by: .seconds(11))
        #expect(try await world.runner("b").runOldest())
        let job = try await world.job(id)
        #expect(job.state == .done && job.tally.executions == 7)
        gate.open()
        #expect(try await paused.value == false)
        #expect(try await world.job(id) == job)
    }

    @Test func `a job that is called off ends at the next page, and counts what was written before`() async throws {
        let world = ModelJobs(executions: 20)
        let id = try await world.file()
        world.desk.before { key, _ in
            if key == ModelJobs.key(4) { _ = try await world.board.cancel(id) }
        }
        #expect(try await world.runner().run(id))
        let job = try await world.job(id)
        #expect(job.state == .cancelled && job.tally.executions == 3 && job.cursor == ModelJobs.key(2))
        #expect(world.desk.looks.count == 6)
        #expect(try await !world.runner().runOldest())
    }

    @Test func `an execution that cannot be looked at is counted and named, and stops nobody else`() async throws {
        let world = ModelJobs()
        let id = try await world.file()
        world.desk.before { key, looks in
            if key == ModelJobs.key(1) { throw DeskFault.unreadable(key, reason: "of a later version") }
            if key == ModelJobs.key(2) { throw DeskFault.contended(key, attempts: 9) }
            if key == ModelJobs.key(4), looks < 2 { throw DeskFault.contended(key, attempts: 9) }
        }
        let runner = world.runner()
        #expect(try await world.passingTime { try await runner.run(id) })
        let job = try await world.job(id)
        #expect(job.state == .done && job.tally.failed == 2 && job.tally.executions == 7 && job.tally.differing == 4)
        #expect(world.desk.looks[ModelJobs.key(1)] == 1 && world.desk.looks[ModelJobs.key(2)] == 3)
        let lines = try await world.board.lines(of: id, after: 0, limit: 9).map {
            String(decoding: $0.json, as: UTF8.self)
        }
        #expect(lines == [#""run-01 failed""#, #""run-02 failed""#, #""run-03""#, #""run-05""#])
    }

    @Test func `what a job has looked at is remembered, and nothing of what it could not look at`() async throws {
        let world = ModelJobs()
        let id = try await world.file()
        world.desk.before { key, _ in
            if key == ModelJobs.key(2) { throw DeskFault.unreadable(key, reason: "of a later version") }
        }
        #expect(try await world.runner().run(id))
        let looked = Set((0..<7).map(ModelJobs.key)).subtracting([ModelJobs.key(2)])
        #expect(Set(world.listing.all.keys) == looked)
        #expect(world.listing.all[ModelJobs.key(1)]?.counts.differing == 1)
        #expect(try await world.listing.moved(after: nil, limit: 9) == [ModelJobs.key(2)])
    }

    @Test func `a runner that was overtaken while it looked leaves no note`() async throws {
        let world = ModelJobs()
        let id = try await world.file()
        let gate = Gate()
        world.desk.before { key, looks in
            if key == ModelJobs.key(4), looks == 0 { await gate.pass() }
        }
        let paused = Task { try await world.runner("a", living: false).run(id) }
        await gate.waitForVisitor()
        world.time.advance(by: .seconds(11))
        #expect(try await world.runner("b").runOldest())
        // The second look at it was the other one's, and says so.
        #expect(world.listing.all[ModelJobs.key(4)]?.lookedAt == Timestamp(microseconds: 1))
        gate.open()
        #expect(try await paused.value == false)
        #expect(world.listing.all[ModelJobs.key(4)]?.lookedAt == Timestamp(microseconds: 1))
    }

    @Test(arguments: [StoreError.unavailable(reason: "no connection"), .failed(reason: "the disk is full")])
    func `a job goes on where nothing can be remembered`(_ fault: StoreError) async throws {
        let world = ModelJobs()
        let id = try await world.file()
        let refusing = RefusingComparisons(world.listing, by: fault)
        #expect(try await world.runner(remembering: refusing).run(id))
        #expect(try await world.job(id).tally.executions == 7)
        #expect(refusing.refusals == 3 && world.listing.all.isEmpty)
    }

    @Test func `a log that is away is waited for, and nothing is counted as failed`() async throws {
        let world = ModelJobs()
        let id = try await world.file()
        world.desk.before { _, looks in if looks < 5 { throw DeskFault.store(.unavailable(reason: "no connection")) } }
        let runner = world.runner()
        #expect(try await world.passingTime { try await runner.run(id) })
        let job = try await world.job(id)
        #expect(job.state == .done && job.tally.failed == 0 && job.tally.executions == 7)
    }

    @Test func `a job at which nobody could look at anything fails with the reason, and the next one is taken`()
        async throws
    {
        let world = ModelJobs()
        let id = try await world.file()
        world.desk.before { _, _ in throw DeskFault.store(.schemaMismatch(found: 19, needed: 20)) }
        #expect(try await world.runner().runOldest())
        let job = try await world.job(id)
        #expect(job.state == .failed && job.lastError?.contains("schema version 19") == true)
        world.desk.before { _, _ in }
        let next = try await world.file()
        #expect(try await world.runner().runOldest())
        #expect(try await world.job(next).state == .done)
    }

    @Test func `a full disk ends a job where it is, and all that was not looked at is left`() async throws {
        let world = ModelJobs()
        let id = try await world.file()
        world.desk.before { _, _ in throw DeskFault.store(.failed(reason: "could not extend file")) }
        let runner = world.runner()
        #expect(try await world.passingTime { try await runner.run(id) })
        let job = try await world.job(id)
        #expect(job.state == .failed && job.lastError?.contains("could not extend file") == true)
        #expect(job.tally.executions == 0 && job.cursor == nil, "nobody has looked at them")
        #expect(world.desk.looks.count < 7 * JobLimits().attempts + 1)
    }

    @Test func `a board that refuses does not end what runs beside the jobs, and is asked again`() async throws {
        let world = ModelJobs()
        let id = try await world.file()
        let board = StruckBoard(world.board, at: 0, behind: false, by: .failed(reason: "permission denied"))
        let work = Task { try await world.runner(board: board).run() }
        try await world.passingTime { while try await world.job(id).state != .done { await Task.yield() } }
        #expect(board.wasStruck)
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
    }

    @Test func `a selection that cannot be read is no selection of everything`() async throws {
        let world = ModelJobs()
        let job = ReconcilingJob(UUID(), selection: nil, requestedBy: "ada", requestedAt: world.time.now())
        world.board.put(job)
        #expect(try await world.runner().runOldest())
        let ended = try await world.job(job.id)
        #expect(ended.state == .failed && ended.lastError == "another version of Lockstep has filed it")
        #expect(world.desk.looks.isEmpty)
    }

    @Test func `the oldest job comes first, and one that somebody works at is left to him`() async throws {
        let world = ModelJobs()
        var ids: [UUID] = []
        for workflow in ["a", "b", "c"] { ids.append(try await world.file(ExecutionSelection(workflow: workflow))) }
        _ = try await world.leases.acquire(ReconcilingJob.lease(of: ids[0]), holder: "other", for: .seconds(10))
        #expect(try await world.runner().runOldest())
        #expect(try await world.board.jobs(unfinished: true, limit: 9).map(\.id) == [ids[0], ids[2]])
        #expect(try await world.job(ids[0]).holder == "other")
        #expect(try await !world.runner().run(ids[0]))
        world.time.advance(by: .seconds(11))
        #expect(try await world.runner().runOldest())
        #expect(try await world.board.jobs(unfinished: true, limit: 9).map(\.id) == [ids[2]])
    }

    @Test func `a runner takes up whatever comes, until it is cancelled`() async throws {
        let world = ModelJobs()
        let runner = world.runner()
        let running = Task { try await runner.run() }
        await world.time.waitForSleepers(1)
        let id = try await world.file()
        while try await !world.job(id).state.isOver {
            world.time.advanceToNextSleeper()
            await Task.yield()
        }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(try await world.job(id).holder == nil)
    }
}

/// A place where somebody waits until it is opened.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var inside: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { visitor in
            let watchers: [CheckedContinuation<Void, Never>]? = state.withLock { state in
                guard !state.isOpen else { return nil }
                state.inside.append(visitor)
                defer { state.watchers = [] }
                return state.watchers
            }
            guard let watchers else { return visitor.resume() }
            for watcher in watchers { watcher.resume() }
        }
    }

    func waitForVisitor() async {
        await withCheckedContinuation { watcher in
            let isThere = state.withLock { state in
                if state.inside.isEmpty { state.watchers.append(watcher) }
                return !state.inside.isEmpty
            }
            if isThere { watcher.resume() }
        }
    }

    func open() {
        let inside = state.withLock { state in
            state.isOpen = true
            defer { state.inside = [] }
            return state.inside
        }
        for visitor in inside { visitor.resume() }
    }
}
