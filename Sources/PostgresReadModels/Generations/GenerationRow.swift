import EventModel
import PostgresDriver
import ReadModels

/// A generation as a row, and as parameters.
enum GenerationRow {
    static let select: PostgresStatement = """
        select projection, number, version, relation, state, kept_until, rebuild_reason, lanes from lockstep.generations
        where state <> 'retired' order by projection, number
        """
    /// Numbers are never used again.
    static let last: PostgresStatement =
        "select coalesce(max(number), 0)::int from lockstep.generations where projection = $1"
    static let insert: PostgresStatement = """
        insert into lockstep.generations (projection, number, version, relation, state, lanes) values ($1, $2, $3, $4, $5, $6)
        """
    static let sign: PostgresStatement =
        "update lockstep.generations set fingerprint = $3::json where projection = $1 and number = $2"
    static let fingerprint: PostgresStatement =
        "select fingerprint::text from lockstep.generations where projection = $1 and number = $2"
    static let setState: PostgresStatement =
        "update lockstep.generations set state = $3 where projection = $1 and number = $2"
    static let setReport: PostgresStatement = """
        update lockstep.generations set report = $3::json, report_digest = $4 where projection = $1 and number = $2
        """
    static let report: PostgresStatement =
        "select report::text from lockstep.generations where projection = $1 and number = $2"
    /// Readers must not see it. The relation's name becomes free.
    static let retire: PostgresStatement = """
        update lockstep.generations set state = 'retired', relation = relation || '#' || number, kept_until = null
        where projection = $1 and number = $2 and state in ('building', 'ready', 'previous')
        """
    static let forget: PostgresStatement =
        "delete from lockstep.checkpoints where consumer = $1 and kind = 'projector' and version = $2"
    /// Those that are kept no longer.
    static let expired: PostgresStatement = """
        select projection, number, version, relation, state, kept_until, rebuild_reason, lanes from lockstep.generations
        where projection = $1 and state = 'previous' and kept_until < clock_timestamp()
        """
    /// Before ``promote``, because of each state there is at most one: the generation that readers see steps aside, and how they see it is
    /// kept.
    static let stepAside: PostgresStatement = """
        update lockstep.generations set state = 'retired',
            view_query = pg_get_viewdef(to_regclass('lockstep_views.' || quote_ident($1)))
        where projection = $1 and state = 'active'
        """
    /// Behind ``promote``: the one that has stepped aside can be returned to.
    static let demote: PostgresStatement = """
        update lockstep.generations set state = 'previous', kept_until = clock_timestamp() + make_interval(secs => $3)
        where projection = $1 and number = $2
        """
    static let viewQuery: PostgresStatement =
        "select view_query from lockstep.generations where projection = $1 and number = $2"
    static let promote: PostgresStatement = """
        update lockstep.generations set state = 'active', activated_at = clock_timestamp(), kept_until = null
        where projection = $1 and number = $2
        """

    static func all(_ result: PostgresResult) throws(PostgresError) -> [Generation] {
        var found: [Generation] = []
        for row in 0..<result.rowCount {
            let word = try result.text(row, 4)
            // A state of a newer program is none that this one may do anything with.
            guard let state = Generation.State(rawValue: word) else { continue }
            found.append(
                Generation(
                    projection: try result.text(row, 0), number: Int(try result.int32(row, 1)),
                    version: Int(try result.int32(row, 2)), relation: try result.text(row, 3),
                    layout: LaneLayout(lanes: Int(try result.int32(row, 7))), state: state,
                    keptUntil: result.isNull(row, 5)
                        ? nil : Timestamp(microseconds: try result.timestampMicroseconds(row, 5)),
                    rebuildReason: result.isNull(row, 6) ? nil : try result.text(row, 6)))
        }
        return found
    }

    static func parameters(of generation: Generation) -> PostgresParameters {
        PostgresParameters {
            $0.append(generation.projection)
            $0.append(Int32(generation.number))
            $0.append(Int32(generation.version))
            $0.append(generation.relation)
            $0.append(generation.state.rawValue)
            $0.append(Int32(generation.layout.count))
        }
    }

    /// The projection and the number: the first parameters of every statement about one generation.
    static func key(of generation: Generation) -> PostgresParameters {
        PostgresParameters {
            $0.append(generation.projection)
            $0.append(Int32(generation.number))
        }
    }
}
