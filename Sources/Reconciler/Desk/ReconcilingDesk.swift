import Conversion
import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain
import Reconciliation

/// Looks at the two sides of one execution after the other and puts on record what follows, expecting exactly the versions that were compared. When
/// either side has moved in between, nothing is stored and the look is taken again.
///
/// It sends nothing anywhere: what the sides are told is requested here, and carried out by whoever attends to effects.
public struct ReconcilingDesk<Store: EventStore>: Sendable {
    /// Who decides, in the events: a process, or a person behind a verb.
    public let actor: String
    private let store: Store
    private let shelf: PolicyShelf
    private let limits: LedgerLimits
    private let time: any Timekeeper
    private let random: any RandomSource
    private let ids: IDSource
    private let mappings: MappingMemory

    /// A desk over the streams of a store.
    ///
    /// - Parameter shelf: the policies, and what the engines can be told.
    public init(
        _ store: Store, shelf: PolicyShelf, actor: String = "reconciler", limits: LedgerLimits = LedgerLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        self.store = store
        self.shelf = shelf
        self.actor = actor
        self.limits = limits
        self.time = time
        self.random = random
        ids = IDSource(time: time, random: random)
        mappings = MappingMemory()
    }

    /// Looks at an execution and records what follows.
    ///
    /// - Parameter other: in whose name, where it is not the desk's.
    /// - Throws: ``DeskFault``.
    public func examine(_ key: ExecutionKey, actor other: String? = nil) async throws(DeskFault) -> Report {
        try await decide(key, actor: other) { look, _ in [.examine(look)] }
    }

    /// Looks at an execution and records nothing: what ``examine(_:actor:)`` would do now.
    public func preview(_ key: ExecutionKey) async throws(DeskFault) -> Report {
        let context = self.context()
        return try await fault(key) {
            let joint = handler(key)
            return try await joint.preview(context) { decisions in
                let readings = try await Readings(key, from: &decisions)
                let look = try await self.look(readings, key, joint, context)
                let examined = readings.ledger.examine(look)
                return Report(
                    key, readings, look, examined, events: examined.events, behind: readings.ledger, at: nil,
                    policy: shelf.digest(of: look.policy))
            }
        }
    }

    /// Looks at an execution and records what follows; and, if neither side has moved for that long and nothing else is to happen by itself, that it is stale.
    ///
    /// - Parameter patience: zero for never; at most ten years.
    public func examine(_ key: ExecutionKey, leavingAloneAfter patience: Duration) async throws(DeskFault) -> Report {
        try await decide(key) { look, readings in [.examine(look), .leaveAlone(look, readings.silence(patience))] }
    }

    /// Settles a conflict that waits, as a person says.
    public func settle(
        _ conflict: UUID, of key: ExecutionKey, _ choice: ReconciliationDecider.Choice
    ) async throws(DeskFault) -> Report {
        try await decide(key) { look, _ in [.settle(conflict: conflict, choice, look)] }
    }

    /// Takes a decision back.
    ///
    /// - Parameter apart: whether a side that cannot be told the other's word keeps its own, and the difference is accepted.
    public func flip(
        _ receipt: Receipt, of key: ExecutionKey, apart: Bool = false
    ) async throws(DeskFault) -> Report {
        try await decide(key) { look, _ in [.flip(receipt, look, apart: apart)] }
    }

    /// What taking a decision back would do now; nothing is recorded.
    public func previewFlip(
        _ receipt: Receipt, of key: ExecutionKey, apart: Bool = false
    ) async throws(DeskFault) -> [ReconciliationEvent] {
        let context = self.context()
        return try await fault(key) {
            let joint = handler(key)
            return try await joint.preview(context) { decisions in
                let readings = try await Readings(key, from: &decisions)
                let look = try await self.look(readings, key, joint, context)
                return try ReconciliationDecider.decide(.flip(receipt, look, apart: apart), readings.ledger)
            }
        }
    }

    /// Takes fields over for a side, or gives them back.
    public func handOver(_ handOver: HandOver, of key: ExecutionKey) async throws(DeskFault) -> Report {
        try await decide(key) { look, _ in [.handOver(handOver), .examine(look)] }
    }

    /// Records that an effect is about to be carried out, which was pending when `report` was made.
    ///
    /// - Returns: where that is on record; `nil` when it may not be carried out: somebody else was first, or it has ended.
    func send(_ pending: Ledger.Pending, by report: Report) async throws(DeskFault) -> StreamEnd? {
        let context = self.context()
        let stream = report.key.stream(ReconciliationEvent.category)
        do throws(DeskFault) {
            return try await fault(report.key) {
                let outcome = try await handler(report.key).handle(context) { decisions in
                    // What has just been looked at is not read again; whoever has written since wins.
                    decisions.take(
                        report.ledger, endingAt: report.note.ends.ledger, of: stream, by: ReconciliationDecider.self)
                    _ = try await decisions.decide(
                        [.send(effect: pending.effect.id, times: pending.times + 1, at: context.time)],
                        by: ReconciliationDecider.self, over: stream)
                    return try await decisions.state(of: stream, by: ReconciliationDecider.self).version
                }
                guard let version = outcome.answer, let position = outcome.positions?.upperBound else { return nil }
                return StreamEnd(version: version, position: position)
            }
        } catch .rejected {
            return nil
        }
    }

    /// Records that the session walks for the execution no more, because that is over. One that is over already is left alone.
    func closeSession(of key: ExecutionKey) async throws(DeskFault) {
        let context = self.context()
        try await fault(key) {
            _ = try await handler(key).handle(context) { decisions in
                _ = try await decisions.decide(
                    [.close(SessionClosing(reason: .executionEnded, at: context.time))], by: JourneySessionDecider.self,
                    over: key.stream(JourneySessionEvent.category))
            }
        }
    }

    /// Records something about an effect. One that has ended in the meantime is left alone.
    ///
    /// - Returns: whether anything was recorded.
    @discardableResult
    func record(_ command: ReconciliationDecider.Command, of key: ExecutionKey) async throws(DeskFault) -> Bool {
        let context = self.context()
        return try await fault(key) {
            let outcome = try await handler(key).handle(context) { decisions in
                try await decisions.decide(
                    [command], by: ReconciliationDecider.self, over: key.stream(ReconciliationEvent.category)
                ).events.isEmpty
            }
            return outcome.effect != .unchanged
        }
    }

    // MARK: One decision

    private func decide(
        _ key: ExecutionKey, actor other: String? = nil,
        _ commands: @escaping @Sendable (Examination, Readings) -> [ReconciliationDecider.Command]
    ) async throws(DeskFault) -> Report {
        let context = self.context(other)
        return try await fault(key) {
            let joint = handler(key)
            let outcome = try await joint.handle(context) { decisions in
                let readings = try await Readings(key, from: &decisions)
                let look = try await self.look(readings, key, joint, context)
                let (ledger, events) = try await decisions.decide(
                    commands(look, readings), by: ReconciliationDecider.self,
                    over: key.stream(ReconciliationEvent.category))
                return (readings, look, ledger, events)
            }
            let (readings, look, ledger, events) = outcome.answer
            let before = readings.ledger.examine(look)
            var report = Report(
                key, readings, look, before.events == events ? before : ledger.examine(look), events: events,
                behind: ledger, at: outcome.positions, policy: shelf.digest(of: look.policy))
            if !events.isEmpty {
                var behind = readings
                behind.ledger = ledger
                // What is decided stands, whether this can be told or not.
                let next = try? await self.look(behind, key, joint, context)
                report.isSettled = next.map { ledger.examine($0).events.isEmpty } ?? false
            }
            return report
        }
    }

    private func handler(_ key: ExecutionKey) -> JointHandler<Store> {
        JointHandler(store, workspace: key.workspace, time: time, random: random)
    }

    private func context(_ other: String? = nil) -> CommandContext {
        CommandContext(id: ids.next(), time: time.now(), actor: other ?? actor)
    }

    private func look(
        _ readings: Readings, _ key: ExecutionKey, _ joint: JointHandler<Store>, _ context: CommandContext
    ) async throws -> Examination {
        let names = try await mappings.names(readings.workflow.pin, key.workspace, joint)
        return Examination(
            sides: Comparison.Sides(
                base: readings.ledger.base, workflow: readings.workflow, journey: readings.journey, names: names),
            circumstances: Circumstances(readings.workflow, readings.journey), names: names,
            policy: shelf.policy(workspace: key.workspace, workflow: readings.workflow.workflow),
            telling: shelf.telling,
            parties: readings.parties, limits: limits, at: context.time, seed: context.id)
    }

    private func fault<R: Sendable>(
        _ key: ExecutionKey, _ body: @Sendable () async throws -> R
    ) async throws(DeskFault) -> R {
        do { return try await body() } catch { throw DeskFault(error, at: key) }
    }
}
