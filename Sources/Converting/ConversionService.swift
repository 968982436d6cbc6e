import Conversion
import EventModel
import EventSourcing

/// Converts what the log holds, and stores the result, the mapping and the record of how it went, all or nothing.
///
/// What is brought along is imported by the same append, which expects the version of every stream that was read: source, target, mapping and
/// history. So result and mapping always belong to the source beside them, whoever else writes meanwhile.
///
/// A conversion is idempotent: the same content by the same rules is one run, however often it is asked for, and whatever was killed when.
/// The steps that decide something are pure; reading and storing are tried again with backoff when the log fails for the moment.
public struct ConversionService<Store: EventStore>: Sendable {
    let workspace: Workspace
    let actor: String?
    let store: Store
    let joint: JointHandler<Store>
    let conversions: CommandHandler<ConversionDecider, Store>
    let time: any Timekeeper
    private let limits: CommandLimits

    /// A service over the streams of a workspace.
    ///
    /// - Parameter actor: who converts, as it is recorded; 1 to 200 bytes.
    public init(
        _ store: Store, workspace: Workspace = .default, actor: String? = nil, limits: CommandLimits = CommandLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        self.workspace = workspace
        self.actor = actor
        self.time = time
        self.store = store
        self.limits = limits
        joint = JointHandler(store, workspace: workspace, limits: limits, time: time, random: random)
        conversions = CommandHandler(store, workspace: workspace, limits: limits, time: time, random: random)
    }

    /// Converts what `request` names, unless that is done. What the log holds is converted as it is when the result is stored: when it changes
    /// while the conversion runs, what it is then is converted.
    ///
    /// - Parameter observe: hears of the run and of its steps; nothing when the conversion was done before. A run that is overtaken by a change
    ///   of its source is followed by another.
    /// - Throws: ``ConversionFault``. A refusal is on record by then, unless the same content was converted before, and nothing else is: content that
    ///   was brought is not imported.
    public func run(
        _ request: ConversionRequest, observe: @Sendable (ConversionProgress) -> Void = { _ in }
    ) async throws(ConversionFault) -> ConversionAnswer {
        var answer = try await convert(request, observe)
        answer.migrations = try await migrations(after: answer, of: request.id)
        return answer
    }

    private func convert(
        _ request: ConversionRequest, _ observe: @Sendable (ConversionProgress) -> Void
    ) async throws(ConversionFault) -> ConversionAnswer {
        for _ in 0..<limits.decisions {
            if let answer = try await attempt(request, observe) { return answer }
        }
        throw .failed(JointContention(attempts: limits.decisions))
    }

    /// - Returns: `nil` when the source changed meanwhile.
    private func attempt(
        _ request: ConversionRequest, _ observe: @Sendable (ConversionProgress) -> Void
    ) async throws(ConversionFault) -> ConversionAnswer? {
        let source = try await source(request)
        let run = ConversionAttempt(
            started: ConversionStarted(request.direction, of: request.id, digest: source.digest, in: workspace),
            stream: try ConversionStreams.conversion(request.id), source: source, request: request)
        let context = CommandContext(
            id: run.started.run, time: time.now(), actor: actor, correlationID: run.started.run)
        let begun = try await fault {
            try await conversions.handle(StreamCommand(.start(run.started), to: run.stream, context))
        }
        if let done = begun.state[run.started.run]?.completed, try await stands(done, run) {
            return ConversionAnswer(
                outcome: .unchanged, started: run.started, completed: done, position: nil, findings: [])
        }
        observe(.started(run.started))
        switch source.plan(for: request, observe).flatMap(\.storable) {
        case .success(let plan): return try await finish(plan, run, context, observe)
        case .failure(let refusal):
            try await record(refusal.failure(of: run.started), of: run, steps: refusal.steps, context)
            throw .refused(refusal)
        }
    }

    /// The conversions of a workflow or journey, the oldest first; at most ``ConversionRunLimits/rememberedRuns``.
    public func history(of id: String) async throws(ConversionFault) -> [ConversionRun] {
        let stream = try ConversionStreams.conversion(id)
        return try await fault { try await joint.state(of: stream, by: ConversionDecider.self).runs }
    }

    /// How many sessions are on their way through a journey now.
    public func liveSessions(in journey: String) async throws(ConversionFault) -> Int {
        try await fault { try await LiveSessions(store: store, workspace: workspace).sessions(in: journey).count }
    }

    func fault<R: Sendable>(_ body: () async throws -> R) async throws(ConversionFault) -> R {
        do { return try await body() } catch let fault as ConversionFault { throw fault } catch {
            throw (error as? any RejectedCommand)?.rejection.map(ConversionFault.rejected) ?? .failed(error)
        }
    }
}

/// What is heard while a conversion runs.
public enum ConversionProgress: Sendable, Equatable {
    /// The run is on record.
    case started(ConversionStarted)
    /// A step is done.
    case step(ConversionStep, counts: JSONObject)
}
