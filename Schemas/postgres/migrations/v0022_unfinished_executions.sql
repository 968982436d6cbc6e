-- Executions in which a conflict waits or an effect is under way are listed whether they are over or not, and what only waits for somebody whom to tell is
-- counted: whoever asks is answered the same before and behind a look.
alter table lockstep.comparisons add column not_yet int not null default 0 check (not_yet >= 0);

-- What is looked at again and again, told from what only waits for a person by the index itself.
drop index lockstep.comparisons_apart_now;
create index comparisons_apart_now on lockstep.comparisons (workspace, execution_id) include (differing, queued)
    where apart_since is not null and stale_since is null;

-- What is unfinished, and what of that is under way.
create index comparisons_unfinished on lockstep.comparisons (workspace, execution_id) include (pending, stale_since)
    where queued > 0 or pending > 0;

create or replace view lockstep_views.comparisons as
select workspace, execution_id, lane, workflow_id, workflow_version, workflow_position, journey_version, journey_position, ledger_version,
    ledger_position, encode(policy, 'hex') as policy_digest, differing, queued, pending, apart_since, looked_at, quiet_since, stale_since, not_yet
from lockstep.comparisons;

comment on view lockstep_views.comparisons is
    'One row per execution that a serving reconciler or a job has looked at: what the last look has come to. A cache: it may be emptied at any time.';
comment on column lockstep_views.comparisons.quiet_since is
    'When something was recorded on a side last, by the database''s clock; null when no side can move any more and no conflict waits, or the execution is stale.';
comment on column lockstep_views.comparisons.stale_since is
    'The same of an execution that is stale: a side could still move, or a conflict waits; neither side has moved for long, and it is left alone until one does; null for others.';
comment on column lockstep_views.comparisons.not_yet is
    'Fields that differ, and only wait for somebody whom to tell; 0 in what was noted before migration 22.';
