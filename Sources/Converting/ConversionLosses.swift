import Conversion
import EventModel
import EventSourcing
import JourneyDomain
import WorkflowDomain

/// What a conversion does not do unasked: undo somebody's work.
extension ConversionService {
    func refuseLosses(
        _ plan: ConversionPlan, _ attempt: ConversionAttempt, over decisions: inout JointDecisions<Store>
    ) async throws {
        guard !attempt.request.replacesChanges else { return }
        let mappings = try await decisions.state(
            of: try ConversionStreams.mapping(plan.mapping.workflowID), by: MappingDecider.self
        ).state
        if let content = attempt.request.content {
            try await refuseStale(content, plan, mappings, over: &decisions)
        }
        try await refuseLossOfTarget(plan, base: mappings.base, over: &decisions)
    }

    /// A target may be written over when it is what both sides last agreed on; anything else is somebody's work.
    private func refuseLossOfTarget(
        _ plan: ConversionPlan, base: Mapping?, over decisions: inout JointDecisions<Store>
    ) async throws {
        let (id, next, common) =
            switch plan.product {
            case .journey(let made):
                (made.mapping.journeyID, made.mapping.journeyDigest, base?.journeyDigest(of: made.mapping.journeyID))
            case .workflow(let made): (made.mapping.workflowID, made.mapping.workflowDigest, base?.workflowDigest)
            }
        let present =
            switch plan.product {
            case .journey: try await journeyDigest(of: id, over: &decisions)
            case .workflow: try await workflowDigest(of: id, over: &decisions)
            }
        guard let present, present != next, present != common else { return }
        throw ConversionFault.targetChanged(id: id, digest: present)
    }

    /// Content that is brought may take the place of what is there unless that was changed after the content was taken from it: the change
    /// would be undone here, and then on the other side as well.
    ///
    /// What content was taken from is known when it says so. Otherwise it is known to be old when both sides have agreed on exactly this content
    /// before, and a conversion from the other side has replaced it since.
    private func refuseStale(
        _ content: ConversionContent, _ plan: ConversionPlan, _ mappings: MappingDecider.State,
        over decisions: inout JointDecisions<Store>
    ) async throws {
        let found =
            switch content {
            case .workflow: try await workflowDigest(of: content.id, over: &decisions)
            case .journey: try await journeyDigest(of: content.id, over: &decisions)
            }
        guard let present = found, present != content.digest, present != content.base else { return }
        if content.base == nil {
            let agreed = mappings.versions.compactMap { $0.mapping.digest(of: content) }
            guard agreed.contains(content.digest) else { return }
            let other = plan.mapping.result(of: content.direction)
            let runs = try await decisions.state(
                of: try ConversionStreams.conversion(other), by: ConversionDecider.self
            ).state.runs
            let isMadeByOther = runs.contains { run in
                run.started.direction != content.direction && run.completed?.resultID == content.id
                    && run.completed?.resultDigest == present && run.completed?.mappingVersion == mappings.active
            }
            guard isMadeByOther else { return }
        }
        throw ConversionFault.sourceChanged(id: content.id, digest: present)
    }

    func workflowDigest(
        of id: String, over decisions: inout JointDecisions<Store>
    ) async throws -> ContentDigest? {
        try await decisions.state(of: try ConversionStreams.workflow(id), by: WorkflowDecider.self).state.digest
    }

    func journeyDigest(of id: String, over decisions: inout JointDecisions<Store>) async throws -> ContentDigest? {
        try await decisions.state(of: try ConversionStreams.journey(id), by: JourneyDecider.self).state.digest
    }
}

extension Mapping {
    /// What the journey `id` was when this was made; `nil` when it is of another journey.
    fileprivate func journeyDigest(of id: String) -> ContentDigest? { journeyID == id ? journeyDigest : nil }

    fileprivate func digest(of content: ConversionContent) -> ContentDigest? {
        switch content {
        case .workflow: workflowDigest
        case .journey(let reading): journeyDigest(of: reading.id.text)
        }
    }

    /// The id of what a conversion in `direction` makes.
    fileprivate func result(of direction: ConversionDirection) -> String {
        switch direction {
        case .toJourney: journeyID
        case .toWorkflow: workflowID
        }
    }
}
