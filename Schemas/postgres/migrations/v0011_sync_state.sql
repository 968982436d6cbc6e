-- Read models of both sides of an execution, and of how much happens when. Text that is a key is compared byte by byte, as the folds
-- compare it.

create table lockstep_read.sync_state_v1 (
    workspace                text collate "C" not null,
    execution_id             text collate "C" not null,
    workflow_seen            boolean not null,
    journey_seen             boolean not null,
    workflow_over            boolean not null,
    journey_over             boolean not null,
    moved_last               text collate "C" not null,
    mapping_id               text collate "C",
    mapping_version          bigint,
    workflow_id              text collate "C",
    workflow_status          text collate "C",
    workflow_original_status text,
    workflow_visits          json,
    workflow_visits_running  bigint,
    workflow_waiting_kind    text,
    workflow_blocked_on      text,
    workflow_resume_at       timestamptz,
    workflow_error_code      text,
    workflow_since           timestamptz,
    workflow_last_position   bigint,
    workflow_updated_at      timestamptz,
    session_bound            boolean not null,
    engine                   text,
    session_id               text collate "C",
    journey_status           text collate "C",
    journey_closed_reason    text,
    journey_states           json,
    journey_mode             text,
    journey_asked_offset     bigint,
    journey_answered_offset  bigint,
    journey_mapping_id       text collate "C",
    journey_mapping_version  bigint,
    journey_since            timestamptz,
    journey_last_position    bigint,
    journey_updated_at       timestamptz,
    first_position           bigint not null,
    last_position            bigint not null,
    updated_at               timestamptz not null,
    erased_at                timestamptz,
    primary key (workspace, execution_id)
);

-- Executions that can still move, which is what a pass over all of them has to look at. The columns of the indexes hardly ever change,
-- so that most updates of a row touch no index.
create index sync_state_v1_open on lockstep_read.sync_state_v1 (workspace, execution_id) where not (workflow_over and journey_over);

-- Executions of which one side was never heard.
create index sync_state_v1_one_sided on lockstep_read.sync_state_v1 (workspace, execution_id) where not (workflow_seen and journey_seen);

-- The executions that a conversation walks for.
create index sync_state_v1_by_session on lockstep_read.sync_state_v1 (workspace, session_id) where session_id is not null;

-- The executions of one workflow.
create index sync_state_v1_by_workflow on lockstep_read.sync_state_v1 (workspace, workflow_id) where workflow_id is not null;

create view lockstep_views.sync_state as
select workspace, execution_id, workflow_seen, journey_seen, workflow_over, journey_over, moved_last, mapping_id, mapping_version,
       workflow_id, workflow_status, workflow_original_status, workflow_visits, workflow_visits_running, workflow_waiting_kind,
       workflow_blocked_on, workflow_resume_at, workflow_error_code, workflow_since, workflow_last_position, workflow_updated_at,
       session_bound, engine, session_id, journey_status, journey_closed_reason, journey_states, journey_mode, journey_asked_offset,
       journey_answered_offset, journey_mapping_id, journey_mapping_version, journey_since, journey_last_position, journey_updated_at,
       first_position, last_position, updated_at, erased_at
  from lockstep_read.sync_state_v1;

-- A row is updated by every batch until its hour is over: room on its page keeps the updates beside it.
create table lockstep_read.activity_by_hour_v1 (
    workspace      text collate "C" not null,
    hour           timestamptz not null,
    type           text collate "C" not null,
    lane           bigint not null,
    events         bigint not null,
    first_position bigint not null,
    last_position  bigint not null,
    primary key (workspace, hour, type, lane)
) with (fillfactor = 70);

-- Each lane keeps a row of its own; readers see what they come to. The primary key serves a workspace's hours, in order.
create view lockstep_views.activity_by_hour as
select workspace, hour, type, sum(events)::bigint as events, min(first_position) as first_position, max(last_position) as last_position
  from lockstep_read.activity_by_hour_v1
 group by workspace, hour, type;

insert into lockstep.generations (projection, number, version, relation, state, activated_at)
values ('sync_state', 1, 1, 'sync_state_v1', 'active', clock_timestamp()),
    ('activity_by_hour', 1, 1, 'activity_by_hour_v1', 'active', clock_timestamp());
