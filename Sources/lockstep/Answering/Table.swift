/// Aligned columns for people.
struct Table: Sendable {
    enum Alignment: Sendable { case left, right }

    struct Cell: Sendable {
        var text: String
        /// How the text is painted once it has been padded.
        var paint: @Sendable (String) -> String = { $0 }
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[Cell]] = []

    init(_ columns: [(title: String, alignment: Alignment)]) {
        self.columns = columns
    }

    mutating func add(_ cells: [Cell]) {
        rows.append(cells.map { Cell(text: Self.printable($0.text), paint: $0.paint) })
    }

    mutating func add(_ texts: [String]) { add(texts.map { Cell(text: $0) }) }

    /// The lines, the first of them the titles. The last column is never padded.
    func lines(_ style: Style) -> [String] {
        let widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) { max($0, $1[column].text.count) }
        }
        let titles = columns.map { Cell(text: $0.title, paint: style.faint) }
        return ([titles] + rows).map { row in
            row.indices.map { column in
                let cell = row[column]
                let isLast = column == row.count - 1
                return cell.paint(
                    Self.pad(cell.text, isLast ? 0 : widths[column], columns[column].alignment, widths[column]))
            }.joined(separator: "  ")
        }
    }

    func print(to output: StandardOutput = .shared) {
        for line in lines(.output) { output.write(line) }
    }

    private static func pad(_ text: String, _ width: Int, _ alignment: Alignment, _ full: Int) -> String {
        switch alignment {
        case .left: text + String(repeating: " ", count: max(0, width - text.count))
        case .right: String(repeating: " ", count: max(0, full - text.count)) + text
        }
    }

    /// What comes from files and payloads must not move the cursor.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "·" : $0 }))
    }

    /// The beginning of a long text, with how long all of it is, so that nobody takes it for the whole: `aaaa… (300 characters)`.
    static func printable(_ text: some StringProtocol, cutAt limit: Int) -> String {
        let count = text.unicodeScalars.count
        guard count > limit else { return printable(String(text)) }
        return printable(String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))))
            + "… (\(count) characters)"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x202a...0x202e).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }
}
