import EventModel
import JourneyDomain
import WorkflowDomain

extension JourneyMaker {
    /// The whole journey.
    mutating func make() -> JourneyDefinition {
        makeStates()
        makeTransitions()
        let said = overrides.object
        guard !said.isEmpty else {
            return nativeJourney(keepsComplement ? marked(complement(besides: nil)) : JSONObject())
        }
        let journey = JourneyPatch.apply(
            said[JourneyPatch.key]?.object ?? JSONObject(),
            to: JourneyOverrides.apply(said, to: nativeJourney(JSONObject())))
        guard keepsComplement else { return journey }
        var metadata = journey.metadata
        metadata[Complement.key] = .object(complement(besides: isPatched ? journey : nil))
        return journey.replacing(metadata: metadata)
    }

    private func nativeJourney(_ metadata: JSONObject) -> JourneyDefinition {
        let isBorn = overrides.isBornInParlant
        return JourneyDefinition(
            title: Self.title(of: graph.workflow, otherwise: names.workflow), summary: graph.workflow.summary ?? "",
            conditions: isBorn ? [] : activations(), labels: isBorn ? [] : ["sim"],
            root: rootBlock.map(stateID) ?? names.root, states: states, transitions: transitions, metadata: metadata)
    }

    /// The name where it can be a title, else the beginning of it, else the id.
    static func title(of workflow: WorkflowDefinition, otherwise id: String) -> String {
        let name = workflow.name ?? ""
        return String((name.isEmpty ? id : name).prefix(ConversionLimits.titleCharacters))
    }

    /// What starts the journey: one condition for every trigger.
    private func activations() -> [String] {
        let name = Self.title(of: graph.workflow, otherwise: names.workflow)
        var conditions: [String] = []
        for start in routing.flow.starts where graph.traits[start].isTrigger {
            let block = graph.blocks[start]
            let condition =
                switch block.type {
                case "starter", "start_trigger", "chat_trigger", "manual_trigger", "input_trigger", "api_trigger":
                    "the customer asks for “\(name)”"
                case "schedule": "it is time for “\(name)”"
                default: "\(block.title) calls for “\(name)”"
                }
            if !conditions.contains(condition) { conditions.append(condition) }
        }
        return conditions.isEmpty ? ["the customer asks for “\(name)”"] : conditions
    }

    /// What no state or transition keeps. A patch may have removed some of `journey` that would have.
    private func complement(besides journey: JourneyDefinition?) -> JSONObject {
        let states = journey.map { Set($0.states.map(\.id)) }
        let transitions = journey.map { Set($0.transitions.map(\.id)) }
        func keeps(_ block: Int) -> Bool { states?.contains(stateIDs[block]) ?? true }
        var isCarried = links.map { $0 >= 0 && transitions?.contains(self.transitions[$0].id) ?? true }
        for source in folded.keys where keeps(source) {
            for edge in graph.ports[source].first?.edges ?? IndexList() { isCarried[edge] = true }
        }
        let hosts = Dictionary(folded.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let stateless = graph.blocks.indices.filter { block in
            let host = hosts[block] ?? block
            return isStateless(host) || !keeps(host)
        }
        return Complement.of(
            graph, id: workflowID, stateless: stateless, containers: containers,
            edges: isCarried.indices.filter { !isCarried[$0] })
    }

    /// `journey` with the mapping and the report of how it was made.
    func conversion(_ journey: JourneyDefinition) -> JourneyConversion {
        JourneyConversion(
            journey: journey, workflow: graph.workflow, correspondence: correspondence(),
            report: ConversionReport(
                counts: Self.counts(graph.workflow, journey), remarks: JourneyRemarks(self).remarks))
    }

    static func counts(_ workflow: WorkflowDefinition, _ journey: JourneyDefinition) -> ConversionCounts {
        ConversionCounts(
            blocks: workflow.blocks.count, edges: workflow.edges.count, variables: workflow.variables.count,
            states: journey.states.count, transitions: journey.transitions.count)
    }

    /// Which element stands for which; `id` is the journey's, if it is known.
    func correspondence(id: String? = nil) -> Correspondence {
        Correspondence(
            workflowID: workflowID, journeyID: id ?? overrides.journeyID ?? workflowID, isPatched: isPatched,
            stateIDs: stateIDs, standings: standings, gates: gateNodes, transitions: transitions, links: links)
    }
}

/// Whether a state stands for a block.
enum Standing: UInt8 {
    /// One of its own.
    case state
    /// The end, which all journeys share.
    case end
    /// None: an annotation, or a condition that is folded into the block before it.
    case nothing
}

/// Which element stands for which, before anybody asks for the mapping.
struct Correspondence: Equatable, Sendable {
    let workflowID: String
    let journeyID: String
    /// Whether the journey may lack some of the states and transitions.
    let isPatched: Bool
    /// The ids of the blocks' states, by the blocks' numbers.
    let stateIDs: [ElementID]
    let standings: [Standing]
    /// Their further states.
    let gates: [Int: [ElementID]]
    /// The transitions as they were made.
    let transitions: [JourneyTransition]
    /// The place among them of every edge's, by the edges' numbers; -1 for none.
    let links: [Int]

    func mapping(_ workflow: WorkflowDefinition, _ journey: JourneyDefinition) -> Mapping {
        let states = isPatched ? Set(journey.states.map(\.id)).union([JourneyState.end]) : nil
        let transitions = isPatched ? Set(journey.transitions.map(\.id)) : nil
        return Mapping(
            workflowID: workflowID, journeyID: journeyID, workflowDigest: workflow.digest,
            journeyDigest: journey.digest,
            nodes: workflow.blocks.indices.map { block in
                let all = own(block) + (gates[block] ?? [])
                return Mapping.Node(
                    block: workflow.blocks[block].id, states: all.filter { states?.contains($0) ?? true })
            },
            links: workflow.edges.indices.map { edge in
                let carried = links[edge] < 0 ? [] : [self.transitions[links[edge]].id]
                return Mapping.Link(
                    edge: workflow.edges[edge].id, transitions: carried.filter { transitions?.contains($0) ?? true })
            }, contexts: ContextKeys.keys(of: workflow.variables))
    }

    private func own(_ block: Int) -> [ElementID] {
        switch standings[block] {
        case .state: [stateIDs[block]]
        case .end: [JourneyState.end]
        case .nothing: []
        }
    }
}

/// The keys under which a conversation knows a workflow's variables.
enum ContextKeys {
    /// A variable's name, or, when it has none or others have it too, its name and id.
    static func keys(of variables: [Variable]) -> [Mapping.Context] {
        var counts: [ElementID: Int] = [:]
        for variable in variables { counts[ElementID(variable.name), default: 0] += 1 }
        return variables.map { variable in
            let isClear = !variable.name.isEmpty && counts[ElementID(variable.name)] == 1
            return Mapping.Context(
                variable: variable.id, key: isClear ? variable.name : "\(variable.name)#\(variable.id.text)")
        }
    }
}
