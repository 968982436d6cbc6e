import PostgresDriver

/// Where the server stops the process that is to be struck: triggers wait for a lock that the test holds, in the sessions that bear the
/// name of the step.
enum ChangeoverGate {
    private static let lock = 4_711

    /// Connects as one that is stopped at a step.
    static func url(_ url: String, stoppingAt step: ChangeoverPlan.Step) -> String {
        url + (url.contains("?") ? "&" : "?") + "application_name=strike-\(step.rawValue)"
    }

    /// A row trigger for each step that a row tells, and one on commands for the others, which also puts a row trigger on the table that is to be
    /// filled.
    static let script =
        """
        create function public.stop_at(step text) returns void language plpgsql as $$
        begin
            if current_setting('application_name') = 'strike-' || step then perform pg_advisory_xact_lock(\(lock)); end if;
        end
        $$;
        create function public.stop_at_row() returns trigger language plpgsql as $$
        begin
            perform public.stop_at(tg_argv[0]);
            return new;
        end
        $$;
        create function public.stop_at_command() returns event_trigger language plpgsql as $$
        declare
            made text;
        begin
            case tg_tag
            when 'CREATE VIEW' then perform public.stop_at('showing');
            when 'ALTER TABLE' then perform public.stop_at('indexing');
            else
                select object_identity into made from pg_event_trigger_ddl_commands() where object_identity like 'lockstep_read.%';
                if current_setting('application_name') = 'strike-copying' then
                    execute format('create trigger stop_copying before insert on %s for each row execute function '
                        || 'public.stop_at_row(''copying'')', made);
                end if;
            end case;
        end
        $$;
        create trigger stop_beginning after insert on lockstep.generations for each row execute function public.stop_at_row('beginning');
        create trigger stop_loading after insert on lockstep.checkpoints for each row execute function public.stop_at_row('loading');
        create trigger stop_finishing after update on lockstep.generations for each row
        when (new.state = 'ready' and old.state = 'building') execute function public.stop_at_row('finishing');
        create trigger stop_comparing after update of report on lockstep.generations for each row
        execute function public.stop_at_row('comparing');
        create trigger stop_exchanging after update on lockstep.generations for each row
        when (new.state = 'active' and old.state <> 'active') execute function public.stop_at_row('exchanging');
        create constraint trigger stop_committing after update on lockstep.generations deferrable initially deferred for each row
        when (new.state = 'active' and old.state <> 'active') execute function public.stop_at_row('committing');
        create event trigger stop_commands on ddl_command_end when tag in ('CREATE TABLE', 'CREATE VIEW', 'ALTER TABLE')
        execute function public.stop_at_command();
        """

    /// Holds the lock while `body` runs, unless it opens the gate before.
    static func closed<R: Sendable>(
        _ observer: Observer, _ body: (_ open: @Sendable () async throws -> Void) async throws -> R
    ) async throws -> R {
        try await observer.with { connection in
            try await connection.execute("select pg_advisory_lock(\(lock))")
            return try await body { try await connection.execute("select pg_advisory_unlock_all()") }
        }
    }

    /// Whether somebody waits at it.
    static func isReached(_ observer: Observer) async throws -> Bool {
        try await observer.number(
            """
            select count(*) from pg_locks
            where locktype = 'advisory' and objid = \(lock) and not granted
                and database = (select oid from pg_database where datname = current_database())
            """) > 0
    }
}
