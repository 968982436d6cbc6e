-- Events that wait behind parked keys are in no row: without the queues they would never be.
do $$
begin
    if exists (select from lockstep_read.parked_keys) then
        raise exception 'lockstep_read.parked_keys holds parked keys'
            using hint = 'retry or skip them first: lockstep projections parked';
    end if;
end
$$;
create or replace view lockstep.log_progress as
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
drop view lockstep.parked_keys;
drop function lockstep_read.advance_parking(
    text, bigint, text, text, int, int, bigint, text, bigint, uuid, uuid, bigint, bytea, text, jsonb);
drop function lockstep_read.settle_parked(text, int, int, jsonb);
drop function lockstep_read.park(text, int, int, jsonb);
drop function lockstep_read.parked_elsewhere(text, bigint);
drop table lockstep_read.parked_events;
drop table lockstep_read.parked_keys;
