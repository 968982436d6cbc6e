import PostgresDriver

/// Whatever is killed, nothing that a projector cannot get over by itself has happened: the server notes every one that says it has stopped.
/// Afterwards nobody could tell: it looks again by itself, and says that it goes on.
enum StopWatch {
    static let script =
        """
        create table public.stops (consumer text, version int, lane int, position bigint, reason text);
        create function public.note_stop() returns trigger language plpgsql as $$
        begin
            insert into public.stops values (new.consumer, new.version, new.lane, new.position, new.last_error);
            return null;
        end
        $$;
        create trigger note_stops after insert or update on lockstep.checkpoints for each row
        when (new.kind = 'projector' and new.state = 'stopped')
        execute function public.note_stop();
        """

    private static let notes: PostgresStatement =
        """
        select format('%s v%s stopped in lane %s at position %s: %s', consumer, version, lane, position, reason)
        from public.stops where lane >= $1 limit 20
        """

    static func flaws(_ connection: PostgresConnection, fromLane lane: Int32) async throws -> [String] {
        let result = try await connection.query(notes, PostgresParameters { $0.append(lane) })
        return try (0..<result.rowCount).map { try result.text($0, 0) }
    }
}
