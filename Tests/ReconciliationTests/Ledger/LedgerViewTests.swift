import EventModel
import FoundationEssentials
import ReadModels
import Testing

@testable import Reconciliation

/// The read models of what happens between two sides are folds of the same events as the ledger.
@Suite struct LedgerViewTests {
    private func recorded(_ events: [ReconciliationEvent]) -> EventBatch {
        var builder = EventBatchBuilder()
        for (index, event) in events.enumerated() {
            let number = Int64(index) + 1
            let time = Timestamp(microseconds: 1_800_000_000_000_000 + number)
            let fixed = EventBatchBuilder.Fixed(
                position: GlobalPosition(number), version: StreamVersion(number),
                id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, UInt8(index >> 8), UInt8(index & 255))),
                kind: EventKind(
                    trustingWorkspace: "default", category: ReconciliationEvent.category, type: event.type.rawValue),
                schemaVersion: event.schemaVersion, occurredAt: time, recordedAt: time, correlationID: nil,
                causationID: nil)
            Array("reconciliation-e".utf8).withUnsafeBytes { stream in
                event.payload.compactBytes().withUnsafeBytes { data in
                    EventDraft.noMetadata.withUnsafeBytes {
                        builder.append(fixed, stream: stream, actor: nil, data: data, metadata: $0)
                    }
                }
            }
        }
        return builder.finish()
    }

    private func rows(_ projection: some Projection, _ events: EventBatch) throws -> [[String: ColumnValue]] {
        var fold = NaiveFold(projection)
        try fold.fold(events)
        return fold.rows.values.map { row in
            Dictionary(uniqueKeysWithValues: zip(projection.table.columns.map(\.name), row.values))
        }
    }

    private func ids(_ rows: [[String: ColumnValue]], where isMeant: ([String: ColumnValue]) -> Bool) -> Set<UUID> {
        Set(rows.filter(isMeant).compactMap { if case .uuid(let id)? = $0["id"] { id } else { nil } })
    }

    /// Whatever sides may do, with persons who settle and take back.
    private func live(_ seed: UInt64, _ policy: Policy) -> ModelWorld {
        var world = ModelWorld(seed: seed, policy: policy)
        for _ in 0..<60 {
            if world.chance(50) { world.act() }
            if world.chance(40) { world.report(.workflow) }
            if world.chance(40) { world.report(.journey) }
            if world.chance(50) { world.look() }
            if world.chance(20) { world.intervene() }
            if world.chance(40) { world.attend(world.chance(50) ? .workflow : .journey, badly: true) }
            if world.chance(30) { world.wait(Int64(world.random.next() % 20)) }
        }
        return world
    }

    @Test(arguments: ConvergenceTests.policies.indices)
    func `what is open in the views is what waits and what is pending in the ledger, whatever has happened`(
        _ index: Int
    ) throws {
        for seed in 0..<60 {
            let world = live(UInt64(seed), ConvergenceTests.policies[index])
            let events = recorded(world.log)
            let divergences = try rows(DivergencesProjection(), events)
            #expect(
                ids(divergences) { $0["state"] == .text("open") } == Set(world.ledger.queue.values.map(\.id)),
                "seed \(seed)")
            let accepted = ids(divergences) { $0["state"] == .text("accepted") }
            #expect(world.ledger.accepted.values.allSatisfy { accepted.contains($0.conflict ?? $0.id) }, "seed \(seed)")
            let decided = world.log.count {
                switch $0 {
                case .resolved(let receipt, _): if case .person = receipt.cause { false } else { true }
                case .conflictQueued: true
                case .divergenceAccepted(let accepted, _): accepted.conflict == nil
                default: false
                }
            }
            #expect(divergences.count == decided, "seed \(seed)")
            let effects = try rows(EffectsProjection(), events)
            #expect(
                ids(effects) { $0["ended_at"] == .null } == Set(world.ledger.pending.map(\.effect.id)), "seed \(seed)")
            #expect(
                Set(effects.compactMap { $0["id"] })
                    == Set(
                        world.log.compactMap {
                            if case .effectRequested(let effect, _) = $0 { ColumnValue.uuid(effect.id) } else { nil }
                        }), "seed \(seed)")
        }
    }
}
