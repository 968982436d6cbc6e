import EventModel
import EventSourcing
import PostgresDriver

/// Finds the positions of selected events by index alone; their rows are fetched afterwards, so a sparse selection stays cheap.
enum PositionsOf {
    /// One index range per kind, merged: a category's events are found without reading anybody else's.
    private static func kinds(_ order: String) -> PostgresStatement {
        PostgresStatement(
            """
            with wanted as materialized (
                select k.id from lockstep.kinds k join lockstep.workspaces w on w.id = k.workspace
                where ($4::text is null or w.name = $4)
                    and (cardinality($5::text[]) = 0 or k.category = any($5)) and (cardinality($6::text[]) = 0 or k.type = any($6))
            )
            select found.position from wanted cross join lateral (
                select e.position from lockstep.events e
                where e.kind = wanted.id and e.position > $1 and e.position <= $2 order by e.position \(order) limit $3
            ) found order by found.position \(order) limit $3
            """)
    }

    private static func correlation(_ order: String) -> PostgresStatement {
        PostgresStatement(
            """
            select e.position from lockstep.events e
            where e.correlation_id = $4 and e.position > $1 and e.position <= $2 order by e.position \(order) limit $3
            """)
    }

    private static func all(_ order: String) -> PostgresStatement {
        PostgresStatement(
            """
            select e.position from lockstep.events e
            where e.position > $1 and e.position <= $2 order by e.position \(order) limit $3
            """)
    }

    private static let statements:
        [EventQuery.Direction: (kinds: PostgresStatement, correlation: PostgresStatement, all: PostgresStatement)] = [
            .forwards: (kinds("asc"), correlation("asc"), all("asc")),
            .backwards: (kinds("desc"), correlation("desc"), all("desc")),
        ]

    static func request(_ query: EventQuery, through: GlobalPosition) -> PostgresRequest {
        var parameters = PostgresParameters()
        parameters.append(query.after.rawValue)
        parameters.append(through.rawValue)
        parameters.append(Int64(query.limit))
        let forms = statements[query.direction] ?? (kinds("asc"), correlation("asc"), all("asc"))
        switch query.selection {
        case .all: return PostgresRequest(forms.all, parameters)
        case .correlation(let id):
            parameters.append(id)
            return PostgresRequest(forms.correlation, parameters)
        case .kinds(let workspace, let categories, let types):
            if let workspace {
                parameters.append(workspace.rawValue)
            } else {
                parameters.appendNull(oid: PostgresType.text.oid)
            }
            parameters.append(array(of: categories.map(\.rawValue)))
            parameters.append(array(of: types.map(\.rawValue)))
            return PostgresRequest(forms.kinds, parameters)
        }
    }

    private static func array(of names: [String]) -> PostgresArray {
        var array = PostgresArray(elementType: .text)
        for name in names { array.append(text: name) }
        return array
    }
}
