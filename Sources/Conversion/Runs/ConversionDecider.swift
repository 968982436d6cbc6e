import EventModel
import FoundationEssentials

/// The rule of an entity's conversions: the same content is converted once, and what was begun is brought to its end.
public enum ConversionDecider: Decider {
    /// What is known of an entity's conversions.
    public struct State: Equatable, Sendable {
        /// The conversions in the order in which they began; the oldest are forgotten beyond ``ConversionRunLimits/rememberedRuns``.
        public private(set) var runs: [ConversionRun] = []

        /// Nothing has been converted.
        public init() {}

        /// The conversion `run`, if it is remembered.
        public subscript(_ run: UUID) -> ConversionRun? { runs.last { $0.started.run == run } }

        /// The latest conversion of the same kind whose result is stored.
        public func latestCompleted(_ direction: ConversionDirection) -> ConversionRun? {
            runs.last { $0.started.direction == direction && $0.completed != nil }
        }

        fileprivate mutating func begin(_ started: ConversionStarted) {
            runs.removeAll { $0.started.run == started.run }
            runs.append(ConversionRun(started: started))
            if runs.count > ConversionRunLimits.rememberedRuns { runs.removeFirst() }
        }

        fileprivate mutating func update(_ run: UUID, _ change: (inout ConversionRun) -> Void) {
            guard let index = runs.lastIndex(where: { $0.started.run == run }) else { return }
            change(&runs[index])
        }
    }

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// Begin a conversion, unless the same was begun before, whatever became of it.
        case start(ConversionStarted)
        /// Begin a conversion of the same content again that has ended: its result was changed since, or the cause of its failure is gone.
        case restart(ConversionStarted)
        /// Store what the steps of a conversion counted and made.
        case complete(steps: [ConversionStepCompleted], ConversionCompleted)
        /// End a conversion without a result; the steps before were done. One that failed for another reason before fails once more.
        case fail(steps: [ConversionStepCompleted], ConversionFailed)
        /// Keep what a completed conversion means for live sessions.
        case migrate(SessionMigrations)
    }

    /// What happens; see ``ConversionEvent``.
    public typealias Event = ConversionEvent

    /// Why a command is refused.
    public enum Rejection: Error, Equatable, Sendable {
        /// Nobody started that conversion, or it is forgotten.
        case unknownRun(UUID)
        /// It has ended with another result.
        case ended(UUID)
        /// It has no result yet, so it means nothing for anybody.
        case notCompleted(UUID)
    }

    /// Nothing has been converted.
    public static let initialState = State()

    /// The state after one more event.
    public static func evolve(_ state: State, _ event: Event) -> State {
        var state = state
        switch event {
        case .started(let event): state.begin(event)
        case .stepCompleted(let event): state.update(event.run) { $0.steps.append(event) }
        case .completed(let event): state.update(event.run) { $0.completed = event }
        case .failed(let event): state.update(event.run) { $0.failed = event }
        case .pathsMigrated(let event): state.update(event.migrations.run) { $0.take(event) }
        }
        return state
    }

    /// A conversion is started once. One that has ended may begin again; that is asked for when there is something new to say of it, so that
    /// failing for the same reason says nothing twice.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .start(let started):
            return state[started.run] == nil ? [.started(started)] : []
        case .restart(let started):
            // One that is under way is not begun twice.
            if let present = state[started.run], present.failed == nil, present.completed == nil { return [] }
            return [.started(started)]
        case .complete(let steps, let completed):
            guard let present = state[completed.run] else { throw .unknownRun(completed.run) }
            if present.completed == completed { return [] }
            guard present.completed == nil, present.failed == nil else { throw .ended(completed.run) }
            return missing(steps, in: present) + [.completed(completed)]
        case .fail(let steps, let failed):
            guard let present = state[failed.run] else { throw .unknownRun(failed.run) }
            if present.failed == failed { return [] }
            guard present.completed == nil else { throw .ended(failed.run) }
            guard present.failed == nil else {
                return [.started(present.started)] + steps.map(Event.stepCompleted) + [.failed(failed)]
            }
            return missing(steps, in: present) + [.failed(failed)]
        case .migrate(let migrations):
            guard let present = state[migrations.run] else { throw .unknownRun(migrations.run) }
            guard present.completed != nil else { throw .notCompleted(migrations.run) }
            return present.missing(migrations).map { [.pathsMigrated($0)] } ?? []
        }
    }

    private static func missing(_ steps: [ConversionStepCompleted], in run: ConversionRun) -> [Event] {
        steps.filter { step in !run.steps.contains { $0.step == step.step } }.map(Event.stepCompleted)
    }
}

/// One conversion, as far as it has come.
public struct ConversionRun: Equatable, Sendable {
    /// What is converted.
    public let started: ConversionStarted
    /// The steps that are done.
    public fileprivate(set) var steps: [ConversionStepCompleted] = []
    /// The result, once it is stored.
    public fileprivate(set) var completed: ConversionCompleted?
    /// Why there is none, if it failed.
    public fileprivate(set) var failed: ConversionFailed?

    /// What it means for live sessions, as far as that is kept.
    public private(set) var migrations: [SessionMigration] = []
    /// Whether that is all.
    public private(set) var isMigrated = false
    private var parts = 0

    init(started: ConversionStarted) { self.started = started }

    fileprivate mutating func take(_ event: ConversionPathsMigrated) {
        migrations += event.migrations.sessions
        isMigrated = event.migrations.isLast
        parts = event.part
    }

    /// What is not kept yet of `migrations`; a session is told of once.
    fileprivate func missing(_ migrations: SessionMigrations) -> ConversionPathsMigrated? {
        guard !isMigrated else { return nil }
        let known = Set(self.migrations.map(\.stream))
        let rest = migrations.sessions.filter { !known.contains($0.stream) }
        guard !rest.isEmpty || migrations.isLast else { return nil }
        return ConversionPathsMigrated(
            part: parts + 1,
            SessionMigrations(
                run: migrations.run, journey: migrations.journey, sessions: rest, isLast: migrations.isLast))
    }
}
