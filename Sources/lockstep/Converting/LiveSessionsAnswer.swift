import Conversion
import EventModel

/// What a conversion means for live sessions, as it is shown.
struct LiveSessionsAnswer: Sendable {
    /// Sessions that are shown; --json shows all.
    private static let shown = 8

    private let sessions: [SessionMigration]

    init(_ sessions: [SessionMigration]) { self.sessions = sessions }

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
            "sessions": .array(list),
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
