-- Jobs that look at many executions, one after the other in the order of their keys. Whoever works at one holds the lease reconcile-job-<id>; how far it has come
-- moves in one statement with what it has found, under the lease's token, so whoever goes on with it counts nothing twice.
create table lockstep.reconcile_jobs (
    id               uuid primary key,
    workspace        text collate "C",
    selection        jsonb not null check (jsonb_typeof(selection) = 'object'),
    requested_by     text not null,
    requested_at     timestamptz not null,
    state            text collate "C" not null check (state in ('queued', 'running', 'done', 'cancelled', 'failed')),
    cursor_workspace text collate "C",
    cursor_execution text collate "C",
    total            bigint check (total >= 0),
    looked           bigint not null default 0 check (looked >= 0),
    converged        bigint not null default 0 check (converged >= 0),
    under_way        bigint not null default 0 check (under_way >= 0),
    held             bigint not null default 0 check (held >= 0),
    queued           bigint not null default 0 check (queued >= 0),
    failed           bigint not null default 0 check (failed >= 0),
    resolutions      bigint not null default 0 check (resolutions >= 0),
    effects          bigint not null default 0 check (effects >= 0),
    lines            bigint not null default 0 check (lines >= 0),
    started_at       timestamptz,
    finished_at      timestamptz,
    last_error       text,
    fencing_token    bigint not null default 0,
    constraint reconcile_jobs_cursor check ((cursor_workspace is null) = (cursor_execution is null)),
    constraint reconcile_jobs_looked check (looked = converged + under_way + held + queued + failed),
    constraint reconcile_jobs_finished check ((state in ('queued', 'running')) = (finished_at is null))
) with (fillfactor = 70);

-- Two that look at the same cannot both be unfinished.
create unique index reconcile_jobs_unfinished on lockstep.reconcile_jobs (coalesce(workspace, ''), selection)
    where state in ('queued', 'running');
create index reconcile_jobs_by_time on lockstep.reconcile_jobs (requested_at, id);

-- What there is to say about single executions, as it is shown: json and not jsonb, so that members stay in their order.
create table lockstep.reconcile_job_lines (
    job    uuid not null references lockstep.reconcile_jobs on delete cascade,
    number bigint not null check (number > 0),
    line   json not null,
    primary key (job, number)
);

create view lockstep_views.reconcile_jobs as
select j.id, j.workspace, j.selection, j.requested_by, j.requested_at, j.state, j.cursor_workspace, j.cursor_execution, j.total, j.looked,
    j.converged, j.under_way, j.held, j.queued, j.failed, j.resolutions, j.effects, j.lines, j.started_at, j.finished_at, j.last_error,
    (select l.holder from lockstep.leases l where l.name = 'reconcile-job-' || j.id and l.expires_at > clock_timestamp()) as holder
from lockstep.reconcile_jobs j;

comment on view lockstep_views.reconcile_jobs is
    'One row per job of `reconcile run`. What was decided is in the log; this is only how far looking has come. Forgotten when another one is filed, from 30 days behind its end on.';
comment on column lockstep_views.reconcile_jobs.id is 'The job.';
comment on column lockstep_views.reconcile_jobs.workspace is 'Only executions of this tenant; null for all.';
comment on column lockstep_views.reconcile_jobs.selection is 'Which of them: workflow, and since when something was recorded. Empty for all.';
comment on column lockstep_views.reconcile_jobs.requested_by is 'Who asked for it: the actor of what it records.';
comment on column lockstep_views.reconcile_jobs.requested_at is 'When, by the clock of the database.';
comment on column lockstep_views.reconcile_jobs.state is 'queued, running, done, cancelled or failed.';
comment on column lockstep_views.reconcile_jobs.cursor_workspace is 'The tenant of the last execution that was looked at; null before the first.';
comment on column lockstep_views.reconcile_jobs.cursor_execution is 'That execution.';
comment on column lockstep_views.reconcile_jobs.total is 'How many executions there were when it began; null before that.';
comment on column lockstep_views.reconcile_jobs.looked is 'Executions that were looked at: the sum of the next five.';
comment on column lockstep_views.reconcile_jobs.converged is 'Those of which nothing differs.';
comment on column lockstep_views.reconcile_jobs.under_way is 'Those whose sides are being told.';
comment on column lockstep_views.reconcile_jobs.held is 'Those in which somebody or something is waited for.';
comment on column lockstep_views.reconcile_jobs.queued is 'Those in which a person is asked.';
comment on column lockstep_views.reconcile_jobs.failed is 'Those that could not be looked at.';
comment on column lockstep_views.reconcile_jobs.resolutions is 'Decisions that were recorded.';
comment on column lockstep_views.reconcile_jobs.effects is 'Effects that were requested.';
comment on column lockstep_views.reconcile_jobs.lines is 'Executions of which there was something to say.';
comment on column lockstep_views.reconcile_jobs.started_at is 'When the first process began with it.';
comment on column lockstep_views.reconcile_jobs.finished_at is 'When it ended; null while it has not.';
comment on column lockstep_views.reconcile_jobs.last_error is 'Why it failed.';
comment on column lockstep_views.reconcile_jobs.holder is 'The process that works at it now; null for none.';
