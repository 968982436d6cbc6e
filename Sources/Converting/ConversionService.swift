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
    let joint: JointHandler<Store>
    let conversions: CommandHandler<ConversionDecider, Store>
    private let attempts: Int
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
        attempts = limits.decisions
        joint = JointHandler(store, workspace: workspace, limits: limits, time: time, random: random)
        conversions = CommandHandler(store, workspace: workspace, limits: limits, time: time, random: random)
    }

    /// Converts what `request` names, unless that is done. What is changed while it is converted is converted anew.
    ///
    /// - Parameter observe: hears of the run and of its steps; nothing when the conversion was done before.
    /// - Throws: ``ConversionFault``. A refusal is on record by then.
    public func run(
        _ request: ConversionRequest, observe: @Sendable (Progress) -> Void = { _ in }
    ) async throws(ConversionFault) -> ConversionAnswer {
        for _ in 0..<attempts {
            if let answer = try await convert(request, observe) { return answer }
        }
        throw .failed(JointContention(attempts: attempts))
    }

    /// - Returns: `nil` when the source was changed meanwhile.
    private func convert(
        _ request: ConversionRequest, _ observe: @Sendable (Progress) -> Void
    ) async throws(ConversionFault) -> ConversionAnswer? {
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
            do throws(ConversionFault) {
                return try await store(plan, for: request, started: started, context: context, observe)
            } catch .failed(let error) where error is SourceChange {
                try await record(plan.outdated, of: started, over: stream, context)
                return nil
            }
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
        case workflow(WorkflowDefinition, scope: WorkflowValidation.Scope, digest: ContentDigest)
        /// The scope is that of the workflow that it goes back to.
        case journey(JourneyDefinition, scope: WorkflowValidation.Scope, digest: ContentDigest)

        var digest: ContentDigest {
            switch self {
            case .workflow(_, _, let digest), .journey(_, _, let digest): digest
            }
        }
    }

    func source(_ request: ConversionRequest) async throws(ConversionFault) -> Source {
        switch request.direction {
        case .toJourney:
            let stream = try ConversionStreams.workflow(request.id)
            let state = try await fault { try await joint.state(of: stream, by: WorkflowDecider.self) }
            guard case .present(let workflow) = state else { throw .unknownSource(request.direction, id: request.id) }
            let hidden = workflow.definition.hiddenValues.count
            guard hidden == 0 else { throw .hiddenSource(id: request.id, values: hidden) }
            return .workflow(workflow.definition, scope: workflow.format.scope, digest: workflow.digest)
        case .toWorkflow:
            let stream = try ConversionStreams.journey(request.id)
            let state = try await fault { try await joint.state(of: stream, by: JourneyDecider.self) }
            guard case .defined(let journey) = state else { throw .unknownSource(request.direction, id: request.id) }
            // A hidden journey is read without its texts: how many there are cannot be known.
            guard !journey.content.isHidden else { throw .hiddenSource(id: request.id, values: nil) }
            let definition = journey.content.definition
            let scope = try await scopeOfTarget(definition, id: request.id)
            return .journey(definition, scope: scope, digest: journey.content.digest)
        }
    }

    /// What the workflow that a journey goes back to is taken for: a part of a workflow stays a part. Which one that is only converting
    /// tells, whoever has edited the journey since it was made.
    private func scopeOfTarget(
        _ journey: JourneyDefinition, id: String
    ) async throws(ConversionFault) -> WorkflowValidation.Scope {
        guard let target = try? JourneyToWorkflow.convert(journey, id: id).mapping.workflowID else { return .whole }
        let stream = try ConversionStreams.workflow(target)
        let state = try await fault { try await joint.state(of: stream, by: WorkflowDecider.self) }
        guard case .present(let workflow) = state else { return .whole }
        return workflow.format.scope
    }

    private func plan(
        _ source: Source, _ request: ConversionRequest, _ observe: @Sendable (Progress) -> Void
    ) -> Result<ConversionPlan, ConversionPlan.Refusal> {
        Result { () throws(ConversionPlan.Refusal) in
            let hear = { (step: ConversionPlan.Step) in observe(.step(step.step, counts: step.counts)) }
            switch source {
            case .workflow(let workflow, let scope, _):
                return try .converting(
                    workflow, id: request.id, scope: scope, toleratesErrors: request.toleratesErrors, observe: hear)
            case .journey(let journey, let scope, _):
                return try .converting(
                    journey, id: request.id, scope: scope, toleratesErrors: request.toleratesErrors, observe: hear)
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
        do throws(CommandError<ConversionDecider.Rejection>) {
            _ = try await conversions.handle(StreamCommand(.fail(steps: steps, failed), to: stream, context))
        } catch .rejected(.ended) {
            // Somebody else has brought the same run to its end, and that is on record.
        } catch {
            throw .failed(error)
        }
    }
}
