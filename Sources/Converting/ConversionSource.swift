import Conversion
import EventModel
import EventSourcing
import JourneyDomain
import WorkflowDomain

/// What a conversion starts from.
enum ConversionSource: Sendable {
    case workflow(WorkflowDefinition, scope: WorkflowValidation.Scope, digest: ContentDigest)
    /// The scope is that of the workflow that it goes back to.
    case journey(JourneyDefinition, scope: WorkflowValidation.Scope, digest: ContentDigest)

    var digest: ContentDigest {
        switch self {
        case .workflow(_, _, let digest), .journey(_, _, let digest): digest
        }
    }

    func plan(
        for request: ConversionRequest, _ observe: @Sendable (ConversionProgress) -> Void
    ) -> Result<ConversionPlan, ConversionPlan.Refusal> {
        Result { () throws(ConversionPlan.Refusal) in
            let hear = { (step: ConversionPlan.Step) in observe(.step(step.step, counts: step.counts)) }
            switch self {
            case .workflow(let workflow, let scope, _):
                return try .converting(
                    workflow, id: request.id, scope: scope, toleratesErrors: request.toleratesErrors, observe: hear)
            case .journey(let journey, let scope, _):
                return try .converting(
                    journey, id: request.id, scope: scope, toleratesErrors: request.toleratesErrors, observe: hear)
            }
        }
    }
}

/// One run of a conversion, before it has ended.
struct ConversionAttempt: Sendable {
    let started: ConversionStarted
    /// The stream that it is on record in.
    let stream: StreamName
    let source: ConversionSource
    let request: ConversionRequest

    var id: String { request.id }
}

extension ConversionService {
    /// What was brought, or else what the log holds now.
    func source(_ request: ConversionRequest) async throws(ConversionFault) -> ConversionSource {
        switch request.content {
        case .workflow(let reading)?:
            return .workflow(reading.definition, scope: reading.format.scope, digest: reading.digest)
        case .journey(let reading)?:
            return try await journey(reading.definition, id: request.id, digest: reading.digest)
        case nil: break
        }
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
            return try await self.journey(
                journey.content.definition, id: request.id, digest: journey.content.digest)
        }
    }

    /// A journey with what the workflow that it goes back to is taken for: a part of a workflow stays a part. Which one that is only
    /// converting tells, whoever has edited the journey since it was made.
    private func journey(
        _ definition: JourneyDefinition, id: String, digest: ContentDigest
    ) async throws(ConversionFault) -> ConversionSource {
        guard let target = try? JourneyToWorkflow.convert(definition, id: id).mapping.workflowID else {
            return .journey(definition, scope: .whole, digest: digest)
        }
        let stream = try ConversionStreams.workflow(target)
        let state = try await fault { try await joint.state(of: stream, by: WorkflowDecider.self) }
        guard case .present(let workflow) = state else {
            return .journey(definition, scope: .whole, digest: digest)
        }
        return .journey(definition, scope: workflow.format.scope, digest: digest)
    }

    /// Whether the result of an earlier run is still what the log says on all sides: then there is nothing to do.
    func stands(_ done: ConversionCompleted, _ attempt: ConversionAttempt) async throws(ConversionFault) -> Bool {
        let (workflowID, journeyID, workflow, journey) =
            switch attempt.request.direction {
            case .toJourney: (attempt.id, done.resultID, attempt.source.digest, done.resultDigest)
            case .toWorkflow: (done.resultID, attempt.id, done.resultDigest, attempt.source.digest)
            }
        let mappings = try ConversionStreams.mapping(workflowID)
        guard let active = try await fault({ try await joint.state(of: mappings, by: MappingDecider.self) }).base,
            active.workflowDigest == workflow, active.journeyID == journeyID, active.journeyDigest == journey
        else { return false }
        let workflows = try ConversionStreams.workflow(workflowID)
        let journeys = try ConversionStreams.journey(journeyID)
        return try await fault {
            let present = try await joint.state(of: workflows, by: WorkflowDecider.self)
            let other = try await joint.state(of: journeys, by: JourneyDecider.self)
            return present.digest == workflow && other.digest == journey && !present.isErased && !other.isErased
        }
    }
}

extension MappingDecider.State {
    /// The mapping that both sides go by: their last common point.
    var base: Mapping? { active.flatMap(version)?.mapping }
}

extension WorkflowDecider.State {
    var digest: ContentDigest? {
        guard case .present(let workflow) = self else { return nil }
        return workflow.digest
    }

    /// Whether values were erased since it was stored.
    fileprivate var isErased: Bool {
        guard case .present(let workflow) = self else { return false }
        return workflow.definition.hasErasedValues
    }
}

extension JourneyDecider.State {
    var digest: ContentDigest? {
        guard case .defined(let journey) = self else { return nil }
        return journey.content.digest
    }

    /// Whether texts were erased since it was stored.
    fileprivate var isErased: Bool {
        guard case .defined(let journey) = self else { return false }
        return journey.content.isErased
    }
}
