import EventModel

extension JourneyDefinition {
    /// The journey as a Mermaid state diagram, byte for byte as Parlant 3.3.2 answers it at `GET /journeys/{id}/mermaid`.
    ///
    /// Its rules: states are numbered `N0`, `N1` … as they are first mentioned, walking depth first from the root and taking the last transition
    /// of a state first; a state without an action is not declared; the root's transitions also leave `[*]`; actions are escaped, conditions
    /// are not. States that cannot be reached stand in a comment, in the order of the nodes, which is here the order of their ids.
    public var mermaid: String {
        var chart = MermaidChart(self)
        return chart.drawn()
    }
}

/// Draws one journey.
private struct MermaidChart {
    private static let normalStyle = "fill:#006e53,stroke:#ffffff,stroke-width:2px,color:#ffffff"
    private static let toolStyle = "fill:#ffeeaa,stroke:#ffeeaa,stroke-width:2px,color:#dd6600"

    private let root: ElementID
    private let order: [ElementID]
    private var states: [ElementID: JourneyState] = [:]
    private var outgoing: [ElementID: [JourneyTransition]] = [:]

    private var aliases: [ElementID: String] = [:]
    private var declared: Set<ElementID> = []
    private var visited: Set<ElementID> = []
    private var declarations: [String] = []
    private var arrows: [String] = []
    private var styles: [String] = []

    init(_ journey: JourneyDefinition) {
        root = journey.root
        order = journey.states.map(\.id).filter { $0 != JourneyState.end }
        for state in journey.states where state.id != JourneyState.end { states[state.id] = state }
        for transition in journey.transitions { outgoing[transition.source, default: []].append(transition) }
    }

    mutating func drawn() -> String {
        declare(root)
        for transition in outgoing[root] ?? [] {
            declare(transition.target)
            draw("[*]", transition)
        }
        walk()
        let comment = unreachable()
        return (["stateDiagram-v2"] + comment + declarations + arrows + styles).joined(separator: "\n")
    }

    private mutating func walk() {
        var stack = [root]
        while let here = stack.popLast() {
            guard visited.insert(here).inserted else { continue }
            for transition in outgoing[here] ?? [] {
                declare(transition.target)
                // The arrows of a silent root are there already.
                if here != root || !label(root).isEmpty { draw(alias(here), transition) }
                let target = transition.target
                if target != JourneyState.end, !visited.contains(target) { stack.append(target) }
            }
        }
    }

    private mutating func unreachable() -> [String] {
        let missed = order.filter { !visited.contains($0) }
        guard !missed.isEmpty else { return [] }
        var lines = ["    %% Unreachable states:"]
        for id in missed {
            declare(id)
            let label = label(id)
            lines.append("    %%   \(alias(id))" + (label.isEmpty ? "" : ": \(label)"))
        }
        return lines
    }

    private mutating func declare(_ id: ElementID) {
        let label = label(id)
        guard id != JourneyState.end, !label.isEmpty, declared.insert(id).inserted else { return }
        let alias = alias(id)
        declarations.append("    state \"\(Self.escaped(label))\" as \(alias)")
        styles.append("style \(alias) \(states[id]?.kind == .tool ? Self.toolStyle : Self.normalStyle)")
    }

    private mutating func draw(_ source: String, _ transition: JourneyTransition) {
        let condition = transition.condition.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
        arrows.append("    \(source) --> \(alias(transition.target))\(condition)")
    }

    private mutating func alias(_ id: ElementID) -> String {
        guard id != JourneyState.end else { return "[*]" }
        if let alias = aliases[id] { return alias }
        let alias = "N\(aliases.count)"
        aliases[id] = alias
        return alias
    }

    private func label(_ id: ElementID) -> String { states[id]?.action ?? "" }

    /// As Python's `html.escape`, the apostrophe spelled as Mermaid reads it.
    private static func escaped(_ text: String) -> String {
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            case UInt8(ascii: ">"): escaped += "&gt;".utf8
            case UInt8(ascii: "\""): escaped += "&quot;".utf8
            case UInt8(ascii: "'"): escaped += "#39;".utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
