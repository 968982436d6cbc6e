import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Synchronization
import Testing

@testable import Projector

/// A write whose connection was lost is carried out by the server when nobody expects it any more: the checkpoint refuses it if it has moved,
/// and a retry, which moves no checkpoint, is refused by where its queue begins.
@Suite(.timeLimit(.minutes(15))) struct `Writes that come through late` {
    private let cured = TallyProjection(cured: ["broken", "untold"])

    @Test(arguments: LateViews.Moment.allCases, 0...2)
    func `change nothing twice, whichever write it is`(_ moment: LateViews.Moment, _ delay: Int) async throws {
        var apply = 1
        while try await surviving(late: apply, by: delay, moment) { apply += 1 }
        #expect(apply > 5, "the run was too short to prove anything")
    }

    /// Parks, retries and follows, while one write comes through so many writes later.
    ///
    /// - Returns: whether so many writes were made.
    private func surviving(late apply: Int, by delay: Int, _ moment: LateViews.Moment) async throws -> Bool {
        let rig = Rig()
        // Queues of several parts, and little else to do: the checkpoint alone would not notice.
        let special = [0: "tally.broken", 2: "tally.untold"]
        try await rig.append((0..<24).map { special[$0] ?? "tally.up" })
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(24)) }
        try await rig.append(["tally.up", "tally.broken"], streams: 2)
        _ = try await rig.views.requestRetry(of: nil, of: rig.key, by: "ada")
        let views = LateViews(rig.views, late: apply, by: delay, moment)
        let end = GlobalPosition(26)
        try await running(rig.projector(cured, log: rig.log, views: views, batch: 2...2)) {
            try await rig.unpark()
            try await rig.reach(end)
            // What is still on its way comes now.
            views.release()
            try await rig.append(["tally.up", "tally.up", "tally.up"])
            try await rig.reach(GlobalPosition(29))
        }
        #expect(
            rig.views.rows(of: rig.projection.table) == (try await rig.naive(cured)),
            "write \(apply), \(delay) later, at \(moment)")
        #expect(
            try await rig.views.progress(of: rig.key) == rig.progress(through: GlobalPosition(29), state: .live),
            "write \(apply), \(delay) later, at \(moment)")
        return views.wasLate
    }
}

/// Views that carry one write out late, and answer that nobody knows whether it was.
final class LateViews: ForwardingViews {
    /// Behind which call it is carried out.
    enum Moment: CaseIterable, Sendable {
        case apply, progress, rows, parkedKeys, queue, request
    }

    private struct State {
        var applies = 0
        var pending: (@Sendable () async -> Void)?
        var remaining = 0
        var wasLate = false
    }

    let base: InMemoryProjectionStore
    private let number: Int
    private let delay: Int
    private let moment: Moment
    private let state = Mutex(State())

    init(_ base: InMemoryProjectionStore, late number: Int, by delay: Int, _ moment: Moment) {
        self.moment = moment
        self.base = base
        self.number = number
        self.delay = delay
    }

    var wasLate: Bool { state.withLock { $0.wasLate } }

    /// Lets what waits go with the next call.
    func release() { state.withLock { $0.remaining = 0 } }

    private func arrive(at call: Moment) async {
        guard call == moment else { return }
        let due = state.withLock { state -> (@Sendable () async -> Void)? in
            guard let pending = state.pending, state.remaining <= 0 else {
                state.remaining -= 1
                return nil
            }
            state.pending = nil
            return pending
        }
        await due?()
    }

    func apply(
        _ changes: RowChanges, moving moves: [CheckpointMove]
    ) async throws(StoreError) -> ApplyAnswer {
        let base = base
        let isLate = state.withLock { state in
            state.applies += 1
            guard state.applies == number else { return false }
            state.wasLate = true
            state.remaining = delay
            state.pending = {
                _ = try? await base.apply(changes, moving: moves)
            }
            return true
        }
        guard !isLate else { throw .unknownOutcome(reason: "late") }
        let answer = try await base.apply(changes, moving: moves)
        await arrive(at: .apply)
        return answer
    }

    func progress(of keys: [ConsumerProgress.Key]) async throws(StoreError) -> [ConsumerProgress] {
        let progress = try await base.progress(of: keys)
        await arrive(at: .progress)
        return progress
    }
    func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row] {
        let rows = try await base.rows(for: keys, in: table)
        await arrive(at: .rows)
        return rows
    }
    func parkedKeys(
        of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int
    ) async throws(StoreError) -> [ParkedKey] {
        let keys = try await base.parkedKeys(of: consumer, after: key, limit: limit)
        await arrive(at: .parkedKeys)
        return keys
    }
    func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) async throws(StoreError) -> [GlobalPosition] {
        let positions = try await base.queue(of: key, of: consumer, after: position, limit: limit)
        await arrive(at: .queue)
        return positions
    }
    func nextRetry(of consumers: [ConsumerProgress.Key]) async throws(StoreError) -> RequestedRetry? {
        let key = try await base.nextRetry(of: consumers)
        await arrive(at: .request)
        return key
    }
}
