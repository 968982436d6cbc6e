-- What is stale is on record in the log; a program that does not know the event cannot read such an execution: it is to be replaced by one that does.
drop view lockstep_views.comparisons;
drop index lockstep.comparisons_stale;
drop index lockstep.comparisons_quiet;
drop index lockstep.comparisons_apart_now;
alter table lockstep.comparisons drop constraint comparisons_movement, drop column quiet_since, drop column stale_since;
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
