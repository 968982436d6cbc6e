import EventModel
import JourneyDomain
import WorkflowDomain

/// The workflow of a journey that was born in Parlant.
///
/// Every state becomes a block of the same id, every transition an edge of the same id; the ways out of a state that is no
/// fork are split by a condition behind it. What blocks and edges cannot say is said by overrides.
enum BornJourney {
    /// The workflow of `journey`, whose id is `id`.
    static func workflow(of journey: JourneyDefinition, id: String) -> WorkflowDefinition {
        var draft = WorkflowDraft(names: JourneyNames(workflow: id, isBornInParlant: true))
        if !journey.title.isEmpty { draft.metadata["name"] = .string(journey.title) }
        if !journey.summary.isEmpty { draft.metadata["description"] = .string(journey.summary) }
        draft.metadata = draft.metadata.merging(
            overrides: [
                .init(key: "born", value: true), .init(key: "id", value: .string(id)),
                .init(key: "root", value: .string(journey.root.text)),
            ])
        addElements(of: journey, to: &draft)
        return Settlement.settle(draft.workflow, to: journey, id: id, isExact: true)
    }

    private static func addElements(of journey: JourneyDefinition, to draft: inout WorkflowDraft) {
        let known = Set(journey.states.map(\.id)).union([JourneyState.end])
        var ways: [ElementID: [JourneyTransition]] = [:]
        var isEndUsed = false
        for way in journey.transitions where known.contains(way.source) && known.contains(way.target) {
            guard way.source != JourneyState.end else { continue }
            ways[way.source, default: []].append(way)
            isEndUsed = isEndUsed || way.target == JourneyState.end
        }
        let layout = Layout(journey)
        for state in journey.states {
            draft.add(
                state, as: state.id, isRoot: state.id == journey.root, isLeaf: ways[state.id] == nil,
                at: layout.position(of: state.id))
        }
        let end = isEndUsed ? draft.end() : JourneyState.end
        for state in journey.states {
            draft.attach(ways[state.id] ?? [], to: state.id) { $0.target == JourneyState.end ? end : $0.target }
        }
    }
}

extension JSONObject {
    fileprivate func merging(overrides members: [Member]) -> JSONObject { merging(overrides: JSONObject(members)) }
}

/// Where the blocks of a journey lie on the canvas: columns by distance from the root, in the order of the walk.
struct Layout {
    private static let columnWidth = 400
    private static let rowHeight = 200
    private var places: [ElementID: (column: Int, row: Int)] = [:]
    private var unreachedRows = 0

    init(_ journey: JourneyDefinition) {
        var follow: [ElementID: [ElementID]] = [:]
        for way in journey.transitions { follow[way.source, default: []].append(way.target) }
        var rows: [Int: Int] = [:]
        var queue = [journey.root]
        places[journey.root] = (0, 0)
        rows[0] = 1
        var next = 0
        while next < queue.count {
            let column = (places[queue[next]]?.column ?? 0) + 1
            for target in follow[queue[next]] ?? [] where places[target] == nil {
                places[target] = (column, rows[column, default: 0])
                rows[column, default: 0] += 1
                queue.append(target)
            }
            next += 1
        }
        for state in journey.states where places[state.id] == nil {
            places[state.id] = (0, rows[0, default: 0])
            rows[0, default: 0] += 1
        }
    }

    func position(of id: ElementID) -> Position {
        let place = places[id] ?? (0, 0)
        return Position(
            x: JSONNumber(place.column * Self.columnWidth), y: JSONNumber(place.row * Self.rowHeight))
    }
}
