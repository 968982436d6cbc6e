-- The log: one order over all streams, append-only, refused to everybody who would change it.

-- Tenants. The id keeps the stream index narrow.
create table lockstep.workspaces (
    id int generated always as identity primary key,
    name text collate "C" not null unique
);
insert into lockstep.workspaces (name) values ('default');

-- What repeats in events, stored once: a log has millions of events and a few hundred kinds.
create table lockstep.kinds (
    id int generated always as identity primary key,
    workspace int not null references lockstep.workspaces,
    category text collate "C" not null,
    type text collate "C" not null,
    unique (workspace, category, type)
);

-- Fixed-width columns first. Payloads are bytea: they are handed on byte for byte, and nothing inside the database reads them on the way.
create table lockstep.events (
    position bigint not null,
    version bigint not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    event_id uuid not null,
    kind int not null,
    workspace int not null,
    schema_version smallint not null,
    correlation_id uuid,
    causation_id uuid,
    stream text collate "C" not null,
    actor text collate "C",
    data bytea not null,
    metadata bytea not null,
    constraint events_position primary key (position),
    constraint events_event_id unique (event_id),
    constraint events_stream unique (workspace, stream, version)
);
create index events_kind on lockstep.events (kind, position);
create index events_correlation on lockstep.events (correlation_id, position) where correlation_id is not null;

-- Large payloads compress with LZ4 where the server has it: pglz would be the slowest step of an append.
do $$
begin
    alter table lockstep.events alter column data set compression lz4, alter column metadata set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
    null;
end
$$;

-- Append-only, for every role that owns or uses the table.
create function lockstep.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'events are never changed: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
        using errcode = 'LS001', hint = 'append a new event that says what is true now';
end
$$;
create trigger events_are_immutable before update or delete or truncate on lockstep.events
    for each statement execute function lockstep.refuse_change();

-- One row: the end of the log and the lock of all appends. The row is updated by every commit, so pages keep room for new versions of it.
create table lockstep.log_state (
    only_row boolean primary key default true check (only_row),
    position bigint not null,
    recorded_at timestamptz,
    incarnation uuid not null,
    system_identifier text not null,
    timeline int not null
) with (fillfactor = 10);
insert into lockstep.log_state (position, incarnation, system_identifier, timeline)
select 0, gen_random_uuid(), s.system_identifier::text, c.timeline_id
from pg_control_system() s, pg_control_checkpoint() c;
create trigger log_state_stays before delete or truncate on lockstep.log_state
    for each statement execute function lockstep.refuse_change();

-- Running digest of the log up to a position, written by whoever computed it, never by appends.
create table lockstep.log_digest (
    position bigint primary key,
    digest bytea not null check (length(digest) = 32)
);

create table lockstep.leases (
    name text collate "C" primary key,
    holder text not null,
    token bigint not null,
    expires_at timestamptz not null
);

create table lockstep.checkpoints (
    consumer text collate "C" not null,
    kind text collate "C" not null,
    version int not null,
    lane int not null,
    state text not null,
    position bigint not null,
    last_event_id uuid,
    incarnation uuid not null,
    events_handled bigint not null,
    digest bytea not null,
    fencing_token bigint not null,
    updated_at timestamptz not null,
    last_error text,
    primary key (consumer, kind, version, lane)
) with (fillfactor = 50);

-- The last acknowledged record of each partition, beside the publisher's checkpoint.
create table lockstep.published_partitions (
    consumer text collate "C" not null,
    topic text collate "C" not null,
    partition int not null,
    position bigint not null,
    record_offset bigint not null,
    primary key (consumer, topic, partition)
) with (fillfactor = 50);

-- Appends a batch of requests. One call is one implicit transaction: a dead client can never hold the log's lock.
--
-- A request is one or several parts (streams); the arrays p_* have one element per part, requests numbered 1, 2, 3 … in order. The arrays
-- e_* have one element per event, parts one after the other; e_part is the number of the part, e_step the place in it from 1. p_expected:
-- -2 any, -1 the stream exists, 0 no stream, n exactly n. No two requests may share a stream or an event id; the caller sees to that.
--
-- Answers one row per part: outcome 0 appended, 1 repeated (position: the first event of the part; version: the last), 2 conflict (version:
-- the stream's, 0 for none; satisfied: whether this part was as expected), 3 id reused (position: where it is, ordinal: which event), 4
-- partly repeated (position: how many are known, ordinal: the first known event).
--
-- Without `careful` nobody looks whether the event ids are known: the unique index refuses the whole batch with 23505 if one is, and the
-- caller calls again with `careful`. Retries are rare, and the look costs as much as an index.
create function lockstep.append(
    careful boolean,
    p_request int[], p_workspace int[], p_stream text[], p_expected bigint[], p_events int[],
    e_part int[], e_step int[], e_kind int[], e_schema smallint[], e_id uuid[], e_correlation uuid[], e_causation uuid[],
    e_actor text[], e_occurred timestamptz[], e_data bytea[], e_metadata bytea[]
) returns table (request int, outcome smallint, "position" bigint, version bigint, ordinal bigint, satisfied boolean)
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    v_head bigint;
    v_recorded timestamptz;
    v_versions bigint[];
    v_offsets bigint[];
    v_satisfied boolean[];
    v_count bigint := array_length(e_id, 1);
begin
    -- An acknowledged append is on disk, whatever the role or database says.
    if current_setting('synchronous_commit') in ('off', 'local') then
        perform set_config('synchronous_commit', 'on', true);
    end if;
    select s.position, greatest(clock_timestamp(), s.recorded_at) into v_head, v_recorded
    from lockstep.log_state s for update;

    select array_agg(coalesce(v.version, 0) order by p.n),
        array_agg(p.before order by p.n),
        array_agg(case p.expected when -2 then true when -1 then v.version is not null else coalesce(v.version, 0) = p.expected end
            order by p.n)
    into v_versions, v_offsets, v_satisfied
    from (
        select u.*, sum(u.events) over (order by u.n) - u.events as before
        from unnest(p_workspace, p_stream, p_expected, p_events) with ordinality u(workspace, stream, expected, events, n)
    ) p
    left join lateral (
        select e.version from lockstep.events e
        where e.workspace = p.workspace and e.stream = p.stream
        order by e.version desc limit 1
    ) v on true;

    if careful or false = any (v_satisfied) then
        return query select * from lockstep.append_carefully(
            v_head, v_recorded, v_versions, v_satisfied, p_request, p_workspace, p_stream, p_events,
            e_part, e_step, e_kind, e_schema, e_id, e_correlation, e_causation, e_actor, e_occurred, e_data, e_metadata);
        return;
    end if;

    insert into lockstep.events (
        position, version, occurred_at, recorded_at, event_id, kind, workspace, schema_version, correlation_id, causation_id, stream,
        actor, data, metadata)
    select v_head + e.n, v_versions[e.part] + e.step, e.occurred, v_recorded, e.id, e.kind, p_workspace[e.part], e.schema,
        e.correlation, e.causation, p_stream[e.part], e.actor, e.data, e.metadata
    from unnest(e_part, e_step, e_kind, e_schema, e_id, e_correlation, e_causation, e_actor, e_occurred, e_data, e_metadata)
        with ordinality e(part, step, kind, schema, id, correlation, causation, actor, occurred, data, metadata, n);
    update lockstep.log_state set position = v_head + v_count, recorded_at = v_recorded;

    return query
    select p.request, 0::smallint, v_head + v_offsets[p.n] + 1, v_versions[p.n] + p.events, 0::bigint, true
    from unnest(p_request, p_events) with ordinality p(request, events, n);
end
$$;

-- The careful half of lockstep.append, under its lock: finds repeats first, then conflicts, then stores what is left.
create function lockstep.append_carefully(
    v_head bigint, v_recorded timestamptz, v_versions bigint[], v_satisfied boolean[],
    p_request int[], p_workspace int[], p_stream text[], p_events int[],
    e_part int[], e_step int[], e_kind int[], e_schema smallint[], e_id uuid[], e_correlation uuid[], e_causation uuid[],
    e_actor text[], e_occurred timestamptz[], e_data bytea[], e_metadata bytea[]
) returns table (request int, outcome smallint, "position" bigint, version bigint, ordinal bigint, satisfied boolean)
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    v_requests int := p_request[array_length(p_request, 1)];
    v_outcomes smallint[] := array_fill(0::smallint, array[v_requests]);
    v_positions bigint[] := array_fill(0::bigint, array[v_requests]);
    v_ordinals bigint[] := array_fill(0::bigint, array[v_requests]);
    v_stored bigint;
    r record;
begin
    -- Repeats: every id known, in the same stream with the same content, one behind the other as they were appended.
    for r in
        select p.request, count(*) as events, count(k.position) as known,
            min(k.position) as first_position,
            min(e.n) filter (where k.position is not null) as first_known,
            min(e.n) filter (where k.position is not null and not (
                k.workspace = p_workspace[e.part] and k.stream = p_stream[e.part] and k.kind = e.kind
                and k.schema_version = e.schema and k.data = e.data)) as first_other,
            bool_and(k.position - e.n = f.shift) filter (where k.position is not null) as together
        from unnest(e_part, e_kind, e_schema, e_id, e_data) with ordinality e(part, kind, schema, id, data, n)
        cross join lateral (select p_request[e.part] as request) p
        left join lockstep.events k on k.event_id = e.id
        left join lateral (
            -- How far the request's first event moved: the same for all of them when they were appended together.
            select k1.position - min(e1.n) as shift
            from unnest(e_part, e_id) with ordinality e1(part, id, n)
            join lockstep.events k1 on k1.event_id = e1.id
            where p_request[e1.part] = p.request
            group by k1.position order by k1.position limit 1
        ) f on k.position is not null
        group by p.request having count(k.position) > 0
    loop
        if r.first_other is not null then
            v_outcomes[r.request] := 3;
            v_ordinals[r.request] := r.first_other;
            v_positions[r.request] := (select k.position from lockstep.events k where k.event_id = e_id[r.first_other]);
        elsif r.known < r.events or not r.together then
            v_outcomes[r.request] := 4;
            v_positions[r.request] := r.known;
            v_ordinals[r.request] := r.first_known;
        else
            v_outcomes[r.request] := 1;
            v_positions[r.request] := r.first_position;
        end if;
    end loop;

    for r in select distinct p.request from unnest(p_request, v_satisfied) p(request, satisfied) where not p.satisfied loop
        if v_outcomes[r.request] = 0 then
            v_outcomes[r.request] := 2;
        end if;
    end loop;

    with accepted as (
        select e.*, row_number() over (order by e.n) as place
        from unnest(e_part, e_step, e_kind, e_schema, e_id, e_correlation, e_causation, e_actor, e_occurred, e_data, e_metadata)
            with ordinality e(part, step, kind, schema, id, correlation, causation, actor, occurred, data, metadata, n)
        where v_outcomes[p_request[e.part]] = 0
    ), stored as (
        insert into lockstep.events (
            position, version, occurred_at, recorded_at, event_id, kind, workspace, schema_version, correlation_id, causation_id,
            stream, actor, data, metadata)
        select v_head + a.place, v_versions[a.part] + a.step, a.occurred, v_recorded, a.id, a.kind, p_workspace[a.part], a.schema,
            a.correlation, a.causation, p_stream[a.part], a.actor, a.data, a.metadata
        from accepted a
        returning 1
    )
    select count(*) into v_stored from stored;
    if v_stored > 0 then
        update lockstep.log_state set position = v_head + v_stored, recorded_at = v_recorded;
    end if;

    return query
    with parts as (
        select p.request, p.events, p.satisfied, p.n,
            sum(p.events) over (order by p.n) - p.events as events_before,
            sum(p.events) over (partition by p.request order by p.n) - p.events as before_in_request,
            sum(case when v_outcomes[p.request] = 0 then p.events else 0 end) over (order by p.n)
                - case when v_outcomes[p.request] = 0 then p.events else 0 end as stored_before
        from unnest(p_request, p_events, v_satisfied) with ordinality p(request, events, satisfied, n)
    )
    select p.request, v_outcomes[p.request],
        case v_outcomes[p.request]
            when 0 then v_head + p.stored_before + 1
            when 1 then v_positions[p.request] + p.before_in_request
            else v_positions[p.request]
        end,
        case v_outcomes[p.request]
            when 0 then v_versions[p.n] + p.events
            when 1 then (select k.version from lockstep.events k where k.event_id = e_id[p.events_before + p.events])
            else v_versions[p.n]
        end,
        v_ordinals[p.request], p.satisfied
    from parts p order by p.n;
end
$$;

-- Takes a lease if it is free, expired, or the same holder's; the token grows with every grant. Answers (granted, holder, token, remaining µs).
create function lockstep.acquire_lease(p_name text, p_holder text, p_microseconds bigint)
returns table (granted boolean, holder text, token bigint, remaining bigint) language plpgsql as $$
begin
    insert into lockstep.leases as l (name, holder, token, expires_at)
    values (p_name, p_holder, 1, clock_timestamp() + p_microseconds * interval '1 microsecond')
    on conflict (name) do update
        set holder = excluded.holder, token = l.token + 1, expires_at = clock_timestamp() + p_microseconds * interval '1 microsecond'
        where l.expires_at <= clock_timestamp() or l.holder = excluded.holder;
    return query
    select l.holder = p_holder and l.expires_at > clock_timestamp() and found, l.holder, l.token,
        greatest(0, extract(epoch from l.expires_at - clock_timestamp()) * 1000000)::bigint
    from lockstep.leases l where l.name = p_name;
end
$$;

-- Moves a checkpoint by compare-and-set under a fencing token. Answers 0 advanced, 1 fenced (value: the token in force), 2 moved (value: the
-- position that is stored). The lease row is locked for the transaction, so a new holder waits for this write or this write fails.
create function lockstep.advance_checkpoint(
    p_lease text, p_token bigint, p_consumer text, p_kind text, p_version int, p_lane int, p_previous bigint,
    p_state text, p_position bigint, p_last_event_id uuid, p_incarnation uuid, p_events_handled bigint, p_digest bytea, p_last_error text
) returns table (answer smallint, value bigint) language plpgsql as $$
declare
    v_token bigint;
    v_position bigint;
begin
    select l.token into v_token from lockstep.leases l where l.name = p_lease for share;
    if v_token is distinct from p_token then
        return query select 1::smallint, coalesce(v_token, 0);
        return;
    end if;
    -- A row to lock must exist, or two first writers under one lease would both find nothing.
    insert into lockstep.checkpoints (
        consumer, kind, version, lane, state, position, incarnation, events_handled, digest, fencing_token, updated_at)
    values (
        p_consumer, p_kind, p_version, p_lane, p_state, 0, p_incarnation, 0, decode(repeat('00', 32), 'hex'), p_token, clock_timestamp())
    on conflict do nothing;
    select c.position into v_position from lockstep.checkpoints c
    where c.consumer = p_consumer and c.kind = p_kind and c.version = p_version and c.lane = p_lane for update;
    if v_position <> p_previous then
        return query select 2::smallint, v_position;
        return;
    end if;
    update lockstep.checkpoints c set
        state = p_state, position = p_position, last_event_id = p_last_event_id, incarnation = p_incarnation,
        events_handled = p_events_handled, digest = p_digest, fencing_token = p_token, updated_at = clock_timestamp(),
        last_error = p_last_error
    where c.consumer = p_consumer and c.kind = p_kind and c.version = p_version and c.lane = p_lane;
    return query select 0::smallint, p_position;
end
$$;

-- The contract views.
create view lockstep.event_log as
select e.position, e.event_id, w.name as workspace, k.category, e.stream, e.version, k.type, e.schema_version::int as schema_version,
    convert_from(e.data, 'UTF8')::jsonb as data, convert_from(e.metadata, 'UTF8')::jsonb as metadata,
    e.correlation_id, e.causation_id, e.actor, e.occurred_at, e.recorded_at, e.data as data_raw
from lockstep.events e
join lockstep.kinds k on k.id = e.kind
join lockstep.workspaces w on w.id = e.workspace;

create view lockstep.log_head as
select s.position, s.incarnation, s.system_identifier, s.timeline, s.recorded_at from lockstep.log_state s;

-- Lag is judged from the log and the checkpoints, not by the consumer about itself (L8): the age of the oldest event not yet handled.
create view lockstep.consumer_progress as
select c.consumer, c.kind, c.version, c.lane, c.state, c.position, c.last_event_id, c.incarnation, h.position as head,
    greatest(0, h.position - c.position) as lag_events,
    coalesce(extract(epoch from clock_timestamp() - waiting.recorded_at), 0)::double precision as lag_seconds,
    0::bigint as parked_keys, c.events_handled, c.digest, c.fencing_token, c.updated_at, c.last_error
from lockstep.checkpoints c
cross join lockstep.log_state h
left join lateral (select e.recorded_at from lockstep.events e where e.position = c.position + 1) waiting on true;
