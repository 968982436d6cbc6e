import Conversion
import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain
import Reconciliation
import WorkflowDomain

/// Looks at the two sides of one execution after the other and puts on record what follows, expecting exactly the versions that were compared. When
/// either side has moved in between, nothing is stored and the look is taken again.
///
/// It sends nothing anywhere: what the sides are told is requested here, and carried out by whoever attends to effects.
public struct ReconcilingDesk<Store: EventStore>: Sendable {
    /// What a look has come to.
    public struct Report: Sendable {
        /// The execution.
        public let key: ExecutionKey
        /// What was found and held: when an execution was examined, before that was recorded; after a person's word, with it.
        public let examined: Examined
        /// What was recorded; of a preview, what would be.
        public let events: [ReconciliationEvent]
        /// What is known afterwards.
        public let ledger: Ledger
        /// What is wrong beside single fields.
        public let structure: [StructuralFinding]
        /// The workflow that the execution runs, if anybody has said.
        public let workflow: String?
        /// The session that talks for it, if one does.
        public let session: String?
        /// Where the events are; `nil` when nothing was to be recorded.
        public let positions: ClosedRange<GlobalPosition>?
        /// What is to be remembered of the look: with it nobody has to look again until something happens.
        public let note: ComparisonNote
        /// Whether another look would record nothing more, as long as nothing happens and no appointment is due.
        var isSettled = true
    }

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
                return report(
                    readings, key, look, examined, events: examined.events, behind: readings.ledger, positions: nil)
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
            var report = report(
                readings, key, look, before.events == events ? before : ledger.examine(look), events: events,
                behind: ledger, positions: outcome.positions)
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

    private func report(
        _ readings: Readings, _ key: ExecutionKey, _ look: Examination, _ examined: Examined,
        events: [ReconciliationEvent], behind ledger: Ledger, positions: ClosedRange<GlobalPosition>?
    ) -> Report {
        let note = ComparisonNote(
            key, workflow: readings.workflow.workflow?.text,
            ends: readings.ends.recording(events.count, at: positions), policy: shelf.digest(of: look.policy),
            counts: ComparisonNote.Counts(
                differing: examined.apart.count, queued: ledger.queue.count, pending: ledger.pending.count),
            movement: readings.movement(behind: ledger), lookedAt: look.at)
        return Report(
            key: key, examined: examined, events: events, ledger: ledger,
            structure: Structure.findings(
                workflow: readings.workflow, journey: readings.journey, names: look.names),
            workflow: readings.workflow.workflow?.text, session: readings.journey.session, positions: positions,
            note: note)
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

/// The streams of one execution, as they are.
private struct Readings: Sendable {
    let workflow: WorkflowSide
    let journey: JourneySide
    var ledger: Ledger
    let ends: ComparisonNote.Ends
    let parties: Parties

    init<Store: EventStore>(_ key: ExecutionKey, from decisions: inout JointDecisions<Store>) async throws {
        let streams = Streams(key)
        try await decisions.readAhead([streams.workflow, streams.journey, streams.ledger])
        workflow = try await decisions.state(of: streams.workflow, by: WorkflowSideFold.self).state
        journey = try await decisions.state(of: streams.journey, by: JourneySideFold.self).state
        ledger = try await decisions.state(of: streams.ledger, by: ReconciliationDecider.self).state
        ends = ComparisonNote.Ends(
            workflow: decisions.end(of: streams.workflow), journey: decisions.end(of: streams.journey),
            ledger: decisions.end(of: streams.ledger))
        let own = "execution:\(key.execution)"
        parties = Parties(
            workflow: workflow.subject ?? own, journey: journey.subject ?? own,
            compared: Receipt.Compared(
                workflow: ends.workflow?.version, journey: ends.journey?.version, mapping: workflow.pin))
    }

    /// When something was recorded on a side last.
    private var movedAt: Timestamp? {
        [ends.workflow?.recordedAt, ends.journey?.recordedAt].compactMap { $0 }.max()
    }

    func silence(_ patience: Duration) -> Silence {
        Silence(since: movedAt, canMove: Silence.canMove(workflow, journey), patience: patience)
    }

    func movement(behind ledger: Ledger) -> ComparisonNote.Movement {
        guard let movedAt, Silence.canMove(workflow, journey) else { return .none }
        return ledger.isStale(at: parties.compared) ? .stale(since: movedAt) : .since(movedAt)
    }

    private struct Streams {
        let workflow: StreamName
        let journey: StreamName
        let ledger: StreamName

        init(_ key: ExecutionKey) {
            workflow = key.stream(ExecutionID.category)
            journey = key.stream(JourneySessionEvent.category)
            ledger = key.stream(ReconciliationEvent.category)
        }
    }
}

extension ComparisonNote.Ends {
    /// With what was recorded behind the end of the ledger.
    fileprivate func recording(_ events: Int, at positions: ClosedRange<GlobalPosition>?) -> ComparisonNote.Ends {
        guard let positions, events > 0 else { return self }
        var ends = self
        ends.ledger = StreamEnd(
            version: StreamVersion((ledger?.version.rawValue ?? 0) + Int64(events)), position: positions.upperBound)
        return ends
    }
}

extension ExecutionKey {
    /// A stream of the execution. The key was read from the name of one, so it fits every category.
    func stream(_ category: String) -> StreamName { StreamName(trusting: "\(category)-\(execution)") }
}

/// Why an execution could not be looked at, or a person's word not taken.
public enum DeskFault: Error, Sendable, Equatable {
    /// The rule of reconciliations refuses it.
    case rejected(ReconciliationDecider.Rejection)
    /// A stream holds an event that this version cannot read.
    case unreadable(ExecutionKey, reason: String)
    /// Others wrote to the streams during every attempt.
    case contended(ExecutionKey, attempts: Int)
    /// The log failed.
    case store(StoreError)

    init(_ error: any Error, at key: ExecutionKey) {
        switch error {
        case let error as StoreError: self = .store(error)
        case let error as JointContention: self = .contended(key, attempts: error.attempts)
        case let error as ReconciliationDecider.Rejection: self = .rejected(error)
        case let error as CommandError<ReconciliationDecider.Rejection>: self.init(refused: error, at: key)
        case let error as CommandError<Never>: self.init(refused: error, at: key)
        case let error as CommandError<MappingDecider.Rejection>: self.init(refused: error, at: key)
        case is CancellationError: self = .store(.cancelled)
        default: self = .unreadable(key, reason: "\(error)")
        }
    }

    // It has a label of its own: without one, a call with a `CommandError` means the initializer for any error, which would call itself for ever.
    private init<Rejection: Error>(refused error: CommandError<Rejection>, at key: ExecutionKey) {
        switch error {
        case .rejected(let rejection):
            self =
                (rejection as? ReconciliationDecider.Rejection).map(DeskFault.rejected)
                ?? .unreadable(key, reason: "\(rejection)")
        case .unreadable: self = .unreadable(key, reason: "\(error)")
        case .contended(_, let attempts): self = .contended(key, attempts: attempts)
        case .store(let error): self = .store(error)
        }
    }

    /// Whether waiting may help.
    public var isTransient: Bool {
        switch self {
        case .store(let error): error.isTransient
        case .contended: true
        case .rejected, .unreadable: false
        }
    }
}

extension DeskFault: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .rejected(let rejection): "\(rejection)"
        case .unreadable(let key, let reason): "execution \(key.execution) cannot be compared: \(reason)"
        case .contended(let key, let attempts):
            "others wrote to execution \(key.execution) during all \(attempts) attempts; try again"
        case .store(let error): error.description
        }
    }
}
