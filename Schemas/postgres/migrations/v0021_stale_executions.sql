-- Executions that could still move, and in which nothing does: since when, and whether that is on record, after which they are left alone.
alter table lockstep.comparisons
    add column quiet_since timestamptz,
    add column stale_since timestamptz,
    add constraint comparisons_movement check (quiet_since is null or stale_since is null);

-- What is apart and stale is nobody's to look at.
drop index lockstep.comparisons_apart_now;
create index comparisons_apart_now on lockstep.comparisons (workspace, execution_id) where apart_since is not null and stale_since is null;

-- What has been quiet for longest first: a clean-up reads those that have been for long enough and no others. A stale one is not among them.
create index comparisons_quiet on lockstep.comparisons (quiet_since, workspace, execution_id) where quiet_since is not null and pending = 0;

-- What passes leave out.
create index comparisons_stale on lockstep.comparisons (workspace, execution_id) where stale_since is not null;

create or replace view lockstep_views.comparisons as
select workspace, execution_id, lane, workflow_id, workflow_version, workflow_position, journey_version, journey_position, ledger_version,
    ledger_position, encode(policy, 'hex') as policy_digest, differing, queued, pending, apart_since, looked_at, quiet_since, stale_since
from lockstep.comparisons;

comment on column lockstep_views.comparisons.quiet_since is
    'When something was recorded on a side last, by the database''s clock; null when no side can move any more, or the execution is stale.';
comment on column lockstep_views.comparisons.stale_since is
    'The same of an execution that is stale: a side could still move, neither has for long, and it is left alone until one does; null for others.';
