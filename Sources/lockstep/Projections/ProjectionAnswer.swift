import EventModel
import ReadModels

/// How a projection of this program is shown: what a row says, and what a reader may count on.
struct ProjectionAnswer {
    let projection: any Projection

    private var view: String { "lockstep_views.\(projection.name)" }
    private var table: TableDefinition { projection.table }
    private var keys: [String] { table.shownKeyColumns.map(\.name) }

    /// What holds for every view, and how to read one's own write.
    static let consistency = """
        at least as of `position` in lockstep.consumer_progress (kind projector, consumer the view's name): every event up to there, parked \
        keys aside, and none behind; to read your own write, wait until that position has reached the one that the append answered
        """

    /// One object on one line.
    func line() {
        Answers.object { object in
            object.member("projection", projection.name)
            object.member("version", projection.version)
            object.member("view", view)
            object.member("row", table.documentation)
            object.key("key")
            object.array { array in for key in keys { array.string(key) } }
            object.key("columns")
            object.array { array in
                for column in table.shownColumns { array.object { Self.write(column, to: &$0) } }
            }
            object.member("events", events.joined(separator: ", "))
            object.key("event_types")
            object.array { array in for event in events { array.string(event) } }
            object.member("append_only", table.isAppendOnly)
            object.member("kept_per_lane", table.isKeptPerLane)
            object.member("consistency", Self.consistency)
            object.member("fingerprint", ProjectionFingerprint(of: projection).digest.hexadecimal)
        }
    }

    private static func write(_ column: ColumnDefinition, to object: inout JSONWriter) {
        object.member("name", column.name)
        object.member("type", column.type.nameInSQL)
        object.member("nullable", column.isNullable)
        object.member("meaning", column.documentation)
    }

    /// The events that it folds; `all`, types, or `<category>.*`.
    private var events: [String] {
        switch projection.interest {
        case .all: ["all"]
        case .types(let types): types.map(\.rawValue).sorted()
        case .categories(let categories): categories.map { "\($0.rawValue).*" }.sorted()
        }
    }

    /// The events in few words: `workflow_execution.* (13), subject.erased`.
    private var summary: String {
        guard case .types(let types) = projection.interest else { return events.joined(separator: ", ") }
        let categories = Dictionary(grouping: types) { String($0.rawValue.prefix { $0 != "." }) }
        return categories.keys.sorted().map { category in
            let of = categories[category] ?? []
            return of.count == 1 ? "\(of[0])" : "\(category).* (\(of.count))"
        }.joined(separator: ", ")
    }

    /// A table of all of them, for people.
    static func table(_ projections: [any Projection]) {
        let style = Style.output
        var table = Table([
            ("PROJECTION", .left), ("VERSION", .right), ("VIEW", .left), ("KEY", .left), ("COLUMNS", .right),
            ("EVENTS", .left),
        ])
        let answers = projections.map(ProjectionAnswer.init)
        for answer in answers {
            table.add([
                answer.projection.name, "\(answer.projection.version)", answer.view,
                answer.keys.joined(separator: ", "), "\(answer.table.shownColumns.count)", answer.summary,
            ])
        }
        table.print()
        StandardOutput.shared.write("")
        for answer in answers {
            StandardOutput.shared.write("\(style.strong(answer.projection.name)): \(answer.table.documentation)")
        }
        StandardOutput.shared.write(style.faint("\nA view is \(consistency)."))
    }
}

extension ProjectionFingerprint {
    /// The fingerprint of a projection by the samples that this program carries.
    init(of projection: any Projection) {
        self.init(of: projection, samples: FoldSample.registered)
    }
}

extension ColumnType {
    /// The type as SQL names it.
    fileprivate var nameInSQL: String {
        switch self {
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
