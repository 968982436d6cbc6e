-- States of long streams, so that whoever decides over one need not fold all of its events. Nothing rests on this table: it may be truncated at
-- any time. The state is sealed under the keys of all subjects whose personal data is in it; subjects and generations name them in order.
create table lockstep.snapshots (
    workspace text collate "C" not null,
    stream text collate "C" not null,
    fold text collate "C" not null,
    version bigint not null check (version >= 1),
    event_id uuid not null,
    fingerprint text collate "C" not null,
    position bigint not null,
    folded_bytes bigint not null,
    subjects text[] collate "C" not null,
    generations int[] not null,
    state bytea not null,
    digest text collate "C" not null,
    kept_at timestamptz not null default clock_timestamp(),
    confirmed_at timestamptz,
    primary key (workspace, stream, fold),
    constraint snapshots_name_their_keys check (cardinality(subjects) = cardinality(generations))
);
create index snapshots_by_subject on lockstep.snapshots using gin (subjects);

-- Snapshots that were not what their events amount to. While one is here, no snapshot of the same fold and fingerprint is kept or handed out.
create table lockstep.snapshot_mismatches (
    workspace text collate "C" not null,
    stream text collate "C" not null,
    fold text collate "C" not null,
    version bigint not null,
    event_id uuid not null,
    fingerprint text collate "C" not null,
    found_at timestamptz not null,
    primary key (workspace, stream, fold, version, event_id, fingerprint)
);

-- Keeps a snapshot in the place of one of an earlier version, or of the one that was seen and found useless. Answers what became of it.
create function lockstep.keep_snapshot(
    p_workspace text, p_stream text, p_fold text, p_version bigint, p_event_id uuid, p_fingerprint text, p_position bigint,
    p_folded_bytes bigint, p_subjects text[], p_generations int[], p_state bytea, p_digest text, p_seen_version bigint, p_seen_event_id uuid,
    p_seen_fingerprint text
) returns text language plpgsql as $$
declare
    v_living bigint;
begin
    if exists (
        select from lockstep.snapshot_mismatches m where m.fold = p_fold and m.fingerprint = p_fingerprint
    ) then
        return 'distrusted';
    end if;
    -- Locked to the end: whoever destroys one of these keys waits, finds the snapshot and takes it away.
    perform from lockstep.subject_keys k
        join unnest(p_subjects, p_generations) n (subject, generation) on n.subject = k.subject and n.generation = k.generation
        where k.workspace = p_workspace and k.destroyed_at is null
        for share of k;
    get diagnostics v_living = row_count;
    if v_living <> cardinality(p_subjects) then
        return 'erased';
    end if;
    insert into lockstep.snapshots as s (
        workspace, stream, fold, version, event_id, fingerprint, position, folded_bytes, subjects, generations, state, digest)
    values (
        p_workspace, p_stream, p_fold, p_version, p_event_id, p_fingerprint, p_position, p_folded_bytes, p_subjects, p_generations, p_state,
        p_digest)
    on conflict (workspace, stream, fold) do update set
        version = excluded.version, event_id = excluded.event_id, fingerprint = excluded.fingerprint, position = excluded.position,
        folded_bytes = excluded.folded_bytes, subjects = excluded.subjects, generations = excluded.generations, state = excluded.state,
        digest = excluded.digest, kept_at = clock_timestamp(), confirmed_at = null
    where s.version < excluded.version
        or (s.version = p_seen_version and s.event_id = p_seen_event_id and s.fingerprint = p_seen_fingerprint);
    return case when found then 'kept' else 'overtaken' end;
end
$$;

-- Drops everything that a fold has made under a fingerprint, and remembers why.
create function lockstep.record_snapshot_mismatch(
    p_workspace text, p_stream text, p_fold text, p_version bigint, p_event_id uuid, p_fingerprint text, p_found_at timestamptz
) returns void language sql as $$
    insert into lockstep.snapshot_mismatches (workspace, stream, fold, version, event_id, fingerprint, found_at)
    values (p_workspace, p_stream, p_fold, p_version, p_event_id, p_fingerprint, p_found_at)
    on conflict do nothing;
    delete from lockstep.snapshots s where s.fold = p_fold and s.fingerprint = p_fingerprint;
$$;

-- What was folded from data that nobody can read any more goes with their key, in the same transaction.
create function lockstep.drop_snapshots_of_destroyed() returns trigger language plpgsql as $$
begin
    delete from lockstep.snapshots s where s.workspace = new.workspace and s.subjects @> array[new.subject];
    return null;
end
$$;
create trigger subject_keys_drop_snapshots after update of destroyed_at on lockstep.subject_keys
    for each row when (old.destroyed_at is null and new.destroyed_at is not null)
    execute function lockstep.drop_snapshots_of_destroyed();
