import EventSourcing
import Reconciler

/// How one execution of the demonstration stands.
struct DemoLook: Equatable, Sendable {
    /// In one word.
    enum Standing: Int, CaseIterable, Sendable {
        /// Nothing was heard of it, or of one side of it.
        case unheard
        /// The sides differ.
        case apart
        /// They differ, and a side is being told.
        case underWay
        /// They differ, and a person is asked.
        case waiting
        /// They are together, and the run goes on.
        case together
        /// They are together, and it is over on both sides.
        case ended
    }

    var standing: Standing = .unheard
    /// Since when it is apart.
    var since: Duration?

    /// Whether the sides differ.
    var isApart: Bool { [.apart, .underWay, .waiting].contains(standing) }

    /// The next look, which found it so.
    func followed(by standing: Standing, at now: Duration) -> DemoLook {
        var next = DemoLook(standing: standing)
        if next.isApart { next.since = since ?? now }
        return next
    }
}

/// How all of them stand, by what happens to them.
struct DemoTally: Sendable {
    /// What the log says of all of them together.
    struct Ledger: Equatable, Sendable {
        var decisions = 0
        var asked = 0
        var requested = 0
        var ended = 0
    }

    let stories: [DemoStory]
    var looks: [DemoLook]
    var ledger = Ledger()
    /// How many have been apart at some time.
    private(set) var everApart: Set<Int> = []
    private(set) var mostApart = 0

    init(_ stories: [DemoStory]) {
        self.stories = stories
        looks = stories.map { _ in DemoLook() }
    }

    /// Takes the newest looks.
    mutating func take(_ standings: [Int: DemoLook.Standing], at now: Duration) {
        for (execution, standing) in standings {
            looks[execution] = looks[execution].followed(by: standing, at: now)
            if looks[execution].isApart { everApart.insert(execution) }
        }
        mostApart = max(mostApart, apart)
    }

    func count(_ standing: DemoLook.Standing) -> Int { looks.count { $0.standing == standing } }
    var apart: Int { looks.count(where: \.isApart) }
    /// Whether all are over, and what the engines were asked for is as well.
    var isOver: Bool { looks.allSatisfy { $0.standing == .ended } && ledger.ended == ledger.requested }

    /// How long the one that is apart for the longest is so; zero when none is.
    func drift(at now: Duration) -> Duration { looks.compactMap(\.since).map { now - $0 }.max() ?? .zero }

    /// One line, for those who read it later.
    func line(at now: Duration) -> String {
        "\(Self.seconds(now)) s  \(count(.ended)) of \(looks.count) done, apart now \(apart), under way \(count(.underWay)), waiting for a person \(count(.waiting)), decisions \(ledger.decisions), effects \(ledger.ended) of \(ledger.requested), drift \(Self.seconds(drift(at: now))) s"
    }

    /// The table, for those who watch.
    func lines(at now: Duration, _ style: Style) -> [String] {
        var table = Table([
            ("WHAT HAPPENS", .left), ("EXECUTIONS", .right), ("APART NOW", .right), ("UNDER WAY", .right),
            ("ASK A PERSON", .right), ("TOGETHER", .right), ("DONE", .right),
        ])
        func row(_ name: String, _ looks: [DemoLook]) {
            func cell(_ standings: Set<DemoLook.Standing>, _ paint: @escaping @Sendable (String) -> String)
                -> Table.Cell
            {
                let count = looks.count { standings.contains($0.standing) }
                return Table.Cell(text: count == 0 ? "-" : "\(count)", paint: count == 0 ? style.faint : paint)
            }
            table.add([
                .init(text: name), .init(text: "\(looks.count)"),
                cell([.apart, .underWay, .waiting], style.warning), cell([.underWay], style.warning),
                cell([.waiting], style.bad), cell([.together, .ended], style.good), cell([.ended], style.good),
            ])
        }
        for story in DemoStory.allCases where stories.contains(story) {
            row(story.sentence, zip(stories, looks).compactMap { $0 == story ? $1 : nil })
        }
        row("all", looks)
        let drift = drift(at: now)
        return table.lines(style) + [
            "\(Self.seconds(now)) s   decisions \(ledger.decisions)   asked a person \(ledger.asked)   effects \(ledger.ended) of \(ledger.requested) ended   drift \(drift == .zero ? style.good("0.0 s") : style.warning(Self.seconds(drift) + " s"))"
        ]
    }

    static func seconds(_ duration: Duration) -> String {
        let tenths = Int((duration / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
