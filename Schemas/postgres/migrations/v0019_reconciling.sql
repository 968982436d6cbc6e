-- What the last look at each execution has come to: a cache that may be emptied at any time, which costs looks and nothing else. Positions and
-- versions of empty streams are 0. Text that is a key is compared byte by byte, as sync_state compares it, so that both can be merged.
create table lockstep.comparisons (
    workspace         text collate "C" not null,
    execution_id      text collate "C" not null,
    lane              int not null check (lane >= 0),
    workflow_id       text collate "C",
    workflow_version  bigint not null,
    workflow_position bigint not null,
    journey_version   bigint not null,
    journey_position  bigint not null,
    ledger_version    bigint not null,
    ledger_position   bigint not null,
    policy            bytea not null check (length(policy) = 32),
    differing         int not null check (differing >= 0),
    queued            int not null check (queued >= 0),
    pending           int not null check (pending >= 0),
    apart_since       timestamptz,
    looked_at         timestamptz not null,
    primary key (workspace, execution_id),
    constraint comparisons_apart check ((differing > 0) = (apart_since is not null))
) with (fillfactor = 70);

-- The executions whose sides are apart, which is all that a light check and the drift meter look at.
create index comparisons_apart_now on lockstep.comparisons (workspace, execution_id) where apart_since is not null;

create view lockstep_views.comparisons as
select workspace, execution_id, lane, workflow_id, workflow_version, workflow_position, journey_version, journey_position, ledger_version,
    ledger_position, encode(policy, 'hex') as policy_digest, differing, queued, pending, apart_since, looked_at
from lockstep.comparisons;

comment on view lockstep_views.comparisons is
    'One row per execution that a serving reconciler has looked at: what the last look has come to. A cache: it may be emptied at any time.';
comment on column lockstep_views.comparisons.workspace is 'The tenant.';
comment on column lockstep_views.comparisons.execution_id is 'The execution.';
comment on column lockstep_views.comparisons.lane is 'The lane that it travels in.';
comment on column lockstep_views.comparisons.workflow_id is 'The workflow that it runs; null when nobody has said.';
comment on column lockstep_views.comparisons.workflow_version is 'The version of workflow_execution-<id> that was seen.';
comment on column lockstep_views.comparisons.workflow_position is 'The log position of its last event.';
comment on column lockstep_views.comparisons.journey_version is 'The version of journey_session-<id> that was seen.';
comment on column lockstep_views.comparisons.journey_position is 'The log position of its last event.';
comment on column lockstep_views.comparisons.ledger_version is 'The version of reconciliation-<id>, with what the look has recorded.';
comment on column lockstep_views.comparisons.ledger_position is 'The log position of its last event.';
comment on column lockstep_views.comparisons.policy_digest is 'Tells the policy that was applied from every other one, hexadecimal.';
comment on column lockstep_views.comparisons.differing is 'Fields that differ, that nobody has accepted, and that do not only wait for somebody whom to tell.';
comment on column lockstep_views.comparisons.queued is 'Fields that wait for a person.';
comment on column lockstep_views.comparisons.pending is 'Effects that are under way.';
comment on column lockstep_views.comparisons.apart_since is 'Since when looks have found the sides apart; null when nothing differs.';
comment on column lockstep_views.comparisons.looked_at is 'When the look was taken, by the clock of the process.';

-- How the engines are reached, as each process that reconciles sees it. A process that is gone leaves its last word; whoever reads looks at the time.
create table lockstep.engines (
    side          text collate "C" not null check (side in ('workflow', 'journey')),
    holder        text collate "C" not null,
    engine        text not null,
    circuit       text collate "C" not null check (circuit in ('closed', 'open', 'half_open')),
    since         timestamptz not null,
    failures      int not null check (failures >= 0),
    last_error    text,
    last_error_at timestamptz,
    next_try      timestamptz,
    updated_at    timestamptz not null,
    primary key (side, holder),
    constraint engines_error check ((last_error is null) = (last_error_at is null))
) with (fillfactor = 50);
