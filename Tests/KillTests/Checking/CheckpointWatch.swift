import PostgresDriver

/// Law L3, while it happens: the server itself notes every write to a checkpoint that comes from a holder of an earlier lease, or that takes
/// a projector back. Afterwards nobody could tell: the next write of the rightful holder hides it.
enum CheckpointWatch {
    static let script =
        """
        create table public.stale_writes (consumer text, lane int, old_token bigint, new_token bigint, old_position bigint, new_position bigint);
        create function public.note_stale_write() returns trigger language plpgsql as $$
        begin
            -- A projector's checkpoint is moved under the lease of its generation, under that of its lane, or under that of a rebuild.
            if new.kind = 'projector' and new.position >= old.position and exists (
                select from lockstep.leases l join lockstep.generations g on g.projection = new.consumer and g.number = new.version
                where l.token = new.fencing_token and (g.state <> 'active' and l.name = 'rebuild/' || new.consumer or l.name in (
                    format('projector/%s/v%s', new.consumer, new.version),
                    format('projector/%s/v%s/%s', new.consumer, new.version, new.lane))))
            then return null; end if;
            insert into public.stale_writes
            values (new.consumer, new.lane, old.fencing_token, new.fencing_token, old.position, new.position);
            return null;
        end
        $$;
        create trigger note_stale_writes after update on lockstep.checkpoints for each row
        when (new.kind = 'projector' or new.fencing_token < old.fencing_token)
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
