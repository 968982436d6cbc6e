import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain
import Reconciliation
import WorkflowDomain

/// Tries a policy on what was decided between the two sides of executions. Nothing is written.
///
/// What a look saw is not in what it has recorded, but in the log: both sides are read up to the versions that were compared, and the ledger up to the event
/// before. So it holds for everything that was ever recorded. Of an execution its streams are read once, page by page; kept are what they
/// amount to, and the events of one look.
public struct Retrospect<Log: EventStore>: Sendable {
    private let log: Log
    private let policy: Policy
    private let telling: Telling
    private let limits: LedgerLimits
    private let mappings = MappingMemory()

    /// - Parameters:
    ///   - policy: what is tried, where its scope is.
    ///   - telling: what the engines can be told.
    ///   - limits: as of whoever has decided.
    public init(_ log: Log, policy: Policy, telling: Telling, limits: LedgerLimits = LedgerLimits()) {
        (self.log, self.policy, self.telling, self.limits) = (log, policy, telling, limits)
    }

    /// Tries the policy on the decisions, conflicts and accepted differences of an execution, in the order in which they were recorded.
    ///
    /// - Parameter since: on what was recorded then or later, by the log's clock.
    /// - Throws: what `body` throws; ``StoreError``; `EventFlaw` when an event cannot be read.
    public func tryAgain(
        _ key: ExecutionKey, since: Timestamp = .earliest, _ body: (WhatIf.Answer) async throws -> Void
    ) async throws {
        var sides = PastSides(key)
        var known = Ledger()
        var look: PastLook?
        var query: StreamQuery? = StreamQuery(workspace: key.workspace, key.stream(ReconciliationEvent.category))
        while let current = query {
            try Task.checkCancellation()
            let page = try await log.read(current)
            for recorded in page.events where recorded.isOfItsCategory {
                let event = try ReconciliationEvent(recorded)
                if let past = look, !past.holds(recorded) {
                    if past.recordedAt >= since { try await answer(past, &sides, body) }
                    look = nil
                }
                if look == nil { look = PastLook(recorded, knowing: known) }
                known.receive(event)
                look?.take(event, knowing: known)
            }
            query = current.next(after: page)
        }
        if let look, look.recordedAt >= since { try await answer(look, &sides, body) }
    }

    private func answer(
        _ past: PastLook, _ sides: inout PastSides, _ body: (WhatIf.Answer) async throws -> Void
    ) async throws {
        guard let (parties, at) = WhatIf.look(by: past.events) else { return }
        let key = sides.key
        func untried() async throws {
            for answer in WhatIf.untried(past.events, .outside) { try await body(answer) }
        }
        if let workspace = policy.scope.workspace, workspace != key.workspace { return try await untried() }
        try await sides.go(to: parties.compared, in: log)
        guard policy.scope.holds(for: key.workspace, sides.workflow.side.workflow) else { return try await untried() }
        let names = try await mappings.names(
            parties.compared.mapping, key.workspace, JointHandler(log, workspace: key.workspace))
        let look = Examination(
            sides: Comparison.Sides(
                base: past.ledger.base, workflow: sides.workflow.side, journey: sides.journey.side, names: names),
            circumstances: Circumstances(sides.workflow.side, sides.journey.side), names: names, policy: policy,
            telling: telling, parties: parties, limits: limits, at: at, seed: past.id)
        for answer in WhatIf.answers(to: past.events, at: look, knowing: past.ledger) { try await body(answer) }
    }
}

/// What one look has recorded, and what was known before it.
private struct PastLook {
    let id: UUID
    let recordedAt: Timestamp
    private(set) var ledger: Ledger
    private(set) var events: [ReconciliationEvent] = []

    init(_ first: RecordedEvent, knowing ledger: Ledger) {
        id = first.correlationID ?? first.id
        recordedAt = first.recordedAt
        self.ledger = ledger
    }

    /// Whether an event was recorded by the same command.
    func holds(_ recorded: RecordedEvent) -> Bool { recorded.correlationID == id }

    mutating func take(_ event: ReconciliationEvent, knowing known: Ledger) {
        events.append(event)
        // Whoever takes fields over looks afterwards.
        if case .ownershipTaken = event { ledger = known }
    }
}

/// Both sides of an execution as they were; forwards at the cost of what came in between.
private struct PastSides {
    let key: ExecutionKey
    var workflow = PastSide<WorkflowSide>()
    var journey = PastSide<JourneySide>()

    init(_ key: ExecutionKey) { self.key = key }

    mutating func go(to compared: Receipt.Compared, in log: some ReadableLog) async throws {
        try await workflow.go(to: compared.workflow, of: key.stream(ExecutionID.category), of: key.workspace, in: log)
        try await journey.go(
            to: compared.journey, of: key.stream(JourneySessionEvent.category), of: key.workspace, in: log)
    }
}

private struct PastSide<Side: HeardSide> {
    private(set) var side = Side()
    private var version: Int64 = 0

    mutating func go(
        to version: StreamVersion?, of stream: StreamName, of workspace: Workspace, in log: some ReadableLog
    ) async throws {
        let target = version?.rawValue ?? 0
        // Looks are recorded in the order of what they saw; whoever has written another order is answered all the same.
        if target < self.version { self = PastSide() }
        guard target > self.version else { return }
        var query: StreamQuery? = StreamQuery(
            workspace: workspace, stream, from: StreamVersion(self.version + 1), through: StreamVersion(target))
        while let current = query {
            try Task.checkCancellation()
            let page = try await log.read(current)
            for recorded in page.events where recorded.isOfItsCategory {
                side.hear(try Side.Told(recorded), at: Origin(recorded.position, actor: recorded.actor))
            }
            query = current.next(after: page)
        }
        self.version = target
    }
}

extension RecordedEvent {
    /// Whether it is its domain's own: a stream also holds events that every domain shares, such as `subject.erased`.
    fileprivate var isOfItsCategory: Bool { type.rawValue.hasPrefix("\(category.rawValue).") }
}
