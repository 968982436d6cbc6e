import FoundationEssentials
import ReadModels
import Testing

/// `Schemas/postgres/read-models.md`: what surrounds the tables is written by hand, the tables follow from the definitions.
@Suite struct `Pinned page of read models` {
    private static let file = PinnedFile(path: "Schemas/postgres/read-models.md")

    @Test func `every column of every view is on the page as the definition has it`() throws {
        var text = Self.file.text()
        for projection in ProjectionCatalogue.all {
            let heading = "## `lockstep_views.\(projection.name)`\n"
            guard let section = text.firstRange(of: heading) else {
                Issue.record("read-models.md has no section `\(heading)`: write it, with an empty table below")
                continue
            }
            let end = text[section.upperBound...].firstRange(of: "\n## ")?.lowerBound ?? text.endIndex
            let lines = text[section.upperBound..<end].split(separator: "\n", omittingEmptySubsequences: false)
            let prose = lines.filter { !$0.hasPrefix("|") }
            let place = lines.firstIndex { $0.hasPrefix("|") } ?? lines.endIndex
            let before = lines[..<place].joined(separator: "\n")
            let after = prose.dropFirst(place).joined(separator: "\n")
            let sentence = projection.table.documentation.dropLast()
            #expect(before.contains(sentence), "\(projection.name)")
            let table = Self.table(projection.table)
            text.replaceSubrange(section.upperBound..<end, with: "\(before)\n\(table)\n\(after)")
        }
        try Self.file.hold(to: text)
    }

    @Test func `no column is left unexplained, and none is explained as another of its view`() {
        for projection in ProjectionCatalogue.all {
            let columns = projection.table.columns
            for column in columns {
                #expect(
                    column.documentation.count > 9 && (column.documentation.last.map { ".…".contains($0) } ?? false),
                    "\(projection.name).\(column.name)")
            }
            #expect(Set(columns.map(\.name)).count == columns.count)
            #expect(Set(columns.map(\.documentation)).count >= columns.count - 1, "\(projection.name)")
        }
    }

    private static func table(_ table: TableDefinition) -> String {
        let keys = Set(table.shownKeyColumns.map(\.name))
        let rows = table.shownColumns.map { column in
            let key = keys.contains(column.name) ? "**Key.** " : ""
            return
                "| `\(column.name)` | \(type(column.type)) | \(column.isNullable ? "yes" : "no") | \(key)\(column.documentation) |"
        }
        return (["| column | type | null | meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n")
    }

    private static func type(_ type: ColumnType) -> String {
        switch type {
        case .bool: "boolean"
        case .int: "bigint"
        case .text: "text"
        case .uuid: "uuid"
        case .timestamp: "timestamptz"
        case .json: "json"
        case .bytes: "bytea"
        }
    }
}
