import EventModel
import JourneyDomain
import WorkflowDomain

/// What a workflow has that a journey has no form for.
struct JourneyRemarks {
    private(set) var remarks: [ConversionRemark] = []

    init(_ maker: JourneyMaker) {
        starts(maker)
        blocks(maker)
        edges(maker)
        groups(maker)
        surroundings(maker)
    }

    private mutating func starts(_ maker: JourneyMaker) {
        let starts = maker.routing.flow.starts
        let triggers = starts.filter { maker.graph.traits[$0].isTrigger }
        if triggers.isEmpty {
            add(
                .noStart, explanation: "No block starts the workflow.",
                instead: starts.count == 1
                    ? "The journey begins with the block that nothing leads to."
                    : "The journey begins with the \(starts.count) blocks that nothing leads to.")
        } else if triggers.count > 1 {
            add(
                .severalStarts, explanation: "\(triggers.count) blocks start the workflow; a journey has one root.",
                instead: "The root asks what the conversation begins with.")
        }
        let name = maker.graph.workflow.name ?? ""
        if name.isEmpty || name.count > ConversionLimits.titleCharacters {
            add(
                .adjustedTitle,
                explanation: "Parlant takes titles of 1 to \(ConversionLimits.titleCharacters) characters.",
                instead: name.isEmpty ? "The id is the title." : "The title is the beginning of the name.")
        }
    }

    private mutating func blocks(_ maker: JourneyMaker) {
        for number in maker.graph.blocks.indices where isRemarkable(number, maker) {
            let block = maker.graph.blocks[number]
            if block.isNote {
                add(.note, block, "An annotation has no state.", "It is kept in the journey's metadata.")
                continue
            }
            if !block.isEnabled {
                add(
                    .disabledBlock, block, "The block is switched off.",
                    "Its state is there and never entered, as Sim leaves it out.")
            }
            if block.isEnabled, !maker.routing.flow.isReached[number] {
                add(.unreachableBlock, block, "No start leads to the block.", "Its state is there and never entered.")
            }
            if block.isContainer {
                add(
                    .repetition, block, "Journeys have no containers.",
                    "A fork leads into the members again until no round or branch is left.")
            }
            if block.type == "workflow" || block.type == "workflow_input" {
                add(
                    .childWorkflow, block, "A journey cannot call another and wait for it.",
                    "A state names the child's journey.")
            }
        }
    }

    /// Whether there may be anything to say of a block; most are what they seem.
    private func isRemarkable(_ number: Int, _ maker: JourneyMaker) -> Bool {
        guard maker.graph.traits[number].isEnabled, maker.routing.flow.isReached[number] else { return true }
        switch maker.graph.blocks[number].type {
        case "note", "loop", "parallel", "workflow", "workflow_input": return true
        default: return false
        }
    }

    private mutating func edges(_ maker: JourneyMaker) {
        for (number, reason) in maker.graph.aside {
            let edge = maker.graph.workflow.edges[number]
            let (code, explanation): (ConversionRemark.Code, String) =
                switch reason {
                case .dangling: (.danglingEdge, "An end of the edge is missing.")
                case .note: (.noteEdge, "An end of the edge is an annotation.")
                case .crossing: (.crossingEdge, "The edge leads into or out of a container.")
                case .disabled: (.disabledEdge, "An end of the edge is switched off.")
                }
            add(
                code, element: .edge, id: edge.id, explanation: explanation,
                instead: "It is kept in the journey's metadata.")
        }
        let flow = maker.routing.flow
        for number in maker.graph.blocks.indices where !maker.graph.traits[number].isNote {
            for port in maker.graph.ports[number].indices where !maker.graph.ports[number][port].kind.isStart {
                let targets = maker.graph.ports[number][port].targets
                for target in targets where flow.rank[target] <= flow.rank[number] {
                    let isFollowed = targets.count == 1
                    add(
                        .cycle, maker.graph.blocks[number], "A way out of the block closes a cycle that is no loop.",
                        isFollowed ? "The transition leads back." : "It is kept and not followed.")
                }
            }
        }
    }

    private mutating func groups(_ maker: JourneyMaker) {
        let flow = maker.routing.flow
        for number in maker.graph.blocks.indices where !maker.graph.traits[number].isNote {
            for index in maker.graph.ports[number].indices where maker.graph.ports[number][index].targets.count > 1 {
                let block = maker.graph.blocks[number]
                add(
                    .parallelVisit, block,
                    "\(maker.graph.ports[number][index].targets.count) blocks run side by side behind it.",
                    "They are visited one after the other.")
                if maker.routing.unstructured.contains(flow.portBase[number] + index) {
                    add(
                        .unstructuredFanOut, block, "Its branches lead to different places outside.",
                        "Not every place is visited after all branches.")
                }
            }
        }
        for gate in maker.gates {
            let block: Int
            switch gate {
            case .elementGate(let element): block = element
            case .exitGate(let port):
                block = maker.routing.plan.exits[port].first ?? flow.portBlocks[port - maker.graph.blocks.count]
            case .block(let number): block = number
            case .end: continue
            }
            add(
                .conditionalJoin, maker.graph.blocks[block],
                "Whether it runs depends on decisions of several branches.", "A state asks whether it is due.")
        }
    }

    private mutating func surroundings(_ maker: JourneyMaker) {
        for variable in maker.graph.workflow.variables {
            add(
                .variable, element: .variable, id: variable.id, explanation: "Journeys have no variables.",
                instead: "The mapping names the key of the conversation's context.")
        }
        let workflow = maker.graph.workflow
        for container in workflow.loops + workflow.parallels where maker.graph.numbers[container.id] == nil {
            add(
                .containerWithoutBlock, element: .block, id: container.id,
                explanation: "The container has no block.", instead: "It is kept in the journey's metadata.")
        }
    }

    private mutating func add(
        _ code: ConversionRemark.Code, _ block: Block, _ explanation: String, _ instead: String
    ) {
        add(code, element: .block, id: block.id, explanation: explanation, instead: instead)
    }

    private mutating func add(
        _ code: ConversionRemark.Code, element: ConversionElement? = nil, id: ElementID? = nil, explanation: String,
        instead: String
    ) {
        remarks.append(ConversionRemark(code, element: element, id: id, explanation: explanation, instead: instead))
    }
}
