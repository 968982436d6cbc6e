-- A refused message that nobody has retried with success exists nowhere else once retention has removed it from its topic.
do $$
begin
    if exists (select from lockstep.inbound_rejections r where r.accepted_at is null) then
        raise exception 'lockstep.inbound_rejections holds refused messages'
            using hint = 'retry them with lockstep ingest retry --all, or delete those that nobody needs';
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
left join lateral (select e.recorded_at from lockstep.events e where e.position = c.position + 1) waiting on true;
drop function lockstep.observe_inbound(text, text, int[], bigint[], bigint[]);
drop function lockstep.advance_inbound(
    text, text, text[], bigint[], int[], uuid[], bigint[], uuid[], bigint[], uuid[], bigint[], bigint[], bigint[], text[], uuid[], uuid[]);
drop function lockstep.share_inbound(text, text, bigint, int[], bigint[]);
drop table lockstep.inbound_rejections;
drop table lockstep.inbound_ends;
drop table lockstep.inbound_members;
alter table lockstep.inbound_bookmarks drop column messages, drop column events, drop column rejected;
