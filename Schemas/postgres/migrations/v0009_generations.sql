-- Which sets of rows there are of each read model: one is active and seen by readers, another one may be built beside it, and the one
-- that was active before stays for a while. `number` is `version` in the key of the generation's checkpoint.
create table lockstep.generations (
    projection    text collate "C" not null,
    number        int not null check (number > 0),
    version       int not null check (version > 0),
    relation      text collate "C" not null unique,
    state         text collate "C" not null check (state in ('building', 'ready', 'active', 'previous', 'retired')),
    created_at    timestamptz not null default clock_timestamp(),
    activated_at  timestamptz,
    kept_until    timestamptz,
    report        json,
    report_digest text,
    primary key (projection, number)
);

-- At most one of each: two rebuilds of one read model cannot collide, and readers never wonder.
create unique index generations_active on lockstep.generations (projection) where state = 'active';
create unique index generations_shadow on lockstep.generations (projection) where state in ('building', 'ready');
create unique index generations_previous on lockstep.generations (projection) where state = 'previous';

insert into lockstep.generations (projection, number, version, relation, state, activated_at)
select p.projection, p.version, p.version, p.projection || '_v' || p.version, 'active', clock_timestamp()
from (values ('workflows', 1), ('journeys', 1), ('mappings', 1), ('executions', 1), ('sessions', 2), ('timeline', 1))
    as p (projection, version);

-- Raises LSF01 unless the lease has this token; the transaction keeps it so.
create function lockstep_read.confirm_lease(p_lease text, p_token bigint) returns boolean language plpgsql as $$
declare
    v_token bigint;
begin
    select l.token into v_token from lockstep.leases l where l.name = p_lease for share;
    if v_token is distinct from p_token then
        raise exception 'fenced: the lease has another token' using errcode = 'LSF01', detail = coalesce(v_token, 0)::text;
    end if;
    return true;
end
$$;

-- The two halves of consumer_progress, each a view, so that one can change without the other.
create view lockstep.inbound_progress as
select i.topic as consumer, 'ingest' as kind, 1 as version, i.partition as lane,
    case when i.observed_at is null or i.observed_at < clock_timestamp() - interval '60 seconds' then 'unwatched'
        when i.end_offset > i.next_offset then 'catching-up' else 'live' end as state,
    i.next_offset as position, null::uuid as last_event_id, h.incarnation, greatest(i.end_offset, i.next_offset) as head,
    greatest(0, i.end_offset - i.next_offset) as lag_events,
    case when i.mark_offset > i.next_offset then extract(epoch from clock_timestamp() - i.marked_at)
        when i.end_offset > i.next_offset then extract(epoch from clock_timestamp() - i.observed_at)
        else 0 end::double precision as lag_seconds,
    (select count(*) from lockstep.inbound_rejections r
        where (r.cluster, r.topic, r.partition) = (i.cluster, i.topic, i.partition) and r.accepted_at is null) as parked_keys,
    i.messages as events_handled, decode(repeat('00', 32), 'hex') as digest, i.fencing_token, i.updated_at, null::text as last_error
from (
    select coalesce(b.cluster, e.cluster) as cluster, coalesce(b.topic, e.topic) as topic, coalesce(b.partition, e.partition) as partition,
        coalesce(b.next_offset, e.first_offset) as next_offset, coalesce(e.end_offset, b.next_offset) as end_offset,
        coalesce(e.mark_offset, b.next_offset) as mark_offset, e.marked_at, e.observed_at, coalesce(b.messages, 0) as messages,
        coalesce(b.fencing_token, 0) as fencing_token, coalesce(b.updated_at, e.marked_at) as updated_at
    from lockstep.inbound_bookmarks b
    full join lockstep.inbound_ends e on (e.cluster, e.topic, e.partition) = (b.cluster, b.topic, b.partition)
    where b.partition is not null or e.end_offset > 0
) i
cross join lockstep.log_state h;

-- The version of a projector is that of its fold; `rebuild` and `previous` are generations beside the active one.
create view lockstep.log_progress as
select c.consumer,
    case g.state when 'building' then 'rebuild' when 'ready' then 'rebuild' when 'previous' then 'previous' else c.kind end
        collate "C" as kind,
    coalesce(g.version, c.version) as version, c.lane, c.state, c.position, c.last_event_id, c.incarnation, h.position as head,
    greatest(0, h.position - c.position) as lag_events,
    coalesce(extract(epoch from clock_timestamp() - waiting.recorded_at), 0)::double precision as lag_seconds,
    0::bigint as parked_keys, c.events_handled, c.digest, c.fencing_token, c.updated_at, c.last_error
from lockstep.checkpoints c
cross join lockstep.log_state h
left join lockstep.generations g on c.kind = 'projector' and g.projection = c.consumer and g.number = c.version
left join lateral (select e.recorded_at from lockstep.events e where e.position = c.position + 1) waiting on true;

create or replace view lockstep.consumer_progress as
select consumer, kind, version, lane, state, position, last_event_id, incarnation, head, lag_events, lag_seconds, parked_keys, events_handled,
       digest, fencing_token, updated_at, last_error
  from lockstep.log_progress
union all
select consumer, kind, version, lane, state, position, last_event_id, incarnation, head, lag_events, lag_seconds, parked_keys, events_handled,
       digest, fencing_token, updated_at, last_error
  from lockstep.inbound_progress;
