import PostgresDriver

/// Where the server stops whoever stores a step that is armed: a trigger waits for a lock that the test holds, in the sessions of reconcilers.
enum EffectGate {
    private static let lock = 4_712
    /// The step at which somebody writes what the looks of a job's first page have come to.
    static let batch = "batch"

    static let script =
        """
        create table public.armed (type text primary key, stream text not null);
        create function public.stop_at_effect() returns trigger language plpgsql as $$
        begin
            if current_setting('application_name') like 'reconciler-%' and exists (
                select from public.armed a join lockstep.kinds k on k.type = a.type where k.id = new.kind and a.stream = new.stream)
            then perform pg_advisory_xact_lock(\(lock)); end if;
            return new;
        end
        $$;
        create trigger stop_at_effect before insert on lockstep.events for each row execute function public.stop_at_effect();
        create function public.stop_at_batch() returns trigger language plpgsql as $$
        begin
            if current_setting('application_name') like 'reconciler-%' and exists (
                select from public.armed a where a.type = '\(batch)' and a.stream = new.id::text)
            then perform pg_advisory_xact_lock(\(lock)); end if;
            return new;
        end
        $$;
        create trigger stop_at_batch before update on lockstep.reconcile_jobs for each row
            when (old.looked = 0 and new.looked > 0) execute function public.stop_at_batch();
        """

    /// Connects under a name by which it is known who is stopped.
    static func url(_ url: String, as name: String) -> String {
        url + (url.contains("?") ? "&" : "?") + "application_name=\(name)"
    }

    /// Stops whoever stores an event of this type in the stream while `body` runs, unless it opens the gate before.
    static func closed<R: Sendable>(
        _ observer: Observer, at type: String, of stream: String,
        _ body: (_ open: @Sendable () async throws -> Void) async throws -> R
    ) async throws -> R {
        try await observer.with { connection in
            try await connection.execute("select pg_advisory_lock(\(lock))")
            try await connection.execute("insert into public.armed values ('\(type)', '\(stream)')")
            let result: Result<R, any Error>
            do {
                result = .success(
                    try await body {
                        try await connection.execute("delete from public.armed; select pg_advisory_unlock_all()")
                    })
            } catch { result = .failure(error) }
            try await connection.execute("delete from public.armed; select pg_advisory_unlock_all()")
            return try result.get()
        }
    }

    /// Ends the session of whoever waits at it: what he was about to store is not stored. One whose client is gone would store it all the same.
    static func endSession(_ observer: Observer) async throws {
        _ = try await observer.texts(
            """
            select pg_terminate_backend(l.pid)::text from pg_locks l join pg_stat_activity a on a.pid = l.pid
            where l.locktype = 'advisory' and l.objid = \(lock) and not l.granted and a.datname = current_database()
            """)
    }

    /// Who waits at it; nobody knows the others who wait behind him.
    static func stopped(_ observer: Observer) async throws -> String? {
        try await observer.texts(
            """
            select a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid
            where l.locktype = 'advisory' and l.objid = \(lock) and not l.granted and a.datname = current_database() limit 1
            """
        ).first
    }
}
