import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `Leases` {
    private func granted(_ answer: LeaseAnswer) throws -> Lease {
        guard case .granted(let lease) = answer else { throw Refused() }
        return lease
    }

    private struct Refused: Error {}

    /// Asks until the lease that is in force has run out.
    private func acquireOnceExpired(_ store: StoreUnderTest, _ name: String, holder: String) async throws -> Lease {
        while true {
            if case .granted(let lease) = try await store.acquire(name, holder: holder, for: .seconds(60)) {
                return lease
            }
            await Task.yield()
        }
    }

    /// A lease of a millisecond. On a busy machine it can be over before the answer is made, and is not granted then.
    private func acquireBriefly(_ store: StoreUnderTest, _ name: String, holder: String) async throws -> Lease {
        while true {
            if case .granted(let lease) = try await store.acquire(name, holder: holder, for: .milliseconds(1)) {
                return lease
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a lease has one holder, others learn who and for how long`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let lease = try granted(try await store.acquire("publisher", holder: "a", for: .seconds(600)))
            #expect(lease.name == "publisher" && lease.holder == "a" && lease.token > 0)
            guard
                case .held(let holder, let remaining) = try await store.acquire(
                    "publisher", holder: "b", for: .seconds(60))
            else { throw Refused() }
            #expect(holder == "a")
            #expect(remaining > .seconds(300) && remaining <= .seconds(600))
        }
    }

    @Test(arguments: StoreKind.available)
    func `leases of different names do not know each other`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try granted(try await store.acquire("publisher", holder: "a", for: .seconds(60)))
            _ = try granted(
                try await store.acquire("'; drop table lockstep.leases; --", holder: "b", for: .seconds(60)))
        }
    }

    @Test(arguments: StoreKind.available)
    func `the token grows with every grant: to another, to the same, after a release`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let first = try granted(try await store.acquire("publisher", holder: "a", for: .seconds(60)))
            let again = try granted(try await store.acquire("publisher", holder: "a", for: .seconds(60)))
            try await store.release(again)
            let other = try await acquireBriefly(store, "publisher", holder: "b")
            let late = try await acquireOnceExpired(store, "publisher", holder: "c")
            let tokens = [first.token, again.token, other.token, late.token]
            #expect(tokens == tokens.sorted() && Set(tokens).count == 4)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a lease that went to another cannot be renewed or released by the old holder`(_ kind: StoreKind) async throws
    {
        try await kind.withStore { store in
            let old = try await acquireBriefly(store, "publisher", holder: "a")
            let new = try await acquireOnceExpired(store, "publisher", holder: "b")
            #expect(try await store.renew(old, for: .seconds(60)) == false)
            try await store.release(old)
            guard case .held("b", _) = try await store.acquire("publisher", holder: "a", for: .seconds(60)) else {
                throw Refused()
            }
            #expect(try await store.renew(new, for: .seconds(60)))
        }
    }

    @Test(arguments: StoreKind.available)
    func `renewing extends a lease`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let lease = try granted(try await store.acquire("publisher", holder: "a", for: .seconds(60)))
            #expect(try await store.renew(lease, for: .seconds(600)))
            guard case .held("a", let remaining) = try await store.acquire("publisher", holder: "b", for: .seconds(1))
            else {
                throw Refused()
            }
            #expect(remaining > .seconds(300))
        }
    }

    @Test(arguments: StoreKind.available)
    func `of many who ask at once exactly one is granted`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let answers = try await withThrowingTaskGroup(of: LeaseAnswer.self) { group in
                for holder in 0..<12 {
                    group.addTask { try await store.acquire("publisher", holder: "\(holder)", for: .seconds(60)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { if case .granted = $0 { true } else { false } } == 1)
        }
    }
}
