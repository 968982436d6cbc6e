import EventModel
import JourneyDomain
import WorkflowDomain

/// Makes a workflow say exactly the journey that is wanted: what its blocks and edges do not say by themselves is added as overrides, what
/// no override of an element can say as a patch.
///
/// This is what makes the conversion lawful whatever was edited: the journey of the settled workflow is the wanted one.
enum Settlement {
    /// - Parameters:
    ///   - id: the id with which the workflow is converted.
    ///   - isExact: whether the journey carries nothing of ours; otherwise what is kept for the way back is not compared.
    static func settle(
        _ workflow: WorkflowDefinition, to wanted: JourneyDefinition, id: String, isExact: Bool
    ) -> WorkflowDefinition {
        let wanted = isExact ? wanted : wanted.withoutComplement
        let names = JourneyNames(workflow: id, isBornInParlant: Overrides(of: workflow).isBornInParlant)
        var draft = WorkflowDraft(workflow, names: names)
        draft.metadata = draft.metadata.withoutPatch
        var maker = JourneyMaker(WorkflowGraph(draft.workflow), id: id, keepsComplement: false)
        let native = maker.make()
        guard native != wanted else { return draft.workflow }
        override(&draft, from: native, to: wanted, maker)
        let settled = draft.workflow
        var second = JourneyMaker(WorkflowGraph(settled), id: id, keepsComplement: false)
        let reached = second.make()
        guard reached != wanted else { return settled }
        let patch = JourneyPatch.difference(from: reached, to: wanted, isExact: isExact)
        guard !patch.isEmpty else { return settled }
        draft.metadata = draft.metadata.merging(
            overrides: JSONObject([.init(key: JourneyPatch.key, value: .object(patch))]))
        return draft.workflow
    }

    private static func override(
        _ draft: inout WorkflowDraft, from native: JourneyDefinition, to wanted: JourneyDefinition,
        _ maker: JourneyMaker
    ) {
        let states = Dictionary(wanted.states.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let nativeStates = Dictionary(native.states.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for block in maker.graph.blocks.indices where !maker.isStateless(block) {
            let id = maker.stateID(block)
            guard let native = nativeStates[id], let wanted = states[id], native != wanted else { continue }
            draft.override(
                block: maker.graph.blocks[block].id, with: StateOverrides.difference(from: native, to: wanted))
        }
        let transitions = Dictionary(
            wanted.transitions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let origins = maker.origins
        for transition in native.transitions {
            guard let wanted = transitions[transition.id], wanted != transition,
                let origin = origins[transition.id],
                let edge = maker.graph.ports[origin.block][origin.port].edges.first
            else { continue }
            draft.override(
                edge: maker.graph.workflow.edges[edge].id,
                with: TransitionOverrides.difference(from: transition, to: wanted))
        }
        draft.metadata = draft.metadata.merging(
            overrides: JourneyOverrides.difference(from: native, to: wanted))
    }
}

extension JSONObject {
    fileprivate var withoutPatch: JSONObject {
        guard var said = self[Overrides.key]?.object, said[JourneyPatch.key] != nil else { return self }
        said[JourneyPatch.key] = nil
        var object = self
        object[Overrides.key] = said.isEmpty ? nil : .object(said)
        return object
    }
}
