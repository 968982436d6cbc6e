-- Parked keys: what a projection has set aside, so that everything else flows. The queue of a key holds positions, not copies: the events are
-- in the log. Both go with the checkpoint that they belong to.

create table lockstep_read.parked_keys (
    id bigint generated always as identity primary key,
    consumer text collate "C" not null,
    kind text collate "C" not null default 'projector' check (kind = 'projector'),
    version int not null,
    lane int not null,
    -- A row's key as a JSON array, or a sync key when an event does not tell which row it concerns.
    key text collate "C" not null,
    -- The sync key of the event that it was set aside for.
    scope text collate "C" not null,
    -- The event that failed last, and why.
    position bigint not null,
    type text collate "C" not null,
    event_id uuid not null,
    cause text not null,
    -- Where the queue begins: what a retry compares before it takes events out.
    first_position bigint not null,
    queued bigint not null default 0 check (queued >= 0),
    parked_at timestamptz not null default clock_timestamp(),
    tries int not null default 1,
    tried_at timestamptz not null default clock_timestamp(),
    -- What somebody asked for, and the owner of the lease has not done yet: a retry, which leaves an event out first when that is asked for.
    requested_at timestamptz,
    requested_by text,
    skip_position bigint,
    skip_reason text,
    constraint parked_keys_request check (skip_position is null or (skip_reason is not null and requested_at is not null)),
    constraint parked_keys_key unique (consumer, version, lane, key),
    constraint parked_keys_checkpoint foreign key (consumer, kind, version, lane)
        references lockstep.checkpoints (consumer, kind, version, lane) on delete cascade
);
create index parked_keys_requested on lockstep_read.parked_keys (consumer, version, lane, requested_at, key) where requested_at is not null;

create table lockstep_read.parked_events (
    parked bigint not null references lockstep_read.parked_keys (id) on delete cascade,
    position bigint not null,
    primary key (parked, position)
);

-- Moves a checkpoint and changes what is parked, in the transaction that writes the rows, or raises, so that nothing of it is written. As
-- lockstep_read.advance does; LSM01 also when a parked key is not as the caller expects it, the detail is where its queue begins.
create function lockstep_read.advance_parking(
    p_lease text, p_token bigint, p_consumer text, p_kind text, p_version int, p_lane int, p_previous bigint,
    p_state text, p_position bigint, p_last_event_id uuid, p_incarnation uuid, p_events_handled bigint, p_digest bytea, p_last_error text,
    p_parking jsonb
) returns boolean language plpgsql as $$
begin
    perform lockstep_read.advance(
        p_lease, p_token, p_consumer, p_kind, p_version, p_lane, p_previous, p_state, p_position, p_last_event_id, p_incarnation,
        p_events_handled, p_digest, p_last_error);
    perform lockstep_read.park(p_consumer, p_version, p_lane, p_parking);
    if p_parking ? 'settled' then
        perform lockstep_read.settle_parked(p_consumer, p_version, p_lane, p_parking -> 'settled');
    end if;
    return true;
end
$$;

create function lockstep_read.parked_elsewhere(p_key text, p_first bigint) returns void language plpgsql as $$
begin
    raise exception 'moved: the parked key % is not as it was', p_key using errcode = 'LSM01', detail = coalesce(p_first, 0)::text;
end
$$;

-- Sets keys aside, lets a sync key take in the rows that were set aside before, and lets events wait.
create function lockstep_read.park(p_consumer text, p_version int, p_lane int, p_parking jsonb) returns void language plpgsql as $$
declare
    r record;
    v_from lockstep_read.parked_keys%rowtype;
begin
    insert into lockstep_read.parked_keys (consumer, version, lane, key, scope, position, type, event_id, cause, first_position)
    select p_consumer, p_version, p_lane, k.key, k.scope, k.position, k.type, k.event_id, k.cause, k.position
    from jsonb_to_recordset(p_parking -> 'parked') k (key text, scope text, position bigint, type text, event_id uuid, cause text);

    for r in select * from jsonb_to_recordset(p_parking -> 'absorbed') a ("from" text, "into" text) loop
        select k.* into v_from from lockstep_read.parked_keys k
        where (k.consumer, k.version, k.lane, k.key) = (p_consumer, p_version, p_lane, r."from") for update;
        if not found then
            perform lockstep_read.parked_elsewhere(r."from", null);
        end if;
        update lockstep_read.parked_events e set parked = k.id from lockstep_read.parked_keys k
        where e.parked = v_from.id and (k.consumer, k.version, k.lane, k.key) = (p_consumer, p_version, p_lane, r."into");
        update lockstep_read.parked_keys k set
            queued = k.queued + v_from.queued, first_position = least(k.first_position, v_from.first_position),
            position = case when v_from.position < k.position then v_from.position else k.position end,
            type = case when v_from.position < k.position then v_from.type else k.type end,
            event_id = case when v_from.position < k.position then v_from.event_id else k.event_id end,
            cause = case when v_from.position < k.position then v_from.cause else k.cause end
        where (k.consumer, k.version, k.lane, k.key) = (p_consumer, p_version, p_lane, r."into");
        delete from lockstep_read.parked_keys k where k.id = v_from.id;
    end loop;

    for r in
        select k.id, q.key, q.positions
        from jsonb_to_recordset(p_parking -> 'queued') q (key text, positions jsonb)
        left join lockstep_read.parked_keys k on (k.consumer, k.version, k.lane, k.key) = (p_consumer, p_version, p_lane, q.key)
    loop
        if r.id is null then
            perform lockstep_read.parked_elsewhere(r.key, null);
        end if;
        insert into lockstep_read.parked_events (parked, position)
        select r.id, p.position::bigint from jsonb_array_elements_text(r.positions) p (position);
        update lockstep_read.parked_keys k set
            queued = k.queued + jsonb_array_length(r.positions),
            first_position = least(k.first_position, (r.positions ->> 0)::bigint)
        where k.id = r.id;
    end loop;
end
$$;

-- A step of a retry: takes events out of a queue from its beginning on; with a cause the key stays parked and the request is done with,
-- without one it is parked no more once nothing waits.
create function lockstep_read.settle_parked(p_consumer text, p_version int, p_lane int, p_settled jsonb) returns void language plpgsql as $$
declare
    v_parked lockstep_read.parked_keys%rowtype;
    v_first bigint;
    v_gone bigint;
begin
    select k.* into v_parked from lockstep_read.parked_keys k
    where (k.consumer, k.version, k.lane, k.key) = (p_consumer, p_version, p_lane, p_settled ->> 'key') for update;
    if v_parked.first_position is distinct from (p_settled ->> 'first')::bigint then
        perform lockstep_read.parked_elsewhere(p_settled ->> 'key', v_parked.first_position);
    end if;
    -- Somebody asked meanwhile that an event be left out which this step has folded.
    if v_parked.skip_position <= (p_settled ->> 'through')::bigint
        and v_parked.skip_position is distinct from (p_settled ->> 'skip')::bigint
    then
        perform lockstep_read.parked_elsewhere(p_settled ->> 'key', v_parked.first_position);
    end if;
    delete from lockstep_read.parked_events e where e.parked = v_parked.id and e.position <= (p_settled ->> 'through')::bigint;
    get diagnostics v_gone = row_count;
    -- From where the queue went on, so that nobody passes what was deleted before.
    select e.position into v_first from lockstep_read.parked_events e
    where e.parked = v_parked.id and e.position > coalesce((p_settled ->> 'through')::bigint, v_parked.first_position - 1)
    order by e.position limit 1;
    if v_first is null then
        delete from lockstep_read.parked_keys k where k.id = v_parked.id;
        return;
    end if;
    -- What was folded, or left out, cannot be left out any more.
    update lockstep_read.parked_keys k set
        first_position = v_first, queued = k.queued - v_gone,
        skip_position = case when k.skip_position > coalesce((p_settled ->> 'through')::bigint, 0) then k.skip_position end,
        skip_reason = case when k.skip_position > coalesce((p_settled ->> 'through')::bigint, 0) then k.skip_reason end
    where k.id = v_parked.id;
    if p_settled ->> 'cause' is not null then
        update lockstep_read.parked_keys k set
            position = (p_settled ->> 'position')::bigint, type = p_settled ->> 'type', event_id = (p_settled ->> 'event_id')::uuid,
            cause = p_settled ->> 'cause', tries = k.tries + 1, tried_at = clock_timestamp(), requested_at = null, requested_by = null,
            skip_position = null, skip_reason = null
        where k.id = v_parked.id;
    end if;
end
$$;

-- What is parked, for whoever looks. `waiting` counts the events behind the one that failed.
create view lockstep.parked_keys as
select k.consumer, k.version, k.lane, k.key, k.cause, k.position, k.type, k.event_id, k.first_position, greatest(0, k.queued - 1) as waiting,
    k.parked_at, k.tries, k.tried_at, k.requested_at, k.requested_by, k.skip_position, k.skip_reason
from lockstep_read.parked_keys k;

-- As before, and projectors say how many of their keys are parked.
create or replace view lockstep.log_progress as
select c.consumer,
    case g.state when 'building' then 'rebuild' when 'ready' then 'rebuild' when 'previous' then 'previous' else c.kind end
        collate "C" as kind,
    coalesce(g.version, c.version) as version, c.lane, c.state, c.position, c.last_event_id, c.incarnation, h.position as head,
    greatest(0, h.position - c.position) as lag_events,
    coalesce(extract(epoch from clock_timestamp() - waiting.recorded_at), 0)::double precision as lag_seconds,
    (select count(*) from lockstep_read.parked_keys k
        where c.kind = 'projector' and (k.consumer, k.version, k.lane) = (c.consumer, c.version, c.lane)) as parked_keys,
    c.events_handled, c.digest, c.fencing_token, c.updated_at, c.last_error
from lockstep.checkpoints c
cross join lockstep.log_state h
left join lockstep.generations g on c.kind = 'projector' and g.projection = c.consumer and g.number = c.version
left join lateral (select e.recorded_at from lockstep.events e where e.position = c.position + 1) waiting on true;
