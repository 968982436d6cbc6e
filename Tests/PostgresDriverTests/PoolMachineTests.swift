import Testing

@testable import PostgresDriver

@Suite("Pool machine") struct PoolMachineTests {
    private func machine(_ connections: Int, waiters: Int = 10) -> PoolMachine {
        let limits = PoolLimits(
            maxConnections: connections, maxWaiters: waiters, waitLimit: .seconds(1), idleLimit: .seconds(60))
        return PoolMachine(limits: limits, backoff: Backoff(base: .seconds(1), cap: .seconds(8)))
    }

    private func granted(_ slot: Int, holding: Bool = false) -> PoolMachine.Acquisition {
        .granted(PoolMachine.Grant(slot: slot, holdsConnection: holding))
    }

    @Test func `slots are given out up to the limit and then tasks queue`() {
        var pool = machine(2)
        #expect(pool.acquire(1) == granted(0))
        #expect(pool.acquire(2) == granted(1))
        #expect(pool.acquire(3) == .queued)
        #expect(pool.counts == (0, 2, 1))
    }

    @Test func `waiters are served in the order in which they came`() {
        var pool = machine(1)
        _ = pool.acquire(1)
        for waiter in 2...4 { #expect(pool.acquire(PoolMachine.Waiter(waiter)) == .queued) }
        for waiter in 2...4 {
            let next = pool.release(0, keepsConnection: true, at: .zero)
            #expect(
                next == .handOver(PoolMachine.Grant(slot: 0, holdsConnection: true), to: PoolMachine.Waiter(waiter)))
        }
        #expect(pool.release(0, keepsConnection: true, at: .zero) == .none)
        #expect(pool.counts == (1, 0, 0))
    }

    @Test func `nobody overtakes the queue`() {
        var pool = machine(1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        #expect(pool.acquireIfFree() == nil)
        _ = pool.release(0, keepsConnection: true, at: .zero)
        #expect(pool.acquireIfFree() == nil)
    }

    @Test func `a broken connection's slot is handed on empty`() {
        var pool = machine(1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        let next = pool.release(0, keepsConnection: false, at: .zero)
        #expect(next == .handOver(PoolMachine.Grant(slot: 0, holdsConnection: false), to: 2))
        #expect(pool.release(0, keepsConnection: false, at: .zero) == .none)
        #expect(pool.acquire(3) == granted(0))
    }

    @Test func `a waiter that gave up is passed over, and cannot give up what it has got`() {
        var pool = machine(1)
        for waiter in 1...3 { _ = pool.acquire(PoolMachine.Waiter(waiter)) }
        let answers = [pool.leave(2), pool.leave(2)]
        #expect(answers == [true, false])
        let next = pool.release(0, keepsConnection: true, at: .zero)
        #expect(next == .handOver(PoolMachine.Grant(slot: 0, holdsConnection: true), to: 3))
        let hasLeft = pool.leave(3)
        #expect(!hasLeft)
    }

    @Test func `too many waiters are refused`() {
        var pool = machine(1, waiters: 1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        #expect(pool.acquire(3) == .refused(waiting: 1))
    }

    @Test func `the most recently used connection is lent first and the oldest expires`() {
        var pool = machine(3)
        for waiter in 1...3 { _ = pool.acquire(PoolMachine.Waiter(waiter)) }
        _ = pool.release(0, keepsConnection: true, at: .seconds(0))
        _ = pool.release(1, keepsConnection: true, at: .seconds(30))
        _ = pool.release(2, keepsConnection: true, at: .seconds(50))
        #expect(pool.acquire(4) == granted(2, holding: true))
        #expect(pool.expire(at: .seconds(59)) == [])
        #expect(pool.expire(at: .seconds(60)) == [0])
        #expect(pool.expire(at: .seconds(90)) == [1])
        #expect(pool.acquire(5) == granted(1))
    }

    @Test func `a closed pool turns everyone away and is drained with the last return`() {
        var pool = machine(3)
        for waiter in 1...4 { _ = pool.acquire(PoolMachine.Waiter(waiter)) }
        _ = pool.leave(4)
        _ = pool.release(2, keepsConnection: true, at: .zero)
        let (waiters, idle) = pool.close()
        #expect(waiters == [] && idle == [2])
        #expect(pool.acquire(9) == .closed)
        #expect(!pool.isDrained)
        #expect(pool.release(0, keepsConnection: true, at: .zero) == .discard(isDrained: false))
        #expect(pool.release(1, keepsConnection: false, at: .zero) == .discard(isDrained: true))
        #expect(pool.isDrained)
    }

    @Test func `pauses after failures grow, are shared and end with success`() {
        var pool = machine(1)
        var generator = FixedGenerator()
        #expect(pool.openingDelay(at: .zero) == .zero)
        pool.openingFailed(at: .zero, using: &generator)
        let first = pool.openingDelay(at: .zero)
        pool.openingFailed(at: .seconds(10), using: &generator)
        let second = pool.openingDelay(at: .seconds(10))
        #expect(first > .zero && second > first)
        #expect(pool.openingDelay(at: .seconds(100)) == .zero)
        pool.openingSucceeded()
        #expect(pool.openingDelay(at: .seconds(10)) == .zero)
    }

    /// Random actions from a seed; what must always hold is checked after each.
    @Test(arguments: 0..<50 as Range<UInt64>) func `no slot is ever given twice and no waiter forgotten`(_ seed: UInt64)
    {
        var generator = FixedGenerator(state: seed)
        var pool = machine(3, waiters: 5)
        var held: Set<Int> = []
        var queue: [PoolMachine.Waiter] = []
        for step in 1...500 {
            let now = Duration.seconds(step)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                switch pool.acquire(PoolMachine.Waiter(step)) {
                case .granted(let grant): #expect(queue.isEmpty && held.insert(grant.slot).inserted, "seed \(seed)")
                case .queued: queue.append(PoolMachine.Waiter(step))
                case .refused: #expect(queue.count == 5)
                case .closed: Issue.record("never closed")
                }
            case 1:
                guard let slot = held.randomElement(using: &generator) else { continue }
                held.remove(slot)
                if case .handOver(let grant, let waiter) = pool.release(
                    slot, keepsConnection: .random(using: &generator), at: now)
                {
                    #expect(waiter == queue.removeFirst() && held.insert(grant.slot).inserted, "seed \(seed)")
                } else {
                    #expect(queue.isEmpty, "seed \(seed)")
                }
            case 2:
                guard let waiter = queue.randomElement(using: &generator) else { continue }
                let hasLeft = pool.leave(waiter)
                #expect(hasLeft)
                queue.removeAll { $0 == waiter }
            default: _ = pool.expire(at: now)
            }
            #expect(pool.counts.inUse == held.count && pool.counts.waiting == queue.count, "seed \(seed)")
            #expect(queue.isEmpty || held.count == 3, "seed \(seed)")
        }
    }
}

/// A generator whose numbers follow from its seed.
struct FixedGenerator: RandomNumberGenerator {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

@Suite("Backoff") struct BackoffTests {
    @Test func `waits double, are scattered over half their length and stop at the cap`() {
        var generator = FixedGenerator()
        let backoff = Backoff(base: .milliseconds(100), cap: .seconds(1))
        #expect(backoff.delay(afterFailures: 0, using: &generator) == .zero)
        for (failures, longest) in [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (64, 1000), (Int.max, 1000)] {
            for _ in 0..<50 {
                let delay = backoff.delay(afterFailures: failures, using: &generator)
                #expect(delay <= .milliseconds(longest) && delay >= .milliseconds(longest) / 2)
            }
        }
    }
}
