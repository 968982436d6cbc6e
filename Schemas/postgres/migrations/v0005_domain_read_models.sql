-- Read models of journeys, mappings, executions and sessions. Text that is a key is compared byte by byte, as the folds compare it.

create table lockstep_read.journeys_v1 (
    workspace        text collate "C" not null,
    journey_id       text collate "C" not null,
    title            text not null,
    description      text,
    root             text not null,
    states           bigint not null,
    transitions      bigint not null,
    conditions       bigint not null,
    labels           json not null,
    priority         bigint not null,
    digest           text not null,
    revision         bigint not null,
    origin           text not null,
    workflow_id      text collate "C",
    workflow_version bigint,
    archived_at      timestamptz,
    first_position   bigint not null,
    last_position    bigint not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    primary key (workspace, journey_id)
);

create view lockstep_views.journeys as
select workspace, journey_id, title, description, root, states, transitions, conditions, labels, priority, digest, revision, origin,
       workflow_id, workflow_version, archived_at, first_position, last_position, created_at, updated_at
  from lockstep_read.journeys_v1;

create table lockstep_read.mappings_v1 (
    workspace       text collate "C" not null,
    workflow_id     text collate "C" not null,
    version         bigint not null,
    journey_id      text collate "C" not null,
    digest          text not null,
    workflow_digest text not null,
    journey_digest  text not null,
    rules           bigint not null,
    nodes           bigint not null,
    edges           bigint not null,
    variables       bigint not null,
    status          text collate "C" not null,
    problems        bigint,
    is_active       boolean not null,
    activated_at    timestamptz,
    retired_at      timestamptz,
    first_position  bigint not null,
    last_position   bigint not null,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    primary key (workspace, workflow_id, version)
);

-- The active mapping of a workflow. Not unique: a batch may write the new one before the old.
create index mappings_v1_active on lockstep_read.mappings_v1 (workspace, workflow_id) where is_active;

create view lockstep_views.mappings as
select workspace, workflow_id, version, journey_id, digest, workflow_digest, journey_digest, rules, nodes, edges, variables, status,
       problems, is_active, activated_at, retired_at, first_position, last_position, created_at, updated_at
  from lockstep_read.mappings_v1;

create table lockstep_read.executions_v1 (
    workspace           text collate "C" not null,
    execution_id        text collate "C" not null,
    workflow_id         text collate "C",
    definition_digest   text,
    definition_revision text,
    mapping_id          text collate "C",
    mapping_version     bigint,
    status              text collate "C" not null,
    original_status     text,
    trigger             text,
    started_at          timestamptz,
    ended_at            timestamptz,
    error_code          text,
    waiting_kind        text,
    waiting_context     text,
    resume_at           timestamptz,
    blocked_on          text,
    visits_started      bigint not null,
    visits_running      bigint not null,
    visits_completed    bigint not null,
    visits_failed       bigint not null,
    visits_skipped      bigint not null,
    contradictions      bigint not null,
    current_visits      json not null,
    first_position      bigint not null,
    last_position       bigint not null,
    erased_at           timestamptz,
    updated_at          timestamptz not null,
    primary key (workspace, execution_id)
);

-- The executions of one workflow.
create index executions_v1_by_workflow on lockstep_read.executions_v1 (workspace, workflow_id, last_position);

-- Those that are not over.
create index executions_v1_open on lockstep_read.executions_v1 (workspace, status, updated_at) where status in ('queued', 'running', 'waiting', 'paused');

create view lockstep_views.executions as
select workspace, execution_id, workflow_id, definition_digest, definition_revision, mapping_id, mapping_version, status,
       original_status, trigger, started_at, ended_at, error_code, waiting_kind, waiting_context, resume_at, blocked_on, visits_started,
       visits_running, visits_completed, visits_failed, visits_skipped, contradictions, current_visits, first_position, last_position,
       erased_at, updated_at
  from lockstep_read.executions_v1;

create table lockstep_read.sessions_v1 (
    workspace       text collate "C" not null,
    category        text collate "C" not null,
    key             text collate "C" not null,
    engine          text,
    session_id      text,
    execution_id    text collate "C",
    bindings        json not null,
    subject         text,
    agent           text,
    mode            text,
    status          text collate "C" not null,
    closed_reason   text,
    positions       json not null,
    journeys        json not null,
    messages        bigint not null,
    tool_calls      bigint not null,
    inputs          bigint not null,
    turns_completed bigint not null,
    turns_failed    bigint not null,
    turns_cancelled bigint not null,
    rewinds         bigint not null,
    last_offset     bigint,
    asked_offset    bigint,
    answered_offset bigint,
    first_position  bigint not null,
    last_position   bigint not null,
    started_at      timestamptz not null,
    updated_at      timestamptz not null,
    erased_at       timestamptz,
    primary key (workspace, category, key)
);

-- The conversations of one execution.
create index sessions_v1_by_execution on lockstep_read.sessions_v1 (workspace, execution_id);

-- Those that are not over.
create index sessions_v1_open on lockstep_read.sessions_v1 (workspace, status, updated_at) where status <> 'closed';

create view lockstep_views.sessions as
select workspace, category, key, engine, session_id, execution_id, bindings, subject, agent, mode, status, closed_reason, positions,
       journeys, messages, tool_calls, inputs, turns_completed, turns_failed, turns_cancelled, rewinds, last_offset, asked_offset,
       answered_offset, first_position, last_position, started_at, updated_at, erased_at
  from lockstep_read.sessions_v1;
