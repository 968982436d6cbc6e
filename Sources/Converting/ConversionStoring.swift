import Conversion
import EventModel
import EventSourcing
import JourneyDomain
import WorkflowDomain

extension ConversionService {
    /// The sixth step: what was brought, result, mapping and record in one append, which expects every stream that was read for it.
    ///
    /// - Returns: `nil` when the source was changed since it was read; that is on record then.
    func finish(
        _ plan: ConversionPlan, _ attempt: ConversionAttempt, _ context: CommandContext,
        _ observe: @Sendable (ConversionProgress) -> Void
    ) async throws(ConversionFault) -> ConversionAnswer? {
        let outcome: JointOutcome<ConversionCompleted?>
        do throws(ConversionFault) {
            try await importAhead(plan, attempt, context)
            outcome = try await fault {
                try await joint.handle(context) { decisions in
                    try await decide(plan, attempt, over: &decisions)
                }
            }
        } catch {
            if let failed = error.failure(of: attempt.started) {
                try await record(failed, of: attempt, steps: plan.steps, context)
            }
            throw error
        }
        guard let completed = outcome.answer else {
            try await record(.overtaken(attempt.started), of: attempt, steps: plan.steps, context)
            return nil
        }
        observe(.step(.storeMapping, counts: ConversionStepCompleted.stored(completed).counts))
        return ConversionAnswer(
            outcome: outcome.effect == .unchanged ? .unchanged : .converted, started: attempt.started,
            completed: completed,
            position: outcome.positions?.upperBound, findings: plan.findings)
    }

    /// A file whose own bytes are too many to be kept by the append that stores the result is imported by one of its own before, when all that
    /// can be known is known.
    private func importAhead(
        _ plan: ConversionPlan, _ attempt: ConversionAttempt, _ context: CommandContext
    ) async throws(ConversionFault) {
        guard let content = attempt.request.content, content.originalBytes > ConversionLimits.joinedOriginalBytes else {
            return
        }
        _ = try await fault {
            try await joint.handle(context) { decisions in
                try await refuseLosses(plan, attempt, over: &decisions)
                try await importing(content, over: &decisions)
            }
        }
    }

    /// - Returns: `nil`, with nothing decided, when the log holds another source than the plan was made for.
    private func decide(
        _ plan: ConversionPlan, _ attempt: ConversionAttempt, over decisions: inout JointDecisions<Store>
    ) async throws -> ConversionCompleted? {
        if attempt.request.content == nil {
            guard try await isPresent(attempt, over: &decisions) else { return nil }
        }
        try await refuseLosses(plan, attempt, over: &decisions)
        if let content = attempt.request.content { try await importing(content, over: &decisions) }
        let result = try await define(plan, of: attempt.id, over: &decisions)
        let version = try await activate(plan.mapping, over: &decisions)
        if decisions.isEmpty, let done = try await runs(of: attempt, over: &decisions)[attempt.started.run]?.completed {
            // Somebody else has stored the same meanwhile.
            return done
        }
        let completed = ConversionCompleted(
            run: attempt.started.run, resultID: result.id, resultDigest: result.digest, mappingVersion: version,
            report: plan.storedReport)
        try await record(completed, plan, attempt, over: &decisions)
        return completed
    }

    private func isPresent(
        _ attempt: ConversionAttempt, over decisions: inout JointDecisions<Store>
    ) async throws -> Bool {
        let digest =
            switch attempt.request.direction {
            case .toJourney: try await workflowDigest(of: attempt.id, over: &decisions)
            case .toWorkflow: try await journeyDigest(of: attempt.id, over: &decisions)
            }
        return digest == attempt.source.digest
    }

    private func importing(_ content: ConversionContent, over decisions: inout JointDecisions<Store>) async throws {
        switch content {
        case .workflow(let reading):
            _ = try await decisions.decide(
                [reading.command], by: WorkflowDecider.self, over: try ConversionStreams.workflow(content.id))
        case .journey(let reading):
            _ = try await decisions.decide(
                [reading.command], by: JourneyDecider.self, over: try ConversionStreams.journey(content.id))
        }
    }

    private func define(
        _ plan: ConversionPlan, of source: String, over decisions: inout JointDecisions<Store>
    ) async throws -> (id: String, digest: ContentDigest) {
        switch plan.product {
        case .journey(let made):
            let workflow = try ConversionStreams.workflow(source)
            let version = try await decisions.state(of: workflow, by: WorkflowDecider.self).version
            let content = JourneyContent(
                definition: made.journey, digest: made.journey.digest,
                origin: .converted(workflow: source, version: version?.rawValue ?? 0))
            let id = made.mapping.journeyID
            _ = try await decisions.decide(
                [.define(content)], by: JourneyDecider.self, over: try ConversionStreams.journey(id))
            return (id, content.digest)
        case .workflow(let made):
            let id = made.mapping.workflowID
            let stream = try ConversionStreams.workflow(id)
            let before = try await decisions.state(of: stream, by: WorkflowDecider.self).state
            _ = try await decisions.decide(
                [made.command(from: source, over: before)], by: WorkflowDecider.self, over: stream)
            return (id, made.workflow.digest)
        }
    }

    /// The mapping becomes the active one of its workflow.
    private func activate(
        _ mapping: Mapping, over decisions: inout JointDecisions<Store>
    ) async throws -> Int {
        let stream = try ConversionStreams.mapping(mapping.workflowID)
        let state = try await decisions.state(of: stream, by: MappingDecider.self).state
        let isLatest = state.versions.last.map { $0.mapping == mapping && $0.status != .retired } ?? false
        let version = isLatest ? state.versions.count : state.versions.count + 1
        _ = try await decisions.decide(
            [.propose(mapping), .validate(version: version, problems: 0), .activate(version: version)],
            by: MappingDecider.self, over: stream)
        return version
    }

    private func runs(
        of attempt: ConversionAttempt, over decisions: inout JointDecisions<Store>
    ) async throws -> ConversionDecider.State {
        try await decisions.state(of: attempt.stream, by: ConversionDecider.self).state
    }

    private func record(
        _ completed: ConversionCompleted, _ plan: ConversionPlan, _ attempt: ConversionAttempt,
        over decisions: inout JointDecisions<Store>
    ) async throws {
        var steps = plan.steps.map {
            ConversionStepCompleted(run: completed.run, step: $0.step, counts: $0.counts)
        }
        steps.append(.stored(completed))
        // It was begun before; but it may have failed, or its result was replaced on its own side: then it begins anew, and both are on record.
        let before = try await runs(of: attempt, over: &decisions)[completed.run]
        let isAgain = before?.completed != nil || before?.failed != nil
        _ = try await decisions.decide(
            [isAgain ? .restart(attempt.started) : .start(attempt.started), .complete(steps: steps, completed)],
            by: ConversionDecider.self, over: attempt.stream)
    }
}

extension ConversionStepCompleted {
    /// The last step, which ends with the append that says so.
    fileprivate static func stored(_ completed: ConversionCompleted) -> ConversionStepCompleted {
        ConversionStepCompleted(
            run: completed.run, step: .storeMapping,
            counts: ["mapping_version": .number(JSONNumber(completed.mappingVersion))])
    }
}

extension WorkflowConversion {
    /// What makes this workflow the stream's: a new one is imported, a known one replaced.
    fileprivate func command(from journey: String, over state: WorkflowDecider.State) -> WorkflowDecider.Command {
        switch state {
        case .present: .replaceState(workflow)
        case .notImported:
            .importDefinition(
                workflow, format: .state, digest: workflow.digest, sourceName: "journey \(journey)", original: nil)
        }
    }
}

extension ConversionPlan {
    /// The report as it is stored: its counts alone when the list is too long for an event.
    fileprivate var storedReport: JSONValue {
        let whole = report.canonicalValue
        guard whole.compactBytes().count > ConversionRunLimits.reportBytes else { return whole }
        var short = JSONObject()
        short["counts"] = whole["counts"]
        short["remarkCount"] = whole["remarkCount"]
        short["shortened"] = true
        return .object(short)
    }
}
