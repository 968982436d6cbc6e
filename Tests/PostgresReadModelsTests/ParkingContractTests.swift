import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import ReadModels
import Testing

/// What both stores promise about parked keys.
@Suite struct `Parked keys of a projection store` {
    private static let table = TallyProjection().table
    private let consumer = ConsumerProgress.Key(of: TallyProjection())
    private let incarnation = UUID()

    private func lease(_ leases: any LeaseStore, holder: String = "one") async throws -> Lease {
        guard
            case .granted(let lease) = try await leases.acquire(
                "projector/tally/v1", holder: holder, for: .seconds(600))
        else { throw StoreError.failed(reason: "the lease is held") }
        return lease
    }

    private func progress(_ position: Int64) -> ConsumerProgress {
        var progress = ConsumerProgress(of: consumer, incarnation: incarnation)
        progress.position = GlobalPosition(position)
        return progress
    }

    private func failure(_ position: Int64, _ cause: String = "why") -> ParkingFailure {
        ParkingFailure(
            position: GlobalPosition(position), type: EventType(trusting: "tally.broken"),
            eventID: SequentialIDs.id(UInt64(position)), cause: cause)
    }

    private let keys = ["é – \"\\ 😀", "e\u{301} – \"\\ 😀", "a\u{0}b"].map { ParkingKey(row: RowKey([.text($0)])) }
    private let whole = ParkingKey(text: #"sync:["default","1"]"#)

    /// Applies changes that only park, from a position to the next.
    private func apply(
        _ parking: ParkingChanges, _ positions: (Int64, Int64), in store: any ProjectionStore, under lease: Lease
    ) async throws -> ApplyAnswer {
        try await store.apply(
            RowChanges(to: Self.table), progress(positions.1), parking: parking, from: GlobalPosition(positions.0),
            under: lease)
    }

    private func parking(_ body: (inout ParkingChanges) -> Void) -> ParkingChanges {
        var changes = ParkingChanges()
        body(&changes)
        return changes
    }

    private func queue(_ key: ParkingKey, in store: any ProjectionStore) async throws -> [Int64] {
        try await store.queue(of: key, of: consumer, after: .start, limit: 100).map(\.rawValue)
    }

    @Test(arguments: StoreUnderTest.available)
    func `keys come back as they were parked, with what waits, in order`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            let first = parking { changes in
                for (index, key) in keys.enumerated() {
                    changes.park(key, in: whole, for: failure(Int64(index + 1), "– \u{0} 'why' \"\\"))
                }
                changes.queue(GlobalPosition(5), behind: keys[0])
            }
            #expect(try await apply(first, (0, 6), in: store, under: lease) == .advanced)
            let second = parking { $0.queue(GlobalPosition(9), behind: keys[0]) }
            #expect(try await apply(second, (6, 9), in: store, under: lease) == .advanced)
            let all = try await store.allParkedKeys(of: consumer)
            #expect(all.map(\.key) == keys.sorted())
            #expect(all.allSatisfy { $0.scope == whole && $0.request == nil && $0.tries == 1 })
            let parked = try #require(try await store.parkedKey(keys[0], of: consumer))
            #expect(parked.failure == failure(1, "–   'why' \"\\") && parked.queued == 3 && parked.first.rawValue == 1)
            #expect(try await queue(keys[0], in: store) == [1, 5, 9])
            #expect(
                try await store.queue(of: keys[0], of: consumer, after: GlobalPosition(1), limit: 1).map(\.rawValue)
                    == [5])
            #expect(
                try await store.parkedKeys(of: consumer, after: keys.sorted()[0], limit: 1).map(\.key)
                    == [keys.sorted()[1]])
            var other = consumer
            other.version = 2
            #expect(try await store.allParkedKeys(of: other).isEmpty)
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `whoever is fenced or behind parks nothing`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let old = try await lease(leases)
            _ = try await apply(parking { $0.park(keys[0], in: whole, for: failure(1)) }, (0, 1), in: store, under: old)
            let new = try await lease(leases)
            let more = parking { $0.park(keys[1], in: whole, for: failure(2)) }
            #expect(try await apply(more, (1, 2), in: store, under: old) == .fenced(current: new.token))
            #expect(try await apply(more, (0, 2), in: store, under: new) == .moved(actual: GlobalPosition(1)))
            let settled = ParkingChanges(.init(keys[0], from: GlobalPosition(1), through: GlobalPosition(1)))
            #expect(try await apply(settled, (1, 1), in: store, under: old) == .fenced(current: new.token))
            #expect(try await store.allParkedKeys(of: consumer).map(\.key) == [keys[0]])
            #expect(try await queue(keys[0], in: store) == [1])
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `waiting behind a key that is not parked is refused, with the rows`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            let changes = parking { $0.queue(GlobalPosition(1), behind: keys[0]) }
            #expect(try await apply(changes, (0, 1), in: store, under: lease) == .moved(actual: .start))
            #expect(try await store.progress(of: consumer) == nil)
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a retry takes events out from the beginning, once, and the last one ends it`(_ kind: StoreUnderTest)
        async throws
    {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            let start = parking { changes in
                changes.park(keys[0], in: whole, for: failure(2))
                for position in [4, 6, 8] { changes.queue(GlobalPosition(Int64(position)), behind: keys[0]) }
            }
            _ = try await apply(start, (0, 8), in: store, under: lease)
            #expect(try await store.requestRetry(of: nil, of: consumer, by: "ada") == 1)
            let part = ParkingChanges(.init(keys[0], from: GlobalPosition(2), through: GlobalPosition(4)))
            #expect(try await apply(part, (8, 8), in: store, under: lease) == .advanced)
            #expect(try await apply(part, (8, 8), in: store, under: lease) == .moved(actual: GlobalPosition(6)))
            let parked = try #require(try await store.parkedKey(keys[0], of: consumer))
            #expect(
                parked.first.rawValue == 6 && parked.queued == 2 && parked.request?.actor == "ada" && parked.tries == 1)
            let failed = ParkingChanges(
                .init(keys[0], from: GlobalPosition(6), through: GlobalPosition(6), failure: failure(8, "again")))
            #expect(try await apply(failed, (8, 8), in: store, under: lease) == .advanced)
            let again = try #require(try await store.parkedKey(keys[0], of: consumer))
            #expect(
                again.failure == failure(8, "again") && again.tries == 2 && again.request == nil && again.queued == 1)
            let last = ParkingChanges(.init(keys[0], from: GlobalPosition(8), through: GlobalPosition(8)))
            #expect(try await apply(last, (8, 8), in: store, under: lease) == .advanced)
            #expect(try await store.parkedKey(keys[0], of: consumer) == nil)
            #expect(try await queue(keys[0], in: store).isEmpty)
            #expect(try await apply(last, (8, 8), in: store, under: lease) == .moved(actual: .start))
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a sync key takes in what was parked of it, with its cause and its queue`(_ kind: StoreUnderTest) async throws
    {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            let rows = parking { changes in
                changes.park(keys[0], in: whole, for: failure(1, "first"))
                changes.park(keys[1], in: whole, for: failure(2))
                changes.queue(GlobalPosition(3), behind: keys[0])
            }
            _ = try await apply(rows, (0, 3), in: store, under: lease)
            let taking = parking { changes in
                changes.park(keys[2], in: whole, for: failure(4))
                changes.queue(GlobalPosition(5), behind: keys[0])
                changes.park(whole, in: whole, for: failure(6), taking: keys)
                changes.queue(GlobalPosition(7), behind: whole)
            }
            #expect(try await apply(taking, (3, 7), in: store, under: lease) == .advanced)
            let all = try await store.allParkedKeys(of: consumer)
            #expect(all.map(\.key) == [whole])
            #expect(all[0].failure == failure(1, "first") && all[0].first.rawValue == 1 && all[0].queued == 7)
            #expect(try await queue(whole, in: store) == [1, 2, 3, 4, 5, 6, 7])
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `requests are done in the order in which they came, and asking again changes nothing`(_ kind: StoreUnderTest)
        async throws
    {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            let start = parking { changes in
                for (index, key) in keys.enumerated() { changes.park(key, in: whole, for: failure(Int64(index + 1))) }
            }
            _ = try await apply(start, (0, 3), in: store, under: lease)
            #expect(try await store.nextRetry(of: [consumer]) == nil)
            #expect(try await store.requestRetry(of: [keys[1], whole], of: consumer, by: nil) == 1)
            let request = try #require(try await store.nextRetry(of: [consumer])).parked
            #expect(request.key == keys[1] && request.request?.skip == nil && request.request?.actor == nil)
            #expect(try await store.requestRetry(of: [keys[1]], of: consumer, by: "bob") == 1)
            #expect(try await store.nextRetry(of: [consumer])?.parked == request)
            #expect(try await store.requestRetry(of: nil, of: consumer, by: "ada") == 3)
            #expect(try await store.allParkedKeys(of: consumer).filter { $0.request?.actor == "ada" }.count == 2)
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a skip is asked for where the key stands, and is void once that was folded`(_ kind: StoreUnderTest)
        async throws
    {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            let start = parking { changes in
                changes.park(keys[0], in: whole, for: failure(1))
                changes.queue(GlobalPosition(2), behind: keys[0])
            }
            _ = try await apply(start, (0, 2), in: store, under: lease)
            let wrong = RetryRequest.Skip(GlobalPosition(2), because: "r")
            #expect(try await !store.requestSkip(of: keys[0], of: consumer, wrong, by: "ada"))
            #expect(try await !store.requestSkip(of: keys[1], of: consumer, wrong, by: "ada"))
            let skip = RetryRequest.Skip(GlobalPosition(1), because: "é")
            #expect(try await store.requestSkip(of: keys[0], of: consumer, skip, by: "ada"))
            let asked = try #require(try await store.nextRetry(of: [consumer])).parked
            #expect(asked.request?.skip == skip && asked.request?.actor == "ada")
            // A step that does not know of it would fold the event, and the log would say that it was left out.
            let ignorant = ParkingChanges(.init(keys[0], from: GlobalPosition(1), through: GlobalPosition(2)))
            #expect(try await apply(ignorant, (2, 2), in: store, under: lease) == .moved(actual: GlobalPosition(1)))
            let step = ParkingChanges(
                .init(keys[0], from: GlobalPosition(1), through: GlobalPosition(1), skip: GlobalPosition(1)))
            #expect(try await apply(step, (2, 2), in: store, under: lease) == .advanced)
            let rest = try #require(try await store.nextRetry(of: [consumer])).parked
            #expect(rest.request != nil && rest.request?.skip == nil, "what is left is a retry")
            // The failure that is shown was folded by now: it cannot be left out any more.
            #expect(try await !store.requestSkip(of: keys[0], of: consumer, skip, by: "ada"))
        }
    }
}
