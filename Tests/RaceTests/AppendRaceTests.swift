import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore
import Testing

@Suite("Appends race", .enabled(if: RaceDatabase.isAvailable, "needs LOCKSTEP_DATABASE_URL"), .serialized)
struct AppendRaceTests {
    @Test func `eight writers of 64 tasks each leave no gap, and live readers see every event once in order`()
        async throws
    {
        let writers = 8
        let tasks = 64
        let each = 10
        let total = writers * tasks * each
        try await RaceDatabase.with { database in
            try await database.withStores(writers) { stores in
                try await withThrowingTaskGroup(of: [Int64]?.self) { group in
                    for store in stores.prefix(3) {
                        group.addTask { try await LiveReader(store: store).positions(until: total) }
                    }
                    for (writer, store) in stores.enumerated() {
                        for task in 0..<tasks {
                            group.addTask {
                                try await Self.write(each, to: "race-\(writer)-\(task)", in: store)
                                return nil
                            }
                        }
                    }
                    for try await seen in group {
                        if let seen { #expect(seen == Array(1...Int64(total))) }
                    }
                }
            }
            try await LogCheck.expectSound(database, events: total)
        }
    }

    private static func write(_ count: Int, to stream: String, in store: PostgresEventStore) async throws {
        let name = try StreamName(stream)
        for step in 0..<count {
            let expected: ExpectedVersion = step == 0 ? .noStream : .exactly(StreamVersion(Int64(step)))
            guard case .appended = try await store.append(AppendRequest([try draft()], to: name, expecting: expected))
            else {
                Issue.record("an append to a stream of its own met a conflict")
                return
            }
        }
    }

    @Test func `of many writers with one expectation exactly one wins, whatever their process`() async throws {
        try await RaceDatabase.with { database in
            try await database.withStores(4) { stores in
                for round in 0..<20 {
                    let stream = try StreamName("race-contended-\(round)")
                    let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { group in
                        for store in stores {
                            for _ in 0..<8 {
                                group.addTask {
                                    try await store.append(
                                        AppendRequest([try draft()], to: stream, expecting: .noStream))
                                }
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    let winners = outcomes.count { if case .appended = $0 { true } else { false } }
                    let losers = outcomes.count {
                        if case .conflict(let conflict) = $0 { conflict.actual?.rawValue == 1 } else { false }
                    }
                    #expect(winners == 1)
                    #expect(losers == outcomes.count - 1)
                }
            }
            try await LogCheck.expectSound(database, events: 20)
        }
    }

    @Test func `one request retried by everybody at once is stored once and answered alike`() async throws {
        try await RaceDatabase.with { database in
            try await database.withStores(4) { stores in
                for round in 0..<20 {
                    let request = AppendRequest(
                        [try draft(), try draft()], to: try StreamName("race-retried-\(round)"), expecting: .noStream)
                    let receipts = try await withThrowingTaskGroup(of: AppendReceipt?.self) { group in
                        for store in stores {
                            for _ in 0..<4 { group.addTask { try await store.append(request).receipt } }
                        }
                        return try await group.reduce(into: Set<AppendReceipt?>()) { $0.insert($1) }
                    }
                    #expect(receipts.count == 1)
                    #expect(receipts.first??.last.rawValue == Int64(round + 1) * 2)
                }
            }
            try await LogCheck.expectSound(database, events: 40)
        }
    }

    @Test func `conflicts and refusals inside a commit do not touch their neighbours`() async throws {
        try await RaceDatabase.with { database in
            try await database.withStore { store in
                let taken = try draft()
                _ = try await store.append(
                    AppendRequest([taken], to: try StreamName("race-taken"), expecting: .noStream))
                let outcomes = await withTaskGroup(of: String.self) { group in
                    for index in 0..<200 {
                        group.addTask { await Self.mixed(index, reusing: taken, in: store) }
                    }
                    return await group.reduce(into: [:] as [String: Int]) { $0[$1, default: 0] += 1 }
                }
                #expect(outcomes == ["appended": 50, "conflict": 50, "repeated": 50, "refused": 50])
            }
            try await LogCheck.expectSound(database, events: 51)
        }
    }

    /// Four kinds of requests, so that every commit holds some of each.
    private static func mixed(_ index: Int, reusing taken: EventDraft, in store: PostgresEventStore) async -> String {
        do {
            let own = try StreamName("race-mixed-\(index)")
            let request =
                switch index % 4 {
                case 0: AppendRequest([try draft()], to: own, expecting: .noStream)
                case 1: AppendRequest([try draft()], to: own, expecting: .streamExists)
                case 2: AppendRequest([taken], to: try StreamName("race-taken"), expecting: .noStream)
                default: AppendRequest([taken], to: own, expecting: .any)
                }
            switch try await store.append(request) {
            case .appended: return "appended"
            case .conflict: return "conflict"
            case .repeated: return "repeated"
            }
        } catch StoreError.refused(.idReused) {
            return "refused"
        } catch {
            return "\(error)"
        }
    }
}
