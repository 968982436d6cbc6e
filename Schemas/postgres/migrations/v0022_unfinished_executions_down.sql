drop view lockstep_views.comparisons;
drop index lockstep.comparisons_unfinished;
drop index lockstep.comparisons_apart_now;
alter table lockstep.comparisons drop column not_yet;
create index comparisons_apart_now on lockstep.comparisons (workspace, execution_id) where apart_since is not null and stale_since is null;

create view lockstep_views.comparisons as
select workspace, execution_id, lane, workflow_id, workflow_version, workflow_position, journey_version, journey_position, ledger_version,
    ledger_position, encode(policy, 'hex') as policy_digest, differing, queued, pending, apart_since, looked_at, quiet_since, stale_since
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
comment on column lockstep_views.comparisons.quiet_since is
    'When something was recorded on a side last, by the database''s clock; null when no side can move any more, or the execution is stale.';
comment on column lockstep_views.comparisons.stale_since is
    'The same of an execution that is stale: a side could still move, neither has for long, and it is left alone until one does; null for others.';
