import EventModel
import WorkflowDomain

/// What texts refer to: blocks by name, variables, and the container around.
enum ReferenceRules {
    static func check(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        var names = ReferenceNames(graph)
        for block in graph.blocks.indices where !graph.blocks[block].isNote {
            for text in texts(of: block, graph) { check(text, of: block, graph, &names, &findings) }
        }
        names.reportDuplicates(graph, &findings)
    }

    /// One text of a block, and the input that it is in.
    private struct Text {
        let place: JSONPath
        let isCode: Bool
        let references: [SimReference]
    }

    private static func texts(of number: Int, _ graph: JudgedWorkflow) -> [Text] {
        let block = graph.blocks[number]
        let place = graph.place(number)
        var texts: [Text] = block.subBlocks.compactMap { input in
            let references = references(in: input.value)
            return references.isEmpty
                ? nil
                : Text(
                    place: place["subBlocks"][input.id.text], isCode: input.id.text == "code", references: references)
        }
        for member in block.data.members where member.key != "parentId" {
            let references = references(in: member.value)
            if !references.isEmpty {
                texts.append(Text(place: place["data"][member.key], isCode: false, references: references))
            }
        }
        return texts
    }

    private static func references(in value: JSONValue) -> [SimReference] {
        switch value {
        case .null, .bool, .number: []
        case .string(let text): SimReference.all(in: text)
        case .array(let elements): elements.flatMap(references)
        case .object(let object): object.members.flatMap { references(in: $0.value) }
        }
    }

    private static func check(
        _ text: Text, of block: Int, _ graph: JudgedWorkflow, _ names: inout ReferenceNames, _ findings: inout [Finding]
    ) {
        var reported: Set<String> = []
        for reference in text.references where !names.resolves(reference, from: block, graph) {
            guard reported.insert(reference.text).inserted else { continue }
            if let finding = finding(reference, text, graph) { findings.append(finding) }
        }
    }

    private static func finding(_ reference: SimReference, _ text: Text, _ graph: JudgedWorkflow) -> Finding? {
        switch reference.normalizedName {
        case "variable":
            guard let path = reference.path, !path.isEmpty else { return nil }
            return Finding(
                .workflowUnknownVariable, .warning, at: text.place,
                "\(reference.text.quoted) names a variable that the workflow does not have",
                cure: "add the variable, or correct the name")
        case "loop", "parallel":
            guard reference.path != nil else { return nil }
            return Finding(
                .workflowReferenceOutsideContainer, .warning, at: text.place,
                "\(reference.text.quoted) is used outside of any \(reference.normalizedName)",
                cure: "move the block into one, or refer to the container by its name")
        default:
            guard reference.isPlain else { return nil }
            return Finding(
                .workflowUnknownReference, text.isCode ? .remark : .warning, at: text.place,
                "\(reference.text.quoted) names a block that the workflow does not have",
                cure: "correct the name, or add the block")
        }
    }
}

/// What references can name in one workflow, and which names were used.
struct ReferenceNames {
    private var blocks: [String: [Int]] = [:]
    private let ids: Set<String>
    private let variables: Set<String>
    /// The containers of each kind that hold a block by their own word.
    private let listed: [String: Set<ElementID>]
    private var used: Set<String> = []

    init(_ graph: JudgedWorkflow) {
        for block in graph.blocks.indices where !graph.blocks[block].isNote {
            blocks[BlockName.normalized(graph.blocks[block].name), default: []].append(block)
        }
        ids = Set(graph.blocks.map { BlockName.normalized($0.id.text) })
        variables = Set(graph.workflow.variables.map { BlockName.normalized($0.name) })
        listed = [
            "loop": Set(graph.workflow.loops.flatMap(\.nodes)),
            "parallel": Set(graph.workflow.parallels.flatMap(\.nodes)),
        ]
    }

    /// Whether `reference`, made from `block`, leads somewhere.
    mutating func resolves(_ reference: SimReference, from block: Int, _ graph: JudgedWorkflow) -> Bool {
        let name = reference.normalizedName
        if blocks[name] != nil {
            used.insert(name)
            return true
        }
        switch name {
        case "variable":
            // A variable's name may have dots, and a path may follow it.
            guard let path = reference.path else { return true }
            let whole = BlockName.normalized(path)
            let first = whole.prefix { $0 != "." && $0 != "[" }
            return variables.contains(whole) || variables.contains(String(first))
        case "loop", "parallel": return isInside(block, kind: name, graph)
        default: return ids.contains(name)
        }
    }

    private func isInside(_ block: Int, kind: String, _ graph: JudgedWorkflow) -> Bool {
        if listed[kind]?.contains(graph.blocks[block].id) == true { return true }
        var here: Int? = block
        // A circle of containers is as good as deep nesting: it ends here, too.
        for _ in 0...WorkflowLimits.containerDepth {
            guard let container = here else { return false }
            if graph.blocks[container].type == kind { return true }
            here = graph.parents[container]
        }
        return false
    }

    /// Names that several blocks have: a reference means one of them, and nobody sees which.
    func reportDuplicates(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        let repeated = blocks.filter { $0.value.count > 1 && !$0.key.isEmpty }.sorted { $0.value[0] < $1.value[0] }
        for (name, members) in repeated {
            let isUsed = used.contains(name)
            for block in members.dropFirst() {
                findings.append(
                    Finding(
                        .workflowDuplicateName, isUsed ? .warning : .remark, at: graph.place(block)["name"],
                        "\(graph.name(block)) is called like \(graph.blocks[members[0]].id.quoted)"
                            + (isUsed ? ", and references use the name" : ""), cure: "give one of them another name"))
            }
        }
    }
}
