import EventModel
import WorkflowDomain

extension StandInRun {
    /// How a block ended, as far as its edges ask.
    enum Outcome {
        case done(chosen: String?)
        case failed
        /// It was passed over: none of its edges is followed.
        case skipped
    }

    /// A level with nothing done yet.
    func level(_ container: ElementID?, in graph: WorkflowGraph) -> Level {
        let scope = graph.scopes[container] ?? WorkflowGraph.Scope()
        let isParallel = container.flatMap { graph.blocks[$0]?.type } == "parallel"
        return Level(
            container: container, isParallel: isParallel, ready: scope.starts, missing: scope.entrances)
    }

    /// Follows the edges that leave `block`: who has heard from all that lead to him, and from one of them well, is ready; who
    /// has heard from all and from none well is passed over, and his edges are told in turn.
    mutating func follow(_ block: ElementID, at level: Int, outcome: Outcome, in graph: WorkflowGraph) {
        guard levels.indices.contains(level) else { return }
        let edges = graph.scopes[levels[level].container]?.edges ?? [:]
        var told: [(ElementID, Outcome)] = [(block, outcome)]
        while let (source, outcome) = told.popLast() {
            for edge in edges[source] ?? [] {
                if Self.isFollowed(edge, outcome) { levels[level].touched.insert(edge.target) }
                let left = (levels[level].missing[edge.target] ?? 1) - 1
                levels[level].missing[edge.target] = left
                guard left == 0 else { continue }
                if levels[level].touched.contains(edge.target) {
                    levels[level].ready.append(edge.target)
                } else {
                    told.append((edge.target, .skipped))
                }
            }
        }
    }

    private static func isFollowed(_ edge: Edge, _ outcome: Outcome) -> Bool {
        switch (outcome, edge.handle) {
        case (.skipped, _), (_, .containerStart): false
        case (_, .always): true
        case (.done, .success), (.done, .other), (.done, .containerEnd), (.failed, .failure): true
        case (.done(let chosen), .condition(let id)), (.done(let chosen), .route(let id)): chosen == id
        case (.done, .failure), (.failed, .success), (.failed, .condition), (.failed, .route), (.failed, .other),
            (.failed, .containerEnd):
            false
        }
    }
}

extension Container {
    /// The most turns that are taken.
    static let mostTurns = 1_000

    /// How often what is inside runs: the number, as many as there are items, or twice where only a running Sim would know.
    var turns: Int {
        if let times { return min(max(times, 0), Self.mostTurns) }
        if let items = items?.array { return min(items.count, Self.mostTurns) }
        guard let text = items?.string, let value = try? JSONValue(Array(text.utf8)), let items = value.array else {
            return 2
        }
        return min(items.count, Self.mostTurns)
    }
}

extension Block {
    /// How long a `wait` block waits; ten seconds where it does not say.
    var wait: Duration {
        let amount = (value("amount") ?? value("timeValue")).flatMap { $0.int ?? $0.string.flatMap { Int($0) } }
        let unit = (value("unit") ?? value("timeUnit"))?.string?.lowercased() ?? "seconds"
        let seconds: Int =
            switch unit {
            case "minutes": 60
            case "hours": 3_600
            case "days": 86_400
            default: 1
            }
        return .seconds(seconds * min(max(amount ?? 10, 0), 1_000_000))
    }
}
