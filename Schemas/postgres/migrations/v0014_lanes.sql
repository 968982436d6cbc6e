-- Lanes with checkpoints of their own. A generation keeps one checkpoint for all lanes together (lane -1), or one for each of `lanes` lanes; it
-- never changes within a generation, so a projector that knows the generation knows its checkpoints.
alter table lockstep.generations add column lanes int not null default 0 check (lanes between 0 and 10000);
comment on column lockstep.generations.lanes is
    'How many lanes have a checkpoint of their own; 0: all lanes together have one, with lane -1.';

-- Raises LSL01 unless a generation keeps checkpoints for these lanes. A program that does not know of lanes asks for all of them together, finds
-- no checkpoint and would fold everything once more; it is refused here.
create function lockstep_read.check_layout(p_consumer text, p_version int, p_lanes int[]) returns void language plpgsql as $$
declare
    v_lanes int := coalesce(
        (select g.lanes from lockstep.generations g where g.projection = p_consumer and g.number = p_version), 0);
    v_wrong int;
begin
    select l.lane into v_wrong from unnest(p_lanes) l (lane)
    where case v_lanes when 0 then l.lane <> -1 else l.lane not between 0 and v_lanes - 1 end limit 1;
    if found then
        raise exception 'generation % of % keeps no checkpoint for lane %', p_version, p_consumer, v_wrong
            using errcode = 'LSL01', detail = v_lanes::text, hint = 'run the program that made the generation';
    end if;
end
$$;

-- As before, and only for a checkpoint that the generation keeps.
create or replace function lockstep_read.advance(
    p_lease text, p_token bigint, p_consumer text, p_kind text, p_version int, p_lane int, p_previous bigint,
    p_state text, p_position bigint, p_last_event_id uuid, p_incarnation uuid, p_events_handled bigint, p_digest bytea, p_last_error text
) returns boolean language plpgsql as $$
declare
    v_answer smallint;
    v_value bigint;
begin
    perform lockstep_read.check_layout(p_consumer, p_version, array[p_lane]);
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

-- Moves the checkpoints of some lanes of a generation, each under its lease, and changes what is parked in them (null: nothing), all or nothing, in
-- the transaction that writes the rows. Raises as lockstep_read.advance does. Rows are locked in one order, so that two callers cannot wait for
-- each other.
create function lockstep_read.advance_lanes(
    p_leases text[], p_tokens bigint[], p_consumer text, p_kind text, p_version int, p_lanes int[], p_previous bigint[], p_states text[],
    p_positions bigint[], p_last_event_ids uuid[], p_incarnations uuid[], p_events_handled bigint[], p_digests bytea[],
    p_last_errors text[], p_parking text[]
) returns boolean language plpgsql as $$
declare
    v_found bigint;
    v_value bigint;
    r record;
begin
    perform lockstep_read.check_layout(p_consumer, p_version, p_lanes);
    perform from lockstep.leases l where l.name = any (p_leases) order by l.name collate "C" for share;
    select coalesce(l.token, 0) into v_value
    from unnest(p_leases, p_tokens) m (lease, token) left join lockstep.leases l on l.name = m.lease
    where l.token is distinct from m.token limit 1;
    if found then
        raise exception 'fenced: the lease has another token' using errcode = 'LSF01', detail = v_value::text;
    end if;
    perform from lockstep.checkpoints c
    where c.consumer = p_consumer and c.kind = p_kind and c.version = p_version and c.lane = any (p_lanes)
    order by c.lane for update;
    get diagnostics v_found = row_count;
    if v_found < cardinality(p_lanes) then
        -- Rows to lock must exist, or two first writers under one lease would both find nothing.
        insert into lockstep.checkpoints (
            consumer, kind, version, lane, state, position, incarnation, events_handled, digest, fencing_token, updated_at)
        select p_consumer, p_kind, p_version, m.lane, m.state, 0, m.incarnation, 0, decode(repeat('00', 32), 'hex'), m.token,
            clock_timestamp()
        from unnest(p_lanes, p_states, p_incarnations, p_tokens) m (lane, state, incarnation, token) order by m.lane
        on conflict do nothing;
        perform from lockstep.checkpoints c
        where c.consumer = p_consumer and c.kind = p_kind and c.version = p_version and c.lane = any (p_lanes)
        order by c.lane for update;
    end if;
    select c.position into v_value
    from unnest(p_lanes, p_previous) m (lane, previous)
    join lockstep.checkpoints c
        on c.consumer = p_consumer and c.kind = p_kind and c.version = p_version and c.lane = m.lane
    where c.position <> m.previous order by c.lane limit 1;
    if found then
        raise exception 'moved: the checkpoint is elsewhere' using errcode = 'LSM01', detail = v_value::text;
    end if;
    update lockstep.checkpoints c set
        state = m.state, position = m.position, last_event_id = m.last_event_id, incarnation = m.incarnation,
        events_handled = m.events_handled, digest = m.digest, fencing_token = m.token, updated_at = clock_timestamp(),
        last_error = m.last_error
    from unnest(
        p_lanes, p_tokens, p_states, p_positions, p_last_event_ids, p_incarnations, p_events_handled, p_digests, p_last_errors
    ) m (lane, token, state, position, last_event_id, incarnation, events_handled, digest, last_error)
    where c.consumer = p_consumer and c.kind = p_kind and c.version = p_version and c.lane = m.lane;
    for r in
        select m.lane, m.parking::jsonb as parking from unnest(p_lanes, p_parking) m (lane, parking)
        where m.parking is not null order by m.lane
    loop
        perform lockstep_read.park(p_consumer, p_version, r.lane, r.parking);
        if r.parking ? 'settled' then
            perform lockstep_read.settle_parked(p_consumer, p_version, r.lane, r.parking -> 'settled');
        end if;
    end loop;
    return true;
end
$$;
