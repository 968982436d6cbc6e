import Conversion
import EventModel

/// What a conversion means for live sessions, as it is shown.
struct LiveSessionsAnswer: Sendable {
    /// Sessions that are shown; --json shows all.
    private static let shown = 8

    private let sessions: [SessionMigration]
    private let journey: String

    /// - Parameter journey: the one that they are on their way through.
    init(_ sessions: [SessionMigration], in journey: String) {
        self.sessions = sessions
        self.journey = journey
    }

    /// What to do; `nil` when every session goes on as it is. Their paths mean what is told here once the server has the new journey.
    var next: String? {
        let concerned = sessions.filter { !$0.isCarried || $0.isRewritten }
        guard let first = concerned.first else { return nil }
        let session = first.session ?? "SESSION"
        var state = "STATE"
        if case .carried(let states, _, _) = first.outcome, let last = states.last, let last { state = last }
        return
            "lockstep parlant push \(journey); then, for each session that is rewritten or stranded, such as this one: lockstep parlant state \(session) --set \(state) --journey \(journey)"
    }

    private var carried: Int { sessions.count(where: \.isCarried) }
    private var rewritten: Int { sessions.count(where: \.isRewritten) }

    var value: JSONValue {
        func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
        let list = sessions.map { session -> JSONValue in
            var object = session.canonicalValue.object ?? JSONObject()
            object["obstacle"] = session.obstacle.map(JSONValue.string) ?? .null
            return .object(object)
        }
        return [
            "carried": number(carried), "rewritten": number(rewritten), "stranded": number(sessions.count - carried),
            "sessions": .array(list), "next": next.map(JSONValue.string) ?? .null,
        ]
    }

    /// A line, and a table with those that are stranded first; nothing when no live session is concerned.
    func show() {
        guard !sessions.isEmpty else { return }
        let style = Style.output
        let stranded = sessions.count - carried
        let mark = stranded == 0 ? style.good("✓") : style.warning("!")
        StandardOutput.shared.write(
            "\n\(mark) live sessions: \(carried) carried over, \(rewritten) of them with a path to be written anew; \(stranded) stranded"
        )
        var table = Table([("SESSION", .left), ("EXECUTION", .left), ("OUTCOME", .left), ("WHERE, OR WHY NOT", .left)])
        let ordered = sessions.filter { !$0.isCarried } + sessions.filter(\.isCarried)
        for session in ordered.prefix(Self.shown) { table.add(row(session, style)) }
        table.print()
        if ordered.count > Self.shown {
            StandardOutput.shared.write("… and \(ordered.count - Self.shown) more; --json lists all")
        }
        if let next { StandardOutput.shared.write("\(style.faint("next:")) \(Table.printable(next))") }
    }

    private func row(_ session: SessionMigration, _ style: Style) -> [Table.Cell] {
        let place: String
        let outcome: Table.Cell
        switch session.outcome {
        case .carried(let states, let indexes, let isChanged):
            let state = (states.last ?? nil) ?? "left the journey"
            let index = (indexes.last ?? nil).map { " (\($0))" } ?? ""
            place = "\(state)\(isChanged ? index : "")"
            outcome = .init(text: isChanged ? "rewritten" : "carried", paint: style.good)
        case .stranded, .tooLong:
            place = session.obstacle ?? ""
            outcome = .init(text: "stranded", paint: style.bad)
        }
        return [
            .init(text: session.session ?? session.stream), .init(text: session.execution ?? "-"), outcome,
            .init(text: place),
        ]
    }
}
