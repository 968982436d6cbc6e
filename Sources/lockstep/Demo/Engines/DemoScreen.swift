/// Shows how the executions stand: a table that is drawn anew where somebody watches, else a line now and then.
struct DemoScreen {
    private let isShown: Bool
    private let isLive: Bool
    private let style = Style.output
    private var drawn = 0
    private var said: (text: String, at: Duration)?

    /// - Parameter isShown: whether anybody is to see anything.
    init(isShown: Bool) {
        self.isShown = isShown
        isLive = isShown && StandardOutput.shared.isTerminal
    }

    /// Between two lines where nobody watches, when something has changed.
    private static let pause = Duration.seconds(2)

    mutating func show(_ tally: DemoTally, at now: Duration) {
        guard isShown else { return }
        if isLive {
            draw(tally.lines(at: now, style))
        } else {
            if let said, now - said.at < Self.pause { return }
            let text = tally.line(at: now)
            said = (text, now)
            StandardOutput.shared.write("  " + text)
        }
        _ = StandardOutput.shared.flush()
    }

    /// The last word about it.
    mutating func close(_ tally: DemoTally, at now: Duration) {
        guard isShown else { return }
        if isLive { return show(tally, at: now) }
        for line in tally.lines(at: now, style) { StandardOutput.shared.write("  " + line) }
        _ = StandardOutput.shared.flush()
    }

    /// Above the table, which stays below it.
    mutating func say(_ text: String) {
        guard isShown else { return }
        if isLive, drawn > 0 {
            StandardOutput.shared.write(exactly: "\u{1b}[\(drawn)A\u{1b}[J".utf8)
            drawn = 0
        }
        StandardOutput.shared.write("  " + style.faint(Table.printable(text)))
        _ = StandardOutput.shared.flush()
    }

    private mutating func draw(_ lines: [String]) {
        if drawn > 0 { StandardOutput.shared.write(exactly: "\u{1b}[\(drawn)A\u{1b}[J".utf8) }
        for line in lines { StandardOutput.shared.write("  " + line) }
        drawn = lines.count
    }
}
