import EventSourcingTesting

extension TallyProjection {
    /// Makes the table that the projection describes.
    static let createTable = """
        create table lockstep_read.tally_v1 (
            stream text collate "C" not null, workspace text collate "C" not null, count bigint not null, odd boolean not null,
            last_id uuid not null, last_at timestamptz not null, last_data json not null, actor text, raw bytea not null,
            primary key (stream, workspace))
        """
}
