import EventModel
import EventSourcing

/// How the keys are shown.
struct KeysAnswer: Sendable {
    /// One master key: configured, in use, or both.
    struct Row: Sendable, Equatable {
        let id: String
        let isCurrent: Bool
        let isConfigured: Bool
        /// Keys of subjects that it wraps.
        let keys: Int
    }

    let rows: [Row]
    let destroyed: Int

    init(_ census: KeyCensus, _ masterKeys: MasterKeys?) {
        let ids = Set(census.live.keys).union(masterKeys?.ids ?? [])
        rows = ids.sorted().map { id in
            Row(
                id: id, isCurrent: masterKeys?.current.id == id, isConfigured: masterKeys?[id] != nil,
                keys: census.live[id] ?? 0)
        }
        destroyed = census.destroyed
    }

    /// Whether every key in use can be opened.
    var isComplete: Bool { rows.allSatisfy { $0.isConfigured || $0.keys == 0 } }

    func lines() {
        for row in rows {
            Answers.object { object in
                object.member("master_key", row.id)
                object.member("current", row.isCurrent)
                object.member("configured", row.isConfigured)
                object.member("keys", row.keys)
            }
        }
        Answers.object { object in
            object.member("master_key", nil as String?)
            object.member("current", false)
            object.member("configured", false)
            object.member("keys", destroyed)
        }
    }

    func table() {
        let style = Style.output
        var table = Table([("MASTER KEY", .left), ("STATE", .left), ("KEYS", .right)])
        for row in rows {
            let state =
                row.isCurrent ? "current" : row.isConfigured ? "configured" : row.keys > 0 ? "missing" : "not in use"
            let cell = state == "missing" ? Table.Cell(text: state, paint: style.bad) : Table.Cell(text: state)
            table.add([.init(text: row.id), cell, .init(text: "\(row.keys)")])
        }
        table.add(["(destroyed)", "", "\(destroyed)"])
        table.print()
    }
}
