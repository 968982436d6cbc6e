import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite struct `Checkpoints` {
    private static let key = ConsumerProgress.Key(consumer: "workflows", kind: "projector", version: 3, lane: 7)

    private func lease(_ store: StoreUnderTest, _ holder: String = "a") async throws -> Lease {
        guard
            case .granted(let lease) = try await store.acquire("projector/workflows", holder: holder, for: .seconds(60))
        else { throw CancellationError() }
        return lease
    }

    private func progress(_ store: StoreUnderTest, through count: Int) async throws -> ConsumerProgress {
        var progress = ConsumerProgress(of: Self.key, incarnation: try await store.head().incarnation)
        for event in try await store.readAll(EventQuery()).prefix(count) { progress.handle(event) }
        progress.state = "live"
        return progress
    }

    @Test(arguments: StoreKind.available)
    func `progress comes back as it was stored`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(3), to: "account-1", expecting: .noStream)
            #expect(try await store.progress(of: Self.key) == nil)
            #expect(try await store.allProgress().isEmpty)
            var progress = try await progress(store, through: 3)
            progress.lastError = "the 'view' is gone"
            let lease = try await lease(store)
            #expect(try await store.advance(progress, from: .start, under: lease) == .advanced)
            #expect(try await store.progress(of: Self.key) == progress)
            #expect(try await store.allProgress() == [progress])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a checkpoint moves only from where its consumer left it`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(5), to: "account-1", expecting: .noStream)
            let lease = try await lease(store)
            let (two, five) = (try await progress(store, through: 2), try await progress(store, through: 5))
            #expect(try await store.advance(two, from: .start, under: lease) == .advanced)
            #expect(try await store.advance(five, from: .start, under: lease) == .moved(actual: .init(2)))
            #expect(try await store.advance(five, from: .init(1), under: lease) == .moved(actual: .init(2)))
            #expect(try await store.progress(of: Self.key) == two)
            #expect(try await store.advance(five, from: .init(2), under: lease) == .advanced)
            #expect(try await store.progress(of: Self.key) == five)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a token that is not the newest moves nothing`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(2), to: "account-1", expecting: .noStream)
            let old = try await lease(store)
            try await store.release(old)
            let new = try await lease(store, "b")
            let progress = try await progress(store, through: 2)
            #expect(try await store.advance(progress, from: .start, under: old) == .fenced(current: new.token))
            #expect(try await store.progress(of: Self.key) == nil)
            #expect(try await store.advance(progress, from: .start, under: new) == .advanced)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a lease that was never granted moves nothing`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let progress = try await progress(store, through: 0)
            let invented = Lease(name: "nobody", holder: "x", token: 1)
            #expect(try await store.advance(progress, from: .start, under: invented) == .fenced(current: 0))
        }
    }

    @Test(arguments: StoreKind.available)
    func `of two instances at the same place exactly one moves the checkpoint`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(4), to: "account-1", expecting: .noStream)
            let lease = try await lease(store)
            let next = try await progress(store, through: 4)
            let answers = try await withThrowingTaskGroup(of: AdvanceAnswer.self) { group in
                for _ in 0..<8 { group.addTask { try await store.advance(next, from: .start, under: lease) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == .advanced } == 1)
            #expect(answers.count { $0 == .moved(actual: .init(4)) } == 7)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a publishing checkpoint comes back with its ends, and may move backwards`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(5), to: "account-1", expecting: .noStream)
            let lease = try await lease(store)
            var checkpoint = PublishingCheckpoint(
                progress: try await progress(store, through: 5), topic: "lockstep.events@1",
                ends: [Lane(0): .init(position: .init(4), offset: 17), Lane(11): .init(position: .init(5), offset: 0)])
            #expect(try await store.publishingCheckpoint(of: Self.key, topic: checkpoint.topic) == nil)
            #expect(try await store.advance(checkpoint, from: .start, under: lease) == .advanced)
            #expect(try await store.publishingCheckpoint(of: Self.key, topic: checkpoint.topic) == checkpoint)
            #expect(try await store.publishingCheckpoint(of: Self.key, topic: "lockstep.events@2") == nil)
            checkpoint.progress = try await progress(store, through: 2)
            checkpoint.ends = [Lane(11): .init(position: .init(2), offset: 0)]
            #expect(try await store.advance(checkpoint, from: .init(5), under: lease) == .advanced)
            #expect(try await store.publishingCheckpoint(of: Self.key, topic: checkpoint.topic) == checkpoint)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a publishing checkpoint is fenced and compared like any other`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(2), to: "account-1", expecting: .noStream)
            let old = try await lease(store)
            try await store.release(old)
            let new = try await lease(store, "b")
            let checkpoint = PublishingCheckpoint(
                progress: try await progress(store, through: 2), topic: "t", ends: [:])
            #expect(try await store.advance(checkpoint, from: .start, under: old) == .fenced(current: new.token))
            #expect(try await store.advance(checkpoint, from: .init(1), under: new) == .moved(actual: .start))
            let stored = try await store.publishingCheckpoint(of: Self.key, topic: "t")
            #expect(stored?.progress.position ?? .start == .start && stored?.ends.isEmpty ?? true)
        }
    }
}
