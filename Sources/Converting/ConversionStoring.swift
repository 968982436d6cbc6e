import Conversion
import EventModel
import EventSourcing
import JourneyDomain
import WorkflowDomain

extension ConversionService {
    /// Whether the result of an earlier run is still what its stream says: then there is nothing to do.
    func stands(_ done: ConversionCompleted, _ request: ConversionRequest) async throws(ConversionFault) -> Bool {
        try await presentDigest(of: done.resultID, request.direction) == done.resultDigest
    }

    private func presentDigest(
        of id: String, _ direction: ConversionDirection
    ) async throws(ConversionFault) -> ContentDigest? {
        switch direction {
        case .toJourney:
            let stream = try ConversionStreams.journey(id)
            let state = try await fault { try await joint.state(of: stream, by: JourneyDecider.self) }
            guard case .defined(let journey) = state else { return nil }
            return journey.content.digest
        case .toWorkflow:
            let stream = try ConversionStreams.workflow(id)
            let state = try await fault { try await joint.state(of: stream, by: WorkflowDecider.self) }
            guard case .present(let workflow) = state else { return nil }
            return workflow.digest
        }
    }

    /// The sixth step: result, mapping and record in one append.
    func store(
        _ plan: ConversionPlan, for request: ConversionRequest, started: ConversionStarted, context: CommandContext,
        _ observe: @Sendable (Progress) -> Void
    ) async throws(ConversionFault) -> ConversionAnswer {
        let outcome = try await fault {
            try await joint.handle(context) { decisions in
                try await record(plan, for: request, started: started, into: &decisions)
            }
        }
        let completed = outcome.answer
        observe(.step(.storeMapping, counts: ["mapping_version": .number(JSONNumber(completed.mappingVersion))]))
        return ConversionAnswer(
            outcome: outcome.effect == .unchanged ? .unchanged : .converted, started: started, completed: completed,
            position: outcome.positions?.upperBound,
            findings: plan.findings)
    }

    private func record(
        _ plan: ConversionPlan, for request: ConversionRequest, started: ConversionStarted,
        into decisions: inout JointDecisions<Store>
    ) async throws -> ConversionCompleted {
        let version = try await activate(plan.mapping, into: &decisions)
        let (resultID, digest) = try await define(plan, version: version, for: request, into: &decisions)
        let completed = ConversionCompleted(
            run: started.run, resultID: resultID, resultDigest: digest, mappingVersion: version,
            report: plan.storedReport)
        var steps = plan.steps.map { ConversionStepCompleted(run: started.run, step: $0.step, counts: $0.counts) }
        steps.append(
            ConversionStepCompleted(
                run: started.run, step: .storeMapping, counts: ["mapping_version": .number(JSONNumber(version))]))
        let stream = try ConversionStreams.conversion(request.id)
        let earlier = try await decisions.state(of: stream, by: ConversionDecider.self).state[started.run]
        // Somebody else has stored the same meanwhile.
        if let done = earlier?.completed, decisions.isEmpty { return done }
        // A result that was replaced since is made again: the run begins anew, and both are on record.
        let isOpen = earlier.map { $0.completed == nil && $0.failed == nil } ?? false
        _ = try await decisions.decide(
            (isOpen ? [] : [.restart(started)]) + [.complete(steps: steps, completed)], by: ConversionDecider.self,
            over: stream)
        try await refuseOutdated(started, request)
        return completed
    }

    /// The source must be what it was when all the other streams had been read: whoever changes it after that and converts the change writes
    /// to one of them, and is noticed.
    private func refuseOutdated(_ started: ConversionStarted, _ request: ConversionRequest) async throws {
        guard try await source(request).digest == started.sourceDigest else { throw SourceChange() }
    }

    /// The mapping becomes the active one of its workflow.
    private func activate(_ mapping: Mapping, into decisions: inout JointDecisions<Store>) async throws -> Int {
        let stream = try ConversionStreams.mapping(mapping.workflowID)
        let state = try await decisions.state(of: stream, by: MappingDecider.self).state
        let isLatest = state.versions.last.map { $0.mapping == mapping && $0.status != .retired } ?? false
        let version = isLatest ? state.versions.count : state.versions.count + 1
        _ = try await decisions.decide(
            [.propose(mapping), .validate(version: version, problems: 0), .activate(version: version)],
            by: MappingDecider.self, over: stream)
        return version
    }

    private func define(
        _ plan: ConversionPlan, version: Int, for request: ConversionRequest,
        into decisions: inout JointDecisions<Store>
    ) async throws -> (id: String, digest: ContentDigest) {
        switch plan.product {
        case .journey(let made):
            let content = JourneyContent(
                definition: made.journey, digest: made.journey.digest,
                origin: .converted(workflow: made.mapping.workflowID, version: Int64(version)))
            let stream = try ConversionStreams.journey(made.mapping.journeyID)
            let before = try await decisions.state(of: stream, by: JourneyDecider.self).state
            if case .defined(let standing) = before {
                try await refuseLoss(
                    of: made.mapping.journeyID, present: standing.content.digest, next: content.digest, request,
                    &decisions)
            }
            _ = try await decisions.decide([.define(content)], by: JourneyDecider.self, over: stream)
            return (made.mapping.journeyID, content.digest)
        case .workflow(let made):
            let id = made.mapping.workflowID
            let stream = try ConversionStreams.workflow(id)
            let before = try await decisions.state(of: stream, by: WorkflowDecider.self).state
            if case .present(let present) = before {
                try await refuseLoss(
                    of: id, present: present.digest, next: made.workflow.digest, request, &decisions)
            }
            _ = try await decisions.decide(
                [made.command(from: request.id, over: before)], by: WorkflowDecider.self, over: stream)
            return (id, made.workflow.digest)
        }
    }

    /// A target may be written over when it is what a conversion made, or what this one was made from; anything else is somebody's work.
    private func refuseLoss(
        of id: String, present: ContentDigest, next: ContentDigest, _ request: ConversionRequest,
        _ decisions: inout JointDecisions<Store>
    ) async throws {
        guard present != next, !request.replacesChanges else { return }
        for source in request.id == id ? [id] : [request.id, id] {
            let runs = try await decisions.state(
                of: try ConversionStreams.conversion(source), by: ConversionDecider.self
            ).state.runs
            let isKnown = runs.contains { run in
                (run.started.direction == request.direction && run.completed?.resultID == id
                    && run.completed?.resultDigest == present)
                    || (run.started.direction != request.direction && run.started.sourceID == id
                        && run.started.sourceDigest == present && run.completed != nil)
            }
            if isKnown { return }
        }
        throw ConversionFault.targetChanged(id: id, digest: present)
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

/// The source of a conversion was changed while it was converted; nothing was stored.
struct SourceChange: Error {}

extension ConversionPlan {
    /// What is put on record of a plan whose source was changed meanwhile.
    var outdated: Refusal {
        Refusal(
            step: .storeMapping, code: "source_changed", message: "the source was changed while it was converted",
            findings: [], steps: steps)
    }

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

/// The streams that conversions read and write.
enum ConversionStreams {
    static func workflow(_ id: String) throws(ConversionFault) -> StreamName { try stream(WorkflowEvent.category, id) }
    static func journey(_ id: String) throws(ConversionFault) -> StreamName { try stream(JourneyEvent.category, id) }
    static func mapping(_ id: String) throws(ConversionFault) -> StreamName { try stream(MappingEvent.category, id) }
    static func conversion(_ id: String) throws(ConversionFault) -> StreamName {
        try stream(ConversionEvent.category, id)
    }

    private static func stream(_ category: String, _ id: String) throws(ConversionFault) -> StreamName {
        do throws(NameFlaw) {
            return try StreamName(category: Category(category), key: id)
        } catch {
            throw .illegalID(id, limit: error.description)
        }
    }
}
