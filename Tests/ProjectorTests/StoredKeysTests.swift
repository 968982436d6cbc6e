import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Synchronization
import Testing

@testable import Projector

@Suite(.timeLimit(.minutes(15))) struct `Keys that a table may hold` {
    private func key(_ number: Int) -> RowKey { RowKey([.text("default"), .int(Int64(number))]) }

    @Test func `a key that is there is never missed, and few others are taken to be there`() {
        var keys = StoredKeys.none
        #expect(keys.isEmpty && !keys.mayContain(key(1)))
        for number in 0..<50_000 { keys.insert(key(number)) }
        #expect((0..<50_000).allSatisfy { keys.mayContain(key($0)) })
        #expect((50_000..<100_000).count { keys.mayContain(key($0)) } < 500)
    }

    @Test func `nothing is known of a table that somebody else has filled`() {
        var keys = StoredKeys.unknown
        #expect(!keys.isEmpty && keys.mayContain(key(1)))
        keys.insert(key(1))
        #expect(keys.mayContain(key(2)))
    }

    /// Events of a row that lie together, and rows that come back after their segment; once in one go, once interrupted.
    @Test(arguments: [1, 30], [false, true])
    func `rows are looked up, and the key is made for it, only where they may come back`(
        _ streamsAtOnce: Int, _ isInterrupted: Bool
    ) async throws {
        let rig = Rig()
        for group in 0..<90 / streamsAtOnce {
            for event in 0..<streamsAtOnce * 4 {
                let stream = StreamName(trusting: "tally-\(group)-\(event % streamsAtOnce)")
                _ = try await rig.log.append(AppendRequest([.draft("tally.up")], to: stream, expecting: .any))
            }
        }
        let views = LookedUpViews(rig.views, isInterrupted: isInterrupted)
        let job = Rebuild(
            rig.projection, log: PagedLog(base: rig.log, events: 8), views: views, leases: rig.views,
            settings: RebuildSettings(
                holder: "rebuild",
                limits: RebuildLimits(segmentEvents: 40, closeEvents: 0, alignmentPatience: .zero)))
        if isInterrupted { await #expect(throws: StoreError.cancelled) { try await job.build() } }
        let made = try await job.build().shadow.keeping(rig.projection)
        #expect(rig.views.rows(of: made.table) == (try await rig.naive()))
        let comesBack = streamsAtOnce > 1 || isInterrupted
        #expect(views.lookedUp.withLock { $0 > 0 } == comesBack)
        // It is made once more, or found to be there, when all rows are.
        #expect(views.indexed.withLock { $0 > 1 } == comesBack)
    }
}

/// Views that count what is asked of them, and of which the second load comes to nothing, once.
private final class LookedUpViews: ForwardingViews, GenerationStore {
    let base: InMemoryProjectionStore
    let lookedUp = Mutex(0)
    let indexed = Mutex(0)
    private let loads: Mutex<Int>

    init(_ base: InMemoryProjectionStore, isInterrupted: Bool) {
        self.base = base
        loads = Mutex(isInterrupted ? 2 : 0)
    }

    func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row] {
        lookedUp.withLock { $0 += keys.count }
        return try await base.rows(for: keys, in: table)
    }

    func index(_ generation: ProjectionGeneration, under lease: Lease) async throws(StoreError) {
        indexed.withLock { $0 += 1 }
        try await base.index(generation, under: lease)
    }

    func load(
        into generation: ProjectionGeneration, from previous: GlobalPosition, under lease: Lease,
        next: @escaping @Sendable () async throws -> LoadStep
    ) async throws -> ApplyAnswer {
        let isLast = loads.withLock { left in
            left -= 1
            return left == 0
        }
        if isLast { throw StoreError.cancelled }
        return try await base.load(into: generation, from: previous, under: lease, next: next)
    }
}
