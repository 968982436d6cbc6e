-- The earlier schema knows only generations with one checkpoint.
do $$
begin
    if exists (select from lockstep.generations g where g.state <> 'retired' and g.lanes > 0) then
        raise exception 'there are generations of read models with a checkpoint for each lane, which the earlier schema does not know'
            using hint = 'make them anew with one checkpoint, lockstep projections rebuild NAME --layout whole --activate, twice for each, so that none is kept to return to';
    end if;
end
$$;
create or replace function lockstep_read.advance(
    p_lease text, p_token bigint, p_consumer text, p_kind text, p_version int, p_lane int, p_previous bigint,
    p_state text, p_position bigint, p_last_event_id uuid, p_incarnation uuid, p_events_handled bigint, p_digest bytea, p_last_error text
) returns boolean language plpgsql as $$
declare
    v_answer smallint;
    v_value bigint;
begin
    select a.answer, a.value into strict v_answer, v_value
    from lockstep.advance_checkpoint(
        p_lease, p_token, p_consumer, p_kind, p_version, p_lane, p_previous, p_state, p_position, p_last_event_id, p_incarnation,
        p_events_handled, p_digest, p_last_error) a;
    case v_answer
        when 0 then return true;
        when 1 then raise exception 'fenced: the lease has another token' using errcode = 'LSF01', detail = v_value::text;
        when 2 then raise exception 'moved: the checkpoint is elsewhere' using errcode = 'LSM01', detail = v_value::text;
    end case;
end
$$;
drop function lockstep_read.advance_lanes(
    text[], bigint[], text, text, int, int[], bigint[], text[], bigint[], uuid[], uuid[], bigint[], bytea[], text[], text[]);
drop function lockstep_read.check_layout(text, int, int[]);
alter table lockstep.generations drop column lanes;
