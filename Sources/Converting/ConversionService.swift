import Conversion
import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain
import WorkflowDomain

/// Converts what the log holds, and stores the result, the mapping and the record of how it went, all or nothing.
///
/// A conversion is idempotent: the same content by the same rules is one run, however often it is asked for, and whatever was killed when.
/// The steps that decide something are pure; reading and storing are tried again with backoff when the log fails for the moment.
public struct ConversionService<Store: EventStore>: Sendable {
    /// What is heard while a conversion runs.
    public enum Progress: Sendable, Equatable {
        /// The run is on record.
        case started(ConversionStarted)
        /// A step is done.
        case step(ConversionStep, counts: JSONObject)
    }

    let workspace: Workspace
    let actor: String?
    let store: Store
    let joint: JointHandler<Store>
    let conversions: CommandHandler<ConversionDecider, Store>
    let time: any Timekeeper

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
        joint = JointHandler(store, workspace: workspace, limits: limits, time: time, random: random)
        conversions = CommandHandler(store, workspace: workspace, limits: limits, time: time, random: random)
    }

    /// Converts what `request` names, unless that is done.
    ///
    /// - Parameter observe: hears of the run and of its steps; nothing when the conversion was done before.
    /// - Throws: ``ConversionFault``. A refusal is on record by then.
    public func run(
        _ request: ConversionRequest, observe: @Sendable (Progress) -> Void = { _ in }
    ) async throws(ConversionFault) -> ConversionAnswer {
        var answer = try await convert(request, observe)
        answer.migrations = try await migrations(after: answer, of: request.id)
        return answer
    }

    private func convert(
        _ request: ConversionRequest, _ observe: @Sendable (Progress) -> Void
    ) async throws(ConversionFault) -> ConversionAnswer {
        let source = try await source(request)
        let started = ConversionStarted(request.direction, of: request.id, digest: source.digest, in: workspace)
        let stream = try ConversionStreams.conversion(request.id)
        let context = CommandContext(
            id: started.run, time: time.now(), actor: actor, correlationID: started.run)
        let begun = try await fault {
            try await conversions.handle(StreamCommand(.start(started), to: stream, context))
        }
        if let done = begun.state[started.run]?.completed, try await stands(done, request) {
            return ConversionAnswer(
                outcome: .unchanged, started: started, completed: done, position: nil, findings: [])
        }
        observe(.started(started))
        switch plan(source, request, observe) {
        case .success(let plan):
            return try await store(plan, for: request, started: started, context: context, observe)
        case .failure(let refusal):
            try await record(refusal, of: started, over: stream, context)
            throw .refused(refusal)
        }
    }

    /// The conversions of a workflow or journey, the oldest first; at most ``ConversionRunLimits/rememberedRuns``.
    public func history(of id: String) async throws(ConversionFault) -> [ConversionRun] {
        let stream = try ConversionStreams.conversion(id)
        return try await fault { try await joint.state(of: stream, by: ConversionDecider.self).runs }
    }

    func fault<R: Sendable>(_ body: () async throws -> R) async throws(ConversionFault) -> R {
        do { return try await body() } catch let fault as ConversionFault { throw fault } catch { throw .failed(error) }
    }
}

// MARK: Source

extension ConversionService {
    enum Source: Sendable {
        case workflow(WorkflowDefinition, digest: ContentDigest)
        case journey(JourneyDefinition, digest: ContentDigest)

        var digest: ContentDigest {
            switch self {
            case .workflow(_, let digest), .journey(_, let digest): digest
            }
        }
    }

    private func source(_ request: ConversionRequest) async throws(ConversionFault) -> Source {
        switch request.direction {
        case .toJourney:
            let stream = try ConversionStreams.workflow(request.id)
            let state = try await fault { try await joint.state(of: stream, by: WorkflowDecider.self) }
            guard case .present(let workflow) = state else { throw .unknownSource(request.direction, id: request.id) }
            let hidden = workflow.definition.hiddenValues.count
            guard hidden == 0 else { throw .hiddenSource(id: request.id, values: hidden) }
            return .workflow(workflow.definition, digest: workflow.digest)
        case .toWorkflow:
            let stream = try ConversionStreams.journey(request.id)
            let state = try await fault { try await joint.state(of: stream, by: JourneyDecider.self) }
            guard case .defined(let journey) = state else { throw .unknownSource(request.direction, id: request.id) }
            // A hidden journey is read without its texts: how many there are cannot be known.
            guard !journey.content.isHidden else { throw .hiddenSource(id: request.id, values: nil) }
            return .journey(journey.content.definition, digest: journey.content.digest)
        }
    }

    private func plan(
        _ source: Source, _ request: ConversionRequest, _ observe: @Sendable (Progress) -> Void
    ) -> Result<ConversionPlan, ConversionPlan.Refusal> {
        Result { () throws(ConversionPlan.Refusal) in
            let hear = { (step: ConversionPlan.Step) in observe(.step(step.step, counts: step.counts)) }
            switch source {
            case .workflow(let workflow, _):
                return try .converting(
                    workflow, id: request.id, toleratesErrors: request.toleratesErrors, observe: hear)
            case .journey(let journey, _):
                return try .converting(journey, id: request.id, toleratesErrors: request.toleratesErrors, observe: hear)
            }
        }
    }

    private func record(
        _ refusal: ConversionPlan.Refusal, of started: ConversionStarted, over stream: StreamName,
        _ context: CommandContext
    ) async throws(ConversionFault) {
        let failed = ConversionFailed(
            run: started.run, step: refusal.step, code: refusal.code, message: refusal.message,
            findings: refusal.findings.map(\.canonicalValue))
        let steps = refusal.steps.map { ConversionStepCompleted(run: started.run, step: $0.step, counts: $0.counts) }
        _ = try await fault {
            try await conversions.handle(StreamCommand(.fail(steps: steps, failed), to: stream, context))
        }
    }
}
