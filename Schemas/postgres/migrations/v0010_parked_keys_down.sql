-- Events that wait behind parked keys are in no row: without the queues they would never be.
do $$
begin
    if exists (select from lockstep_read.parked_keys) then
        raise exception 'lockstep_read.parked_keys holds parked keys'
            using hint = 'retry or skip them first: lockstep projections parked';
    end if;
end
$$;
create or replace view lockstep.consumer_progress as
select c.consumer, c.kind, c.version, c.lane, c.state, c.position, c.last_event_id, c.incarnation, h.position as head,
    greatest(0, h.position - c.position) as lag_events,
    coalesce(extract(epoch from clock_timestamp() - waiting.recorded_at), 0)::double precision as lag_seconds,
    0::bigint as parked_keys, c.events_handled, c.digest, c.fencing_token, c.updated_at, c.last_error
from lockstep.checkpoints c
cross join lockstep.log_state h
left join lateral (select e.recorded_at from lockstep.events e where e.position = c.position + 1) waiting on true
union all
select i.topic, 'ingest', 1, i.partition,
    case when i.observed_at is null or i.observed_at < clock_timestamp() - interval '60 seconds' then 'unwatched'
        when i.end_offset > i.next_offset then 'catching-up' else 'live' end,
    i.next_offset, null, h.incarnation, greatest(i.end_offset, i.next_offset), greatest(0, i.end_offset - i.next_offset),
    case when i.mark_offset > i.next_offset then extract(epoch from clock_timestamp() - i.marked_at)
        when i.end_offset > i.next_offset then extract(epoch from clock_timestamp() - i.observed_at)
        else 0 end::double precision,
    (select count(*) from lockstep.inbound_rejections r
        where (r.cluster, r.topic, r.partition) = (i.cluster, i.topic, i.partition) and r.accepted_at is null),
    i.messages, decode(repeat('00', 32), 'hex'), i.fencing_token, i.updated_at, null
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
drop view lockstep.parked_keys;
drop function lockstep_read.advance_parking(
    text, bigint, text, text, int, int, bigint, text, bigint, uuid, uuid, bigint, bytea, text, jsonb);
drop function lockstep_read.settle_parked(text, int, int, jsonb);
drop function lockstep_read.park(text, int, int, jsonb);
drop function lockstep_read.parked_elsewhere(text, bigint);
drop table lockstep_read.parked_events;
drop table lockstep_read.parked_keys;
