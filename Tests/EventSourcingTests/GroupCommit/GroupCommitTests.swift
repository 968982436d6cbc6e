import Dispatch
import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization
import Testing

@Suite struct `Group commit, running` {
    /// A writer whose commits wait for a go.
    private final class Gate: Sendable {
        let started = AsyncStream.makeStream(of: Int.self)
        let go = AsyncStream.makeStream(of: Void.self)
        let log = Mutex(InMemoryLog())

        func commit(_ batch: [CheckedAppend]) async -> [Result<AppendOutcome, StoreError>] {
            started.continuation.yield(batch.count)
            for await _ in go.stream { break }
            return batch.map { append in
                log.withLock { log in
                    do throws(AppendFlaw) {
                        return .success(try log.append(append, at: Timestamp(microseconds: 0)))
                    } catch {
                        return .failure(.refused(error))
                    }
                }
            }
        }
    }

    private func request(_ stream: StreamName) throws -> CheckedAppend {
        try CheckedAppend(AppendRequest([.draft()], to: stream, expecting: .noStream))
    }

    @Test func `callers share commits, a conflict is its caller's alone, and closing drains`() async throws {
        let (commits, gate) = (GroupCommit(), Gate())
        for _ in 0..<8 { gate.go.continuation.yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await commits.run(gate.commit) }
            let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { callers in
                for number in 0..<4 {
                    let append = try request(StreamName("a-\(number % 2)"))
                    callers.addTask { try await commits.append(append) }
                }
                return try await callers.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0.receipt != nil } == 2)
            commits.close()
            await #expect(throws: StoreError.cancelled) { try await commits.append(try request("a-9")) }
            try await group.waitForAll()
        }
        #expect(gate.log.withLock { $0.head } == GlobalPosition(2))
    }

    @Test func `a cancelled caller that waits leaves, one under way is waited for`() async throws {
        let (commits, gate) = (GroupCommit(limits: GroupCommitLimits(waitingAppends: 1)), Gate())
        let (first, second, third) = (try request("a-1"), try request("a-2"), try request("a-3"))
        let writer = Task { await commits.run(gate.commit) }
        let underWay = Task { try await commits.append(first) }
        var started = gate.started.stream.makeAsyncIterator()
        #expect(await started.next() == 1)
        let waiting = Task { try await commits.append(second) }
        while commits.waiting.appends == 0 { await Task.yield() }
        await #expect(throws: StoreError.overloaded(waiting: 1, limit: 1)) { try await commits.append(third) }
        underWay.cancel()
        waiting.cancel()
        await #expect(throws: StoreError.cancelled) { try await waiting.value }
        gate.go.continuation.yield()
        #expect(try await underWay.value.receipt?.first == GlobalPosition(1))
        commits.close()
        await writer.value
        #expect(gate.log.withLock { $0.head } == GlobalPosition(1))
    }

    /// One thread, first come, first served.
    private final class OneByOne: TaskExecutor {
        private let queue = DispatchQueue(label: "one-by-one")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    @Test func `callers that come again as soon as they are answered share the next commit`() async throws {
        let (callers, each) = (32, 20)
        let commits = GroupCommit()
        let gate = Gate()
        for _ in 0..<callers * each { gate.go.continuation.yield() }
        let executor = OneByOne()
        try await withTaskExecutorPreference(executor) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await commits.run(gate.commit) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for caller in 0..<callers {
                        group.addTask {
                            for number in 0..<each {
                                _ = try await commits.append(try request(StreamName("a-\(caller)x\(number)")))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                commits.close()
                try await group.waitForAll()
            }
        }
        gate.started.continuation.finish()
        let sizes = await gate.started.stream.reduce(into: []) { $0.append($1) }
        // Everybody in every commit, but for the first, which begins when the first of them comes.
        #expect(sizes.count <= each + 2, "\(sizes)")
    }
}
