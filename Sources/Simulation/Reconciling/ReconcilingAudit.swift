import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Reconciliation
import Synchronization
import WorkflowDomain

/// What must be true of two sides that are brought together. It sees what is committed and what the engines are asked, and believes nobody.
final class ReconcilingAudit: Watcher {
    /// What became of an effect.
    struct Story {
        let effect: Effect
        let execution: String
        var isSent = false
        var isDoubted = false
        var end: EffectEnd?
        /// The processes that have given the order.
        var couriers: Set<Int> = []
        /// How often a conversation was told.
        var times = 0
    }

    /// What a side has said of its own accord, last.
    struct Word: Hashable {
        let side: Side
        let execution: String
        let path: FieldPath
    }

    struct State {
        var position = GlobalPosition.start
        var recordedAt: Int64 = 0
        var versions: [StreamName: StreamVersion] = [:]
        var stories: [UUID: Story] = [:]
        var receipts: [UUID: Receipt] = [:]
        /// What was decided, queued or accepted, by execution.
        var findings: [String: [Finding]] = [:]
        var words: [Word: JSONValue] = [:]
        /// How often a field was decided against a side's word since a person had a say, by execution.
        var contests: [String: [FieldPath: Int]] = [:]
        var resumed: Set<String> = []
        var stillness = StillnessAudit()

        /// Whether a side of an execution has still to do something.
        func isBusy(_ execution: String) -> Bool {
            stories.values.contains { $0.execution == execution && $0.end == nil }
        }
    }

    let world: World
    let state = Mutex(State())

    init(_ world: World) { self.world = world }

    /// When anything was recorded last, in virtual microseconds.
    var recordedAt: Int64 { state.withLock { $0.recordedAt } }
    /// The decisions of an execution, in order.
    func receipts(of execution: String) -> [Receipt] {
        state.withLock { state in
            state.receipts.values.filter { receipt in
                state.findings[execution]?.contains(receipt.finding) == true
            }.sorted { ($0.at, $0.id.uuidString) < ($1.at, $1.id.uuidString) }
        }
    }

    func report(_ evidence: String) { world.report(Violation(.reconciliation, evidence)) }
}

// MARK: What is committed

extension ReconcilingAudit {
    func committed(in database: SimulatedDatabase) {
        let log = database.withState { $0.log }
        let now = world.time
        let flaws = state.withLock { state -> [String] in
            var flaws: [String] = []
            let awakenings = state.stillness.awakenings
            defer { for _ in awakenings..<state.stillness.awakenings { world.count(.longSilence) } }
            for event in log.read(EventQuery(after: state.position, limit: 10_000)).events {
                state.recordedAt = now
                if event.category.rawValue == ReconciliationEvent.category {
                    do {
                        let told = try ReconciliationEvent(event)
                        flaws += state.stillness.take(told, event, isBusy: state.isBusy(event.stream.syncKey), now: now)
                        flaws += Self.take(told, event, &state)
                    } catch {
                        flaws.append("\(event.position) cannot be read: \(error)")
                    }
                } else if [ExecutionID.category, JourneySessionEvent.category].contains(event.category.rawValue) {
                    state.stillness.heard(event)
                }
                state.versions[event.stream] = event.version
            }
            state.position = log.head
            return flaws
        }
        for flaw in flaws { report(flaw) }
    }

    private static func take(
        _ event: ReconciliationEvent, _ recorded: RecordedEvent, _ state: inout State
    ) -> [String] {
        let execution = recorded.stream.syncKey
        switch event {
        case .resolved(let receipt, let parties):
            state.receipts[receipt.id] = receipt
            state.findings[execution, default: []].append(receipt.finding)
            return staleness(of: parties.compared, execution, state) + flapping(receipt, execution, &state)
        case .conflictQueued(let conflict, let parties):
            state.findings[execution, default: []].append(conflict.finding)
            return staleness(of: parties.compared, execution, state) + flaws(of: conflict, state)
        case .divergenceAccepted(let divergence, let parties):
            state.contests[execution]?[divergence.finding.path] = nil
            state.findings[execution, default: []].append(divergence.finding)
            return staleness(of: parties.compared, execution, state)
        case .effectRequested(let effect, _):
            guard state.stories[effect.id] == nil else { return ["effect \(effect.id) is requested twice"] }
            state.stories[effect.id] = Story(effect: effect, execution: execution)
            return effect.resolutions.filter { state.receipts[$0] == nil }.map {
                "effect \(effect.id) is of \($0), which nobody has decided"
            }
        case .effectSent(let sent):
            return change(sent.effect, &state) { story in
                guard !story.isSent, story.end == nil else { return "is sent twice, or behind its end" }
                story.isSent = true
                return nil
            }
        case .effectUnknown(let unknown):
            return change(unknown.effect, &state) { story in
                guard story.isSent, !story.isDoubted, story.end == nil else { return "is doubted where nobody tries" }
                story.isDoubted = true
                return nil
            }
        case .effectConfirmed(let confirmed):
            return change(confirmed.effect, &state) { story in
                defer { story.end = .confirmed(by: confirmed.witness) }
                if story.effect.kind == .probeThenAct, story.times == 0 {
                    return "is confirmed and was not carried out"
                }
                return story.end == nil ? nil : "ends twice"
            }
        case .effectStale(let stale):
            return change(stale.effect, &state) { story in
                defer { story.end = .stale(stale.reason, because: stale.because) }
                return story.end == nil ? nil : "ends twice"
            }
        case .agreed, .conflictLapsed, .ownershipTaken, .wentStale: return []
        }
    }

    private static func change(_ effect: UUID, _ state: inout State, _ body: (inout Story) -> String?) -> [String] {
        guard var story = state.stories[effect] else { return ["effect \(effect) was not requested"] }
        defer { state.stories[effect] = story }
        return body(&story).map { ["effect \(story.effect.action.name) \(effect) \($0)"] } ?? []
    }

    /// A decision is about the sides as they are at the moment of its commit.
    private static func staleness(of compared: Receipt.Compared, _ execution: String, _ state: State) -> [String] {
        let sides = [
            (ExecutionID.category, compared.workflow), (JourneySessionEvent.category, compared.journey),
        ]
        return sides.compactMap { category, version in
            let present = state.versions[StreamName(trusting: "\(category)-\(execution)")]
            return present == version ? nil : "\(execution) was decided about \(category) as it was before"
        }
    }

    /// Sides that take back what was decided are stopped some day.
    private static func flapping(_ receipt: Receipt, _ execution: String, _ state: inout State) -> [String] {
        let path = receipt.finding.path
        guard receipt.cause == .comparison else {
            state.contests[execution]?[path] = nil
            return []
        }
        guard receipt.isContested else { return [] }
        state.contests[execution, default: [:]][path, default: 0] += 1
        let count = state.contests[execution]?[path] ?? 0
        return count > ReconcilingRoles.ledgerLimits.flaps
            ? ["\(path) of \(execution) is decided for the \(count)th time, and nobody was asked"] : []
    }

    private static func flaws(of conflict: QueuedConflict, _ state: State) -> [String] {
        guard case .flapping = conflict.reason else { return [] }
        let isKnown = conflict.history.allSatisfy { id in
            state.receipts[id].map { $0.finding.path == conflict.finding.path && $0.isContested } ?? false
        }
        return conflict.history.count >= ReconcilingRoles.ledgerLimits.flaps && isKnown
            ? [] : ["a conflict is parked as flapping without its history"]
    }
}

// MARK: What is looked at

extension ReconcilingAudit {
    /// A reconciler reads a stream.
    func looked(at stream: StreamName) {
        let isAtRest = state.withLock { $0.stillness.isAtRest(stream.syncKey, world.time) }
        if isAtRest { report("\(stream.syncKey) is stale and is looked at") }
    }
}

// MARK: What the engines are asked

extension ReconcilingAudit {
    /// An order has arrived at an engine; by the clock of whoever gave it, it is `now`.
    func ordered(_ effect: Effect, by process: Int, at now: Timestamp) {
        let flaws = state.withLock { state in
            Self.change(effect.id, &state) { story in
                story.couriers.insert(process)
                if !story.isSent { return "is carried out before that is on record" }
                if story.couriers.count > 1 { return "is carried out by two processes" }
                if now > effect.deadline { return "is carried out behind its deadline" }
                if case .stale(.expired, _) = story.end, effect.kind == .probeThenAct {
                    return "is carried out although it was said that it never will be"
                }
                return nil
            }
        }
        for flaw in flaws { report(flaw) }
    }

    /// A conversation was told something.
    func told(_ effect: UUID) {
        let flaws = state.withLock { state in
            Self.change(effect, &state) { story in
                story.times += 1
                return story.times > 1 ? "is carried out twice" : nil
            }
        }
        for flaw in flaws { report(flaw) }
    }

    /// A wait was resumed.
    func resumed(_ context: String) {
        if !state.withLock({ $0.resumed.insert(context).inserted }) { report("\(context) was resumed twice") }
    }

    /// A path was forced although the conversation was elsewhere.
    func overruled(_ execution: String) { report("the path of \(execution) was forced while it went on by itself") }

    /// A side has said something of its own accord.
    func heard(_ side: Side, of execution: String, _ path: FieldPath, _ value: JSONValue) {
        state.withLock { $0.words[Word(side: side, execution: execution, path: path)] = value }
    }
}
