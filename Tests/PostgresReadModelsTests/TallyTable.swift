import EventSourcingTesting

extension TallyProjection {
    /// Makes the table that the projection describes, its view, and the generation that readers see.
    static let createTable = """
        create table lockstep_read.tally_v1 (
            stream text collate "C" not null, workspace text collate "C" not null, count bigint not null, odd boolean not null,
            last_id uuid not null, last_at timestamptz not null, last_data json not null, actor text, raw bytea not null,
            primary key (stream, workspace));
        create view lockstep_views.tally as
        select stream, workspace, count, odd, last_id, last_at, last_data, actor, raw from lockstep_read.tally_v1;
        insert into lockstep.generations (projection, number, version, relation, state, activated_at)
        values ('tally', 1, 1, 'tally_v1', 'active', clock_timestamp())
        """
}
