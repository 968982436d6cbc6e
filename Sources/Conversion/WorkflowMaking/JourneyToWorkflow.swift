import EventModel
import JourneyDomain
import WorkflowDomain

/// Turns a journey into the workflow that runs the same ways with the same decisions.
///
/// A journey that ``WorkflowToJourney`` made carries its workflow along: if nothing was edited since, exactly that workflow comes back;
/// what was edited is repeated on the workflow, and nothing else changes. A journey that was born in Parlant becomes a
/// workflow that turns into exactly that journey again.
public enum JourneyToWorkflow {
    /// Converts `journey`.
    ///
    /// - Parameter id: the journey's id. The workflow's is in the mapping: the one that the journey came from, else `id`, made into one.
    /// - Throws: ``ConversionError`` when ids are empty or repeated, the root is missing, or there is too much of something.
    public static func convert(
        _ journey: JourneyDefinition, id: String
    ) throws(ConversionError) -> WorkflowConversion {
        try check(journey, id: id)
        guard let restoration = Restoration(journey) else { return born(journey, id: id) }
        return restored(journey, id: id, restoration)
    }

    private static func check(_ journey: JourneyDefinition, id: String) throws(ConversionError) {
        try Checks.id(id)
        try Checks.count(.state, journey.states.count, limit: ConversionLimits.blocks)
        try Checks.count(.transition, journey.transitions.count, limit: ConversionLimits.edges)
        try Checks.ordered(.state, journey.states, \.id)
        try Checks.ids(.transition, journey.transitions.map(\.id))
        var hasRoot = false
        for state in journey.states.map(\.id) {
            guard state != JourneyState.end else { throw .reservedID(state) }
            hasRoot = hasRoot || state == journey.root
        }
        guard hasRoot else { throw .missingRoot(journey.root) }
    }

    private static func born(_ journey: JourneyDefinition, id: String) -> WorkflowConversion {
        let workflowID = (WorkflowID(id) ?? WorkflowID.derived(fromName: id))?.text ?? "journey"
        let workflow = BornJourney.workflow(of: journey, id: id)
        let maker = maker(of: workflow, id: workflowID)
        return conversion(of: workflow, by: maker, journey, journeyID: id, remarks: [])
    }

    private static func restored(
        _ journey: JourneyDefinition, id: String, _ restoration: Restoration
    ) -> WorkflowConversion {
        let workflow = restoration.workflow
        // What is kept for the way back is not compared, so it need not be made either.
        var maker = JourneyMaker(WorkflowGraph(workflow), id: restoration.workflowID, keepsComplement: false)
        let before = maker.make()
        let after = journey.withRoot(before.root, insteadOf: journey.root, known: restoration.renamed)
        if before.isSame(besidesComplement: after) {
            return conversion(of: workflow, by: maker, journey, journeyID: id, remarks: restoration.remarks)
        }
        var renamed = restoration.renamed
        if journey.root != after.root { renamed[journey.root] = nil }
        let edits = JourneyEdits(workflow, maker: maker, before: before, after: after, renamed: renamed)
        let edited = Settlement.settle(edits.draft.workflow, to: after, id: restoration.workflowID, isExact: false)
        return conversion(
            of: edited, by: Self.maker(of: edited, id: restoration.workflowID), journey, journeyID: id,
            remarks: restoration.remarks)
    }

    private static func conversion(
        of workflow: WorkflowDefinition, by maker: JourneyMaker, _ journey: JourneyDefinition, journeyID: String,
        remarks: [ConversionRemark]
    ) -> WorkflowConversion {
        let correspondence = maker.correspondence(id: journeyID)
        let report = ConversionReport(
            counts: JourneyMaker.counts(workflow, journey), remarks: remarks + WorkflowRemarks(workflow).remarks)
        return WorkflowConversion(
            workflow: workflow, journey: journey, correspondence: correspondence, report: report)
    }

    /// A maker that has made the journey of `workflow`.
    private static func maker(of workflow: WorkflowDefinition, id: String) -> JourneyMaker {
        var maker = JourneyMaker(WorkflowGraph(workflow), id: id, keepsComplement: false)
        _ = maker.make()
        return maker
    }
}

extension JourneyDefinition {
    /// This journey with its root called `wanted`. Parlant names the roots of journeys itself, so another name of the root is no edit.
    fileprivate func withRoot(
        _ wanted: ElementID, insteadOf actual: ElementID, known: [ElementID: ElementID]
    ) -> JourneyDefinition {
        let rootKept = states.first { $0.id == actual }?.metadata[Complement.key]
        let isTheRoot = rootKept?["made"] == "root" || known[actual] != nil
        guard actual != wanted, isTheRoot, !states.contains(where: { $0.id == wanted }) else { return self }
        func name(_ id: ElementID) -> ElementID { id == actual ? wanted : id }
        return replacing(
            root: wanted,
            states: states.map { state in
                JourneyState(
                    id: name(state.id), kind: state.kind, action: state.action, summary: state.summary,
                    tools: state.tools, labels: state.labels, compositionMode: state.compositionMode,
                    metadata: state.metadata, extra: state.extra)
            },
            transitions: transitions.map { way in
                JourneyTransition(
                    id: way.id, source: name(way.source), target: name(way.target), condition: way.condition,
                    metadata: way.metadata, extra: way.extra)
            })
    }
}
