import Conversion
import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing
import WorkflowDomain

/// The law. A state that stands for a block differs only if the block does. A transition differs only if it leaves such a block, one whose edges
/// are others, or the container of one that is entered otherwise; but one that lies in a fan-out may lead elsewhere, if what the fan-out leads
/// to meets what the changed place leads to, directly or by way of another such fan-out: there the order of visits may be another. The same is
/// true of what no beginning leads to, before or after. What the conversion makes up (whether something is due, where a conversation begins)
/// differs only there.
@Suite("A small edit of a workflow is a small difference of its journey") struct SmallEditTests {
    /// What the edits of one kind came to.
    private struct Tally {
        var edits = 0
        /// Edits where no fan-out is concerned: there not even a target differs.
        var alone = 0
        /// Transitions of blocks that are as they were, which lead elsewhere.
        var moved = 0

        mutating func add(_ difference: JourneyDifferenceOf) {
            edits += 1
            if difference.isAlone { alone += 1 }
            moved += difference.moved
        }
    }

    @Test(arguments: SmallEdit.Kind.allCases)
    func
        `it reaches the states of changed blocks, the ways out of them, and the targets of ways that a common fan-out leads to`(
            _ kind: SmallEdit.Kind
        ) throws
    {
        var tally = Tally()
        for seed in 0..<120 as Range<UInt64> {
            let workflow = RandomFlow.workflow(seed: seed, .proper, size: 3...14)
            var random = SplitMix64(seed: seed &+ 1_000)
            guard let edit = SmallEdit(kind, of: workflow, using: &random) else { continue }
            let difference = try JourneyDifferenceOf(edit, of: workflow)
            #expect(difference.excess == [], "seed \(seed)")
            tally.add(difference)
        }
        #expect(tally.edits > 80 && tally.alone > 10 && tally.moved < tally.edits, "\(tally)")
    }

    @Test(.enabled(if: RealWorkflows.arePresent), arguments: SmallEdit.Kind.allCases)
    func `also of real workflows`(_ kind: SmallEdit.Kind) throws {
        var tally = Tally()
        for (name, reading) in try RealWorkflows.all() where WorkflowPorts(reading.definition).order != nil {
            for seed in 0..<3 as Range<UInt64> {
                var random = SplitMix64(seed: seed)
                guard let edit = SmallEdit(kind, of: reading.definition, using: &random) else { continue }
                let difference = try JourneyDifferenceOf(edit, of: reading.definition)
                #expect(difference.excess == [], "\(name), seed \(seed)")
                tally.add(difference)
            }
        }
        #expect(tally.edits > 80 && tally.alone > 40 && tally.moved < tally.edits, "\(tally)")
    }
}

/// What of a journey is different after an edit of its workflow, and must not be.
struct JourneyDifferenceOf {
    /// Whether no fan-out leads to a block that the edit touches.
    let isAlone: Bool
    /// How many transitions of blocks that are as they were lead elsewhere.
    private(set) var moved = 0
    /// The ids of what differs beyond the law.
    private(set) var excess: [String] = []
    private let edit: SmallEdit
    private let beside: Set<ElementID>
    private let before: JourneyDefinition
    private let after: JourneyDefinition

    init(_ edit: SmallEdit, of workflow: WorkflowDefinition) throws {
        self.edit = edit
        before = try WorkflowToJourney.convert(workflow, id: "wf").journey
        after = try WorkflowToJourney.convert(edit.after, id: "wf").journey
        let (old, new) = (WorkflowPorts(workflow), WorkflowPorts(edit.after))
        let concerned = old.beside(edit.places).union(new.beside(edit.places))
        isAlone = concerned.isEmpty
        beside = concerned.union(old.unreached).union(new.unreached)
        compareStates()
        compareTransitions()
        compareOrder()
        compareWhole()
    }

    private mutating func compareStates() {
        let (old, new) = (Self.byID(before.states, \.id), Self.byID(after.states, \.id))
        for id in Set(old.keys).union(new.keys) where old[id] != new[id] {
            let isAllowed =
                if let block = (old[id] ?? new[id])?.metadata["sim"]?["block"]?["id"]?.string {
                    edit.blocks.contains(ElementID(block))
                } else {
                    isQuestion(id) || id == "wf~root"
                }
            if !isAllowed { excess.append("state \(id)") }
        }
    }

    private mutating func compareTransitions() {
        let (old, new) = (Self.byID(before.transitions, \.id), Self.byID(after.transitions, \.id))
        for id in Set(old.keys).union(new.keys) where old[id] != new[id] {
            guard let block = (old[id] ?? new[id])?.metadata["sim"]?["block"]?.string.map({ ElementID($0) }) else {
                if !isQuestion(id) && !isOfBeginning(id) { excess.append("transition \(id)") }
                continue
            }
            guard !edit.sources.contains(block) else { continue }
            moved += 1
            let isAllowed = beside.contains(block) && old[id]?.withoutTarget == new[id]?.withoutTarget
            if !isAllowed { excess.append("transition \(id)") }
        }
    }

    /// The order of a state's ways is what Parlant's numbers depend on.
    private mutating func compareOrder() {
        let (old, new) = (Self.order(before), Self.order(after))
        for state in before.states {
            let block = state.metadata["sim"]?["block"]?["id"]?.string.map { ElementID($0) }
            guard let block, !edit.sources.contains(block), old[state.id] != new[state.id] else { continue }
            excess.append("order at \(state.id)")
        }
    }

    private mutating func compareWhole() {
        let isSame =
            before.title == after.title && before.summary == after.summary && before.labels == after.labels
            && before.metadata.removing(["sim"]) == after.metadata.removing(["sim"]) && before.root == after.root
        if !isSame { excess.append("the journey itself") }
    }

    /// Whether it is a question whether something is due, or an answer to one, of a fan-out that is concerned; or names a block that is different.
    private func isQuestion(_ id: ElementID) -> Bool {
        let isConcerned = beside.union(edit.blocks).contains { block in
            id.text == "wf~due~\(block.text)"
                || ["wf~due~\(block.text)~", "wf~after~\(block.text)~"].contains { id.text.hasPrefix($0) }
        }
        let names = after.transitions.contains { way in
            way.source.text.hasPrefix("wf~after~") && id.text.hasPrefix(way.source.text)
                && edit.blocks.contains { way.target.text == "wf.\($0.text)" }
        }
        return isConcerned || names
    }

    /// Whether it leads from the made-up root into a block that is entered otherwise, or its wording depends on how many there are.
    private func isOfBeginning(_ id: ElementID) -> Bool {
        guard id.text.hasPrefix("wf~begin~") else { return false }
        let ways = { (journey: JourneyDefinition) in journey.transitions.filter { $0.source == "wf~root" }.map(\.id) }
        return ways(before) != ways(after)
            || edit.blocks.union(edit.targets).contains { id.text == "wf~begin~\($0.text)" }
    }

    private static func byID<Element>(_ elements: [Element], _ id: (Element) -> ElementID) -> [ElementID: Element] {
        Dictionary(elements.map { (id($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func order(_ journey: JourneyDefinition) -> [ElementID: [ElementID]] {
        journey.transitions.reduce(into: [:]) { $0[$1.source, default: []].append($1.id) }
    }
}

extension JourneyTransition {
    /// All that it says but where it leads: its target, and the order in which what lies side by side behind it is visited.
    fileprivate var withoutTarget: JourneyTransition {
        var metadata = metadata
        if var sim = metadata["sim"]?.object {
            sim = sim.removing(["group"])
            metadata["sim"] = .object(sim)
        }
        return JourneyTransition(
            id: id, source: source, target: "", condition: condition, metadata: metadata, extra: extra)
    }
}
