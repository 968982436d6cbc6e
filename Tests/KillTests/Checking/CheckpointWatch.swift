import PostgresDriver

/// Law L3, while it happens: the server itself notes every write to a checkpoint that comes from a holder of an earlier lease, or that takes
/// a projector back. Afterwards nobody could tell: the next write of the rightful holder hides it.
enum CheckpointWatch {
    static let script =
        """
        create table public.stale_writes (consumer text, lane int, old_token bigint, new_token bigint, old_position bigint, new_position bigint);
        create function public.note_stale_write() returns trigger language plpgsql as $$
        begin
            insert into public.stale_writes
            values (new.consumer, new.lane, old.fencing_token, new.fencing_token, old.position, new.position);
            return null;
        end
        $$;
        create trigger note_stale_writes after update on lockstep.checkpoints for each row
        when (new.fencing_token < old.fencing_token or (new.kind = 'projector' and new.position < old.position))
        execute function public.note_stale_write();
        """

    private static let notes: PostgresStatement =
        """
        select consumer || ' went from position ' || old_position || ' under token ' || old_token || ' to position ' || new_position
            || ' under token ' || new_token
        from public.stale_writes limit 20
        """

    static func flaws(_ connection: PostgresConnection) async throws -> [String] {
        let result = try await connection.query(notes)
        return try (0..<result.rowCount).map { try result.text($0, 0) }
    }
}
