import PostgresDriver
import ReadModels

/// The SQL of one scratch view. Every statement that writes names a relation of `lockstep_scratch`, and no other.
struct ScratchStatements: Sendable {
    /// Makes the schema and the register, unless they are there.
    static let preparation = """
        do $$ begin
            -- Asked for the right to make one, a role may be refused although the schema is there.
            if not exists (select from pg_namespace where nspname = '\(ScratchName.schema)') then
                create schema \(ScratchName.schema);
                comment on schema \(ScratchName.schema) is
                    'Read models as of some position, made by lockstep replay --to view. Nothing reads them but people; drop them at will.';
            end if;
        end $$;
        create table if not exists \(ScratchName.register) (
            name text collate "C" primary key, projection text not null, version int not null, run uuid not null,
            position bigint not null, last_position bigint, last_event_id uuid, incarnation uuid not null,
            updated_at timestamptz not null default clock_timestamp())
        """

    /// Looks a view up and keeps others from going on with it meanwhile.
    static let find: PostgresStatement = """
        select projection, version, position, last_position, last_event_id from lockstep_scratch.lockstep_replays where name = $1 for update
        """

    /// Registers a view: name, projection, version, run, incarnation.
    static let register: PostgresStatement = """
        insert into lockstep_scratch.lockstep_replays (name, projection, version, run, position, incarnation) values ($1, $2, $3, $4, 0, $5)
        """

    /// Forgets a view.
    static let forget: PostgresStatement = "delete from lockstep_scratch.lockstep_replays where name = $1"

    /// Makes a run the one that may write: name, run.
    static let take: PostgresStatement = """
        update lockstep_scratch.lockstep_replays set run = $2 where name = $1
        """

    /// Moves the checkpoint if this run may: name, run, position before, position, last position, last event id.
    static let advance: PostgresStatement = """
        update lockstep_scratch.lockstep_replays
        set position = $4, last_position = coalesce($5, last_position), last_event_id = coalesce($6, last_event_id),
            updated_at = clock_timestamp()
        where name = $1 and run = $2 and position = $3
        """

    /// Makes the table and the view.
    let creation: String
    /// Removes both.
    let removal: String
    /// Reads the rows whose keys are in the arrays `$1` ….
    let select: PostgresStatement
    /// Inserts or replaces the rows in the arrays `$1` ….
    let upsert: PostgresStatement
    /// Deletes the rows whose keys are in the arrays `$1` ….
    let delete: PostgresStatement

    init(_ name: ScratchName, _ table: TableDefinition) {
        let columns = table.columns.map(\.name.quotedInSQL)
        let keys = table.keyColumns.map(\.name.quotedInSQL)
        let list = columns.joined(separator: ", ")
        let definitions = table.columns.map { column in
            let collation = column.type == .text ? " collate \"C\"" : ""
            return
                "\(column.name.quotedInSQL) \(column.type.sqlName)\(collation)\(column.isNullable ? "" : " not null")"
        }
        creation = """
            create table \(name.rows) (\(definitions.joined(separator: ", ")), primary key (\(keys.joined(separator: ", "))));
            create view \(name.view) as \(ViewStatement.query(of: table, from: name.rows))
            """
        removal = "drop view if exists \(name.view); drop table if exists \(name.rows)"
        let match = keys.map { "t.\($0) = k.\($0)" }.joined(separator: " and ")
        let given = "unnest(\(Self.arrays(table.keyColumns))) as k (\(keys.joined(separator: ", ")))"
        select = PostgresStatement(
            "select \(columns.map { "t.\($0)" }.joined(separator: ", ")) from \(name.rows) t join \(given) on \(match)")
        delete = PostgresStatement("delete from \(name.rows) t using \(given) where \(match)")
        let replaced = columns.filter { !keys.contains($0) }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let conflict =
            table.isAppendOnly
            ? ""
            : " on conflict (\(keys.joined(separator: ", "))) do \(replaced.isEmpty ? "nothing" : "update set \(replaced)")"
        upsert = PostgresStatement(
            "insert into \(name.rows) (\(list)) select * from unnest(\(Self.arrays(table.columns))) as r (\(list))\(conflict)"
        )
    }

    private static func arrays(_ columns: [ColumnDefinition]) -> String {
        columns.enumerated().map { "$\($0.offset + 1)::\($0.element.type.sqlName)[]" }.joined(separator: ", ")
    }
}
