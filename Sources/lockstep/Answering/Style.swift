import FoundationEssentials

/// Colours for people; nothing where nobody looks, or where NO_COLOR asks for none.
struct Style: Sendable {
    private let isColoured: Bool

    init(isColoured: Bool) {
        self.isColoured = isColoured && Self.isWanted
    }

    /// For standard output.
    static var output: Style { Style(isColoured: StandardOutput.shared.isTerminal) }

    func good(_ text: String) -> String { paint(text, "32") }
    func warning(_ text: String) -> String { paint(text, "33") }
    func bad(_ text: String) -> String { paint(text, "31") }
    func faint(_ text: String) -> String { paint(text, "2") }
    func strong(_ text: String) -> String { paint(text, "1") }

    private func paint(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// https://no-color.org: present and not empty means no colour.
    private static let isWanted = (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
}
