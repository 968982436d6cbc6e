import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `Holding a lease` {
    private static let timing = LeaseTiming(
        duration: .seconds(10), renewInterval: .seconds(3), retryInterval: .seconds(1))

    @Test func `work runs under the lease, which is given up afterwards`() async throws {
        let time = ManualTimekeeper()
        let store = InMemoryEventStore(time: time)
        let keeper = LeaseKeeper(store: store, holder: "a", time: time, timing: Self.timing)
        let token = try await keeper.hold("role") { $0.token }
        #expect(token == 1)
        #expect(
            try await store.acquire("role", holder: "b", for: .seconds(1))
                == .granted(Lease(name: "role", holder: "b", token: 2)))
    }

    @Test func `every turn has a token of its own, and the last one gives the lease up`() async throws {
        let time = ManualTimekeeper()
        let store = InMemoryEventStore(time: time)
        let keeper = LeaseKeeper(store: store, holder: "a", time: time, timing: Self.timing)
        let last = try await keeper.hold(
            "role",
            inTurns: { lease -> Int64? in
                guard case .held(by: "a", _) = try await store.acquire("role", holder: "b", for: .seconds(1)) else {
                    Issue.record("somebody else was granted the lease within a turn")
                    return 0
                }
                return lease.token < 3 ? nil : lease.token
            })
        #expect(last == 3)
        #expect(
            try await store.acquire("role", holder: "b", for: .seconds(1))
                == .granted(Lease(name: "role", holder: "b", token: 4)))
    }

    @Test func `who fails in a later turn gives the lease up`() async throws {
        struct Trouble: Error {}
        let time = ManualTimekeeper()
        let store = InMemoryEventStore(time: time)
        let keeper = LeaseKeeper(store: store, holder: "a", time: time, timing: Self.timing)
        await #expect(throws: Trouble.self) {
            try await keeper.hold(
                "role",
                inTurns: { lease -> Bool? in
                    guard lease.token < 2 else { throw Trouble() }
                    return nil
                })
        }
        #expect(
            try await store.acquire("role", holder: "b", for: .seconds(1))
                == .granted(Lease(name: "role", holder: "b", token: 3)))
    }

    @Test func `a lease that is free is held while the work runs, and one that somebody has is left alone`()
        async throws
    {
        struct Trouble: Error {}
        let time = ManualTimekeeper()
        let store = InMemoryEventStore(time: time)
        let keeper = LeaseKeeper(store: store, holder: "a", time: time, timing: Self.timing)
        let other = LeaseKeeper(store: store, holder: "b", time: time, timing: Self.timing)
        let held = try await keeper.holdIfFree("role") { lease in
            let taken = try await other.holdIfFree("role") { $0.token }
            #expect(taken == nil)
            return lease.token
        }
        #expect(held == 1)
        await #expect(throws: Trouble.self) {
            _ = try await other.holdIfFree("role") { _ -> Bool in throw Trouble() }
        }
        let next = try await keeper.holdIfFree("role") { $0.token }
        #expect(next == 3)
    }

    @Test func `who is cancelled gives the lease up at once`() async throws {
        let time = ManualTimekeeper()
        let store = InMemoryEventStore(time: time)
        let keeper = LeaseKeeper(store: store, holder: "a", time: time, timing: Self.timing)
        for name in 0..<50 {
            let working = Task {
                try await keeper.holdIfFree("\(name)") { _ in try await time.sleep(for: .seconds(3_600)) }
            }
            await time.waitForSleepers(2)
            working.cancel()
            await #expect(throws: CancellationError.self) { try await working.value }
            #expect(store.holder(of: "\(name)") == nil)
        }
    }

    @Test func `a holder that renews keeps the lease for longer than it lasts`() async throws {
        let time = ManualTimekeeper()
        let store = InMemoryEventStore(time: time)
        let keeper = LeaseKeeper(store: store, holder: "a", time: time, timing: Self.timing)
        let end = AsyncStream.makeStream(of: Void.self)
        let holding = Task {
            try await keeper.hold("role") { _ in
                for await _ in end.stream {}
                return true
            }
        }
        for _ in 0..<10 {
            await time.waitForSleepers(1)
            time.advanceToNextSleeper()
        }
        await time.waitForSleepers(1)
        #expect(time.steady() == .seconds(30))
        guard case .held(by: "a", _) = try await store.acquire("role", holder: "b", for: .seconds(1)) else {
            Issue.record("the lease was lost")
            return
        }
        end.continuation.finish()
        #expect(try await holding.value == true)
    }

    @Test func `a holder that lost the lease is cancelled, and its work answers nothing`() async throws {
        let time = ManualTimekeeper()
        let store = InMemoryEventStore(time: time)
        let keeper = LeaseKeeper(store: store, holder: "a", time: time, timing: Self.timing)
        let holding = Task {
            try await keeper.hold("role") { _ in
                for await _ in AsyncStream.makeStream(of: Void.self).stream {}
                return Task.isCancelled
            }
        }
        await time.waitForSleepers(1)
        // Somebody of the same name takes over, as after a restart: the old token cannot be renewed.
        _ = try await store.acquire("role", holder: "a", for: .seconds(60))
        time.advance(by: .seconds(3))
        #expect(try await holding.value == nil)
        guard case .held(by: "a", _) = try await store.acquire("role", holder: "b", for: .seconds(1)) else {
            Issue.record("the loser gave up a lease that was not its own")
            return
        }
    }

    @Test func `who waits is granted the lease when it runs out, and learns who had it`() async throws {
        let time = ManualTimekeeper()
        let store = InMemoryEventStore(time: time)
        _ = try await store.acquire("role", holder: "other", for: .seconds(10))
        let keeper = LeaseKeeper(store: store, holder: "a", time: time, timing: Self.timing)
        let names = AsyncStream.makeStream(of: String.self)
        let holding = Task {
            try await keeper.hold("role", onWait: { names.continuation.yield($0) }) { $0.token }
        }
        var waits = names.stream.makeAsyncIterator()
        #expect(await waits.next() == "other")
        for _ in 0..<10 {
            await time.waitForSleepers(1)
            time.advance(by: .seconds(1))
        }
        #expect(try await holding.value == 2)
    }
}
