import EventModel

/// Loops and parallels: which blocks are inside which, and what a file leaves unsaid about it.
enum Containment {
    /// Refuses containers that contain each other, or that are nested too deep to be meant.
    static func checkParents(_ blocks: [Placed<Block>], findings: inout Findings) {
        let parents = parents(of: blocks)
        var reported: Set<ElementID> = []
        for block in blocks {
            var chain = [block.element.id]
            while let last = chain.last, let parent = parents[last] {
                if let start = chain.firstIndex(of: parent) {
                    let circle = chain[start...] + [parent]
                    if reported.isDisjoint(with: circle) {
                        findings.problem(.containerCycle(Array(circle)), at: block.path["data"]["parentId"])
                    }
                    reported.formUnion(circle)
                    break
                }
                chain.append(parent)
                guard chain.count <= WorkflowLimits.containerDepth + 1 else {
                    findings.problem(.containersTooDeep(limit: WorkflowLimits.containerDepth), at: block.path)
                    break
                }
            }
        }
    }

    static func parents(of blocks: [Placed<Block>]) -> [ElementID: ElementID] {
        var parents: [ElementID: ElementID] = [:]
        for block in blocks { parents[block.element.id] = block.element.parentID }
        return parents
    }

    /// The containers as given, and one derived from every container block that the file does not list.
    static func completed(_ given: [Container], type: String, blocks: [Block]) -> [Container] {
        let listed = Set(given.map(\.id))
        var members: [ElementID: [ElementID]] = [:]
        for block in blocks {
            if let parent = block.parentID { members[parent, default: []].append(block.id) }
        }
        let derived = blocks.filter { $0.type == type && !listed.contains($0.id) }.map { block in
            Container(
                id: block.id, nodes: members[block.id] ?? [],
                settings: type == "loop" ? loopSettings(block) : parallelSettings(block))
        }
        return given + derived
    }

    /// As Sim's editor derives a loop from its block; what the block does not say stays unsaid.
    private static func loopSettings(_ block: Block) -> JSONObject {
        var settings: JSONObject = JSONObject([.init(key: "loopType", value: block.data["loopType"] ?? "for")])
        settings["iterations"] = block.data["count"]
        settings["forEachItems"] = block.data["collection"]
        settings["whileCondition"] = block.data["whileCondition"]
        settings["doWhileCondition"] = block.data["doWhileCondition"]
        settings["enabled"] = .bool(block.isEnabled)
        return settings
    }

    private static func parallelSettings(_ block: Block) -> JSONObject {
        let type: JSONValue = block.data["collection"] == nil ? "count" : "collection"
        var settings = JSONObject([.init(key: "parallelType", value: block.data["parallelType"] ?? type)])
        settings["count"] = block.data["count"]
        settings["distribution"] = block.data["collection"]
        settings["batchSize"] = block.data["batchSize"]
        settings["enabled"] = .bool(block.isEnabled)
        return settings
    }

    /// Notes parents that are missing or no containers, and containers that do not fit their blocks.
    static func remark(_ draft: Draft, edges: [Placed<Edge>], findings: inout Findings) {
        var blocks: [ElementID: Block] = [:]
        var members: [ElementID: Set<ElementID>] = [:]
        for block in draft.blocks {
            blocks[block.element.id] = block.element
            if let parent = block.element.parentID { members[parent, default: []].insert(block.element.id) }
        }
        for block in draft.blocks {
            guard let parent = block.element.parentID else { continue }
            let place = block.path["data"]["parentId"]
            if let container = blocks[parent] {
                if !container.isContainer { findings.warn(.parentIsNoContainer(parent), at: place) }
            } else {
                findings.warn(.missingParent(parent), at: place)
            }
        }
        for container in draft.loops + draft.parallels {
            let id = container.element.id
            guard blocks[id] != nil else {
                findings.warn(.containerWithoutBlock(id), at: container.path)
                continue
            }
            if Set(container.element.nodes) != members[id] ?? [] {
                findings.warn(.membersDisagree(id), at: container.path["nodes"])
            }
        }
        let started = Set(edges.filter { $0.element.handle == .containerStart }.map(\.element.source))
        for block in draft.blocks where block.element.isContainer {
            let id = block.element.id
            if members[id] != nil && !started.contains(id) { findings.warn(.containerWithoutStart(id), at: block.path) }
        }
    }
}
