-- Read models. Physical tables and the functions that guard them are in lockstep_read; readers use the views in lockstep_views, which
-- always show the active generation. Every name is qualified, so no search_path matters.

create schema lockstep_read;
create schema lockstep_views;

comment on schema lockstep_read is 'Physical tables of the read models, one per generation. Not a contract.';
comment on schema lockstep_views is 'The read models, as views over the active generation. This is the contract.';

-- Text that is a key is compared byte by byte, as the folds compare it.
create table lockstep_read.workflows_v1 (
    workspace      text collate "C" not null,
    workflow_id    text collate "C" not null,
    name           text,
    description    text,
    format         text not null,
    digest         text not null,
    revision       bigint not null,
    blocks         bigint not null,
    edges          bigint not null,
    loops          bigint not null,
    parallels      bigint not null,
    variables      bigint not null,
    source         text not null,
    first_position bigint not null,
    last_position  bigint not null,
    imported_at    timestamptz not null,
    updated_at     timestamptz not null,
    primary key (workspace, workflow_id)
);

create table lockstep_read.timeline_v1 (
    position       bigint not null,
    workspace      text collate "C" not null,
    stream         text collate "C" not null,
    category       text collate "C" not null,
    sync_key       text collate "C" not null,
    version        bigint not null,
    type           text collate "C" not null,
    summary        text not null,
    actor          text,
    correlation_id uuid,
    occurred_at    timestamptz not null,
    recorded_at    timestamptz not null,
    primary key (position)
);

-- The timeline of one execution, both sides together.
create index timeline_v1_by_key on lockstep_read.timeline_v1 (sync_key, workspace, position);

create view lockstep_views.workflows as
select workspace, workflow_id, name, description, format, digest, revision, blocks, edges, loops, parallels, variables, source,
       first_position, last_position, imported_at, updated_at
  from lockstep_read.workflows_v1;

create view lockstep_views.timeline as
select workspace, position, stream, category, sync_key, version, type, summary, actor, correlation_id, occurred_at, recorded_at
  from lockstep_read.timeline_v1;

-- Moves a checkpoint in the transaction that writes the rows, or raises, so that neither is written. LSF01: fenced, the detail is the
-- token in force. LSM01: the checkpoint is elsewhere, the detail is where.
create function lockstep_read.advance(
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

-- Says how a consumer is doing without moving it. Raises as advance does.
create function lockstep_read.record_state(
    p_lease text, p_token bigint, p_consumer text, p_kind text, p_version int, p_lane int, p_position bigint,
    p_state text, p_incarnation uuid, p_last_error text
) returns boolean language plpgsql as $$
declare
    v_stored lockstep.checkpoints%rowtype;
begin
    select c.* into v_stored from lockstep.checkpoints c
    where c.consumer = p_consumer and c.kind = p_kind and c.version = p_version and c.lane = p_lane for update;
    return lockstep_read.advance(
        p_lease, p_token, p_consumer, p_kind, p_version, p_lane, p_position, p_state, coalesce(v_stored.position, 0),
        v_stored.last_event_id, coalesce(v_stored.incarnation, p_incarnation), coalesce(v_stored.events_handled, 0),
        coalesce(v_stored.digest, decode(repeat('00', 32), 'hex')), p_last_error);
end
$$;
