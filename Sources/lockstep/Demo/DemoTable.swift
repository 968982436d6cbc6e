import EventModel
import Ingest

/// What arrived where.
enum DemoTable {
    static func show(_ imports: [WorkflowImport], _ copy: CopyComparison) {
        let style = Style.output
        StandardOutput.shared.write("\n\(style.strong("What arrived where"))")
        var table = Table([
            ("WORKFLOW", .left), ("FORMAT", .left), ("BLOCKS", .right), ("EDGES", .right), ("STREAM VERSION", .right),
            ("LOG POSITION", .right),
            ("KAFKA PARTITION@OFFSET", .left),
        ])
        for imported in imports.sorted(by: { $0.position < $1.position }) {
            let counts = imported.reading.definition.counts
            let place = copy.places[imported.position.rawValue].map { "\($0.partition)@\($0.offset)" } ?? "-"
            table.add([
                imported.reading.id.text, imported.reading.format.rawValue, "\(counts.blocks)", "\(counts.edges)",
                "\(imported.version)",
                "\(imported.position)", place,
            ])
        }
        table.print()
    }

    /// `9 imported, 1 unchanged`.
    static func counts(_ imports: [WorkflowImport]) -> String {
        [WorkflowImport.Outcome.imported, .revised, .unchanged].compactMap { outcome in
            let count = imports.count { $0.outcome == outcome }
            return count == 0 ? nil : "\(count) \(outcome.rawValue)"
        }.joined(separator: ", ")
    }
}
