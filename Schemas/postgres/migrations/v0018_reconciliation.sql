-- Read models of the reconciler: what was decided between the two sides of executions, what the sides were told, and by which policies.

create table lockstep_read.divergences_v1 (
    workspace         text collate "C" not null,
    execution_id      text collate "C" not null,
    id                uuid not null,
    workflow_id       text collate "C",
    field             text collate "C" not null,
    members           json,
    kind              text not null,
    side              text,
    state             text collate "C" not null,
    reason            text,
    attempts          bigint,
    base              json,
    workflow          json,
    workflow_position bigint,
    workflow_actor    text,
    journey           json,
    journey_position  bigint,
    journey_actor     text,
    workflow_subject  text not null,
    journey_subject   text not null,
    workflow_version  bigint,
    journey_version   bigint,
    mapping_version   bigint,
    outcome           json,
    winner            text,
    loser             text,
    owner             text,
    rule              text,
    rule_place        bigint,
    policy            text,
    policy_version    bigint,
    cause             text,
    decision          uuid,
    reverses          uuid,
    effects           json not null,
    history           json not null,
    opened_by         text,
    settled_by        text,
    opened_at         timestamptz not null,
    settled_at        timestamptz,
    first_position    bigint not null,
    last_position     bigint not null,
    primary key (workspace, execution_id, id)
);

-- The conflicts that wait for a person.
create index divergences_v1_open on lockstep_read.divergences_v1 (workspace, execution_id) where state = 'open';

-- What the executions of one workflow have differed in.
create index divergences_v1_by_workflow on lockstep_read.divergences_v1 (workspace, workflow_id) where workflow_id is not null;

-- What became of one field.
create index divergences_v1_by_field on lockstep_read.divergences_v1 (workspace, field);

-- The execution in which something was decided, by the decision's id alone.
create index divergences_v1_by_decision on lockstep_read.divergences_v1 (workspace, decision) where decision is not null;

create view lockstep_views.divergences as
select workspace, execution_id, id, workflow_id, field, members, kind, side, state, reason, attempts, base, workflow, workflow_position,
       workflow_actor, journey, journey_position, journey_actor, workflow_subject, journey_subject, workflow_version, journey_version,
       mapping_version, outcome, winner, loser, owner, rule, rule_place, policy, policy_version, cause, decision, reverses, effects,
       history, opened_by, settled_by, opened_at, settled_at, first_position, last_position
  from lockstep_read.divergences_v1;

create table lockstep_read.effects_v1 (
    workspace      text collate "C" not null,
    execution_id   text collate "C" not null,
    id             uuid not null,
    side           text not null,
    action         text not null,
    kind           text not null,
    journey        text,
    target         text,
    fields         json not null,
    resolutions    json not null,
    attempt        bigint not null,
    state          text not null,
    times          bigint not null,
    witness        text,
    reason         text,
    because        text,
    deadline       timestamptz not null,
    requested_at   timestamptz not null,
    sent_at        timestamptz,
    ended_at       timestamptz,
    first_position bigint not null,
    last_position  bigint not null,
    primary key (workspace, execution_id, id)
);

-- The effects whose end is not known.
create index effects_v1_pending on lockstep_read.effects_v1 (workspace, execution_id) where ended_at is null;

create view lockstep_views.effects as
select workspace, execution_id, id, side, action, kind, journey, target, fields, resolutions, attempt, state, times, witness, reason,
       because, deadline, requested_at, sent_at, ended_at, first_position, last_position
  from lockstep_read.effects_v1;

create table lockstep_read.policies_v1 (
    workspace      text collate "C" not null,
    name           text collate "C" not null,
    version        bigint not null,
    digest         text not null,
    for_workspace  text,
    for_workflow   text,
    text           text not null,
    is_current     boolean not null,
    successor      bigint,
    published_by   text,
    published_at   timestamptz not null,
    superseded_at  timestamptz,
    first_position bigint not null,
    last_position  bigint not null,
    primary key (workspace, name, version)
);

-- The current version of a policy. Not unique: a batch may write the new one before the old.
create index policies_v1_current on lockstep_read.policies_v1 (workspace, name) where is_current;

create view lockstep_views.policies as
select workspace, name, version, digest, for_workspace, for_workflow, text, is_current, successor, published_by, published_at,
       superseded_at, first_position, last_position
  from lockstep_read.policies_v1;

insert into lockstep.generations (projection, number, version, relation, state, activated_at)
values ('divergences', 1, 1, 'divergences_v1', 'active', clock_timestamp()), ('effects', 1, 1, 'effects_v1', 'active', clock_timestamp()),
    ('policies', 1, 1, 'policies_v1', 'active', clock_timestamp());
