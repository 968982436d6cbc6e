import Conversion
import EventModel
import JourneyDomain
import WorkflowDomain

/// One execution step by step: each block, and the state that stands for it.
struct StepTable: Sendable {
    let walk: DemoWalk

    private struct Step {
        var block: ElementID
        var visits: [VisitState]
        /// What the execution waited for in this block.
        var waits: [ExecutionWait]
        var begun: Timestamp?
        var ended: Timestamp?
    }

    func show() {
        let style = Style.output
        let name = walk.conversion.journey.title
        StandardOutput.shared.write("\n\(style.strong("Step by step: \(Table.printable(name)), \(walk.execution)"))")
        var table = Table([
            ("BLOCK", .left), ("STATUS", .left), ("BEGAN", .left), ("ENDED", .left), ("⇄", .left), ("STATE", .left),
            ("ENTERED", .left), ("LEFT", .left),
        ])
        for step in steps { table.add(row(step, style)) }
        table.print()
        StandardOutput.shared.write(
            style.faint(
                "The blocks by Sim's clock, the states by Parlant's, side by side by mapping \(walk.conversion.version), which the execution has pinned."
            ))
    }

    /// The blocks in the order in which they began; those that were not visited come last.
    private var steps: [Step] {
        let byBlock = Dictionary(grouping: walk.executed.visits.filter(\.key.isOwn)) { $0.key.block }
        return walk.conversion.workflow.blocks.map { block in
            let visits = (byBlock[block.id] ?? []).map(\.value)
            let waits = walk.executed.waits.values.filter { $0.blockedOn == block.id }
            let ends = visits.compactMap { $0.latest?.endedAt } + waits.compactMap(\.resumedAt)
            return Step(
                block: block.id, visits: visits, waits: waits, begun: visits.compactMap(\.startedAt).min(),
                ended: waits.contains(where: \.isOpen) ? nil : ends.max())
        }.sorted { left, right in
            (left.begun ?? .latest, left.block) < (right.begun ?? .latest, right.block)
        }
    }

    private func row(_ step: Step, _ style: Style) -> [Table.Cell] {
        let states = walk.conversion.mapping.statesByBlock[step.block] ?? []
        let stay = states.compactMap { walk.stays[$0] }.first
        let isOnTheWay = states.contains { walk.walked.contains($0) || $0 == walk.conversion.journey.root }
        let isVisited = !step.visits.isEmpty
        let paint: @Sendable (String) -> String = { isVisited ? $0 : style.faint($0) }
        let entered = stay.map { Self.clock($0.entered) } ?? (isOnTheWay && isVisited ? "passed" : "-")
        let left = stay.map { $0.left.map(Self.clock) ?? "stands here" } ?? ""
        return [
            Table.Cell(text: name(step.block), paint: paint),
            Table.Cell(text: status(step), paint: painted(step, style)),
            Table.Cell(text: Self.clock(step.begun?.description)),
            Table.Cell(text: Self.clock(step.ended?.description)),
            Table.Cell(text: "⇄", paint: { style.faint($0) }),
            Table.Cell(text: states.map(\.text).joined(separator: ", "), paint: paint),
            Table.Cell(text: entered, paint: paint), Table.Cell(text: left),
        ]
    }

    private func name(_ id: ElementID) -> String {
        walk.conversion.workflow.blocks.first { $0.id == id }?.name ?? id.text
    }

    private func status(_ step: Step) -> String {
        guard let first = step.visits.first else { return "not visited" }
        if let wait = step.waits.first {
            let reason = wait.kind.map { " for a \($0 == .human ? "person" : "time")" } ?? ""
            return (wait.isOpen ? "waits" : "waited") + reason
        }
        let failed = step.visits.count { $0.status == .failed }
        guard step.visits.count > 1 else { return first.status.rawValue }
        return "\(step.visits.count) visits" + (failed > 0 ? ", \(failed) failed" : "")
    }

    private func painted(_ step: Step, _ style: Style) -> @Sendable (String) -> String {
        if step.visits.isEmpty { return style.faint }
        if step.visits.contains(where: { $0.status == .failed }) { return style.bad }
        return step.visits.allSatisfy { $0.status == .completed } ? style.good : style.warning
    }

    /// The time of day of a time as RFC 3339 spells it.
    private static func clock(_ text: String?) -> String {
        guard let text, let time = text.split(separator: "T").dropFirst().first else { return "-" }
        return String(time.prefix(8))
    }
}
