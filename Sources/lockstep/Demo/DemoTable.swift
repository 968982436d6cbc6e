import EventModel
import Ingest

/// What arrived where.
enum DemoTable {
    /// - Parameters:
    ///   - files: names, in the order of `imports`.
    ///   - rows: of the view of workflows, by workflow id.
    static func show(
        _ files: [String], _ imports: [WorkflowImport], _ copy: CopyComparison, _ rows: [String: ViewComparison.Row]
    ) {
        let style = Style.output
        StandardOutput.shared.write("\n\(style.strong("What arrived where: the newest event of each workflow"))")
        var table = Table([
            ("FILE", .left), ("FORMAT", .left), ("EVENT", .left), ("LOG", .right), ("KAFKA", .right),
            ("VIEW ROW", .left),
        ])
        for (file, imported) in zip(files, imports).sorted(by: { $0.1.position < $1.1.position }) {
            let place = copy.places[imported.position.rawValue].map { "\($0.partition)@\($0.offset)" } ?? "-"
            let row = rows[imported.reading.id.text].map {
                "\($0.name): revision \($0.revision), \($0.blocks) blocks, \($0.edges) edges"
            }
            table.add([
                file, imported.reading.format.rawValue,
                imported.version == StreamVersion(1) ? "workflow.imported" : "workflow.revised",
                "\(imported.position)", place, row ?? "-",
            ])
        }
        table.print()
        StandardOutput.shared.write(
            style.faint(
                "LOG: position in lockstep.event_log. KAFKA: partition@offset. VIEW ROW: lockstep_views.workflows."))
    }

    /// `9 imported, 1 unchanged`.
    static func counts(_ imports: [WorkflowImport]) -> String {
        [WorkflowImport.Outcome.imported, .revised, .unchanged].compactMap { outcome in
            let count = imports.count { $0.outcome == outcome }
            return count == 0 ? nil : "\(count) \(outcome.rawValue)"
        }.joined(separator: ", ")
    }
}
