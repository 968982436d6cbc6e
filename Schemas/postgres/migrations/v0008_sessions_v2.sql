-- The second generation of the read model sessions: an execution's session knows what was asked and answered before it was bound. The
-- columns are the same. The rows are folds of the log: the first generation goes, and the projector fills the second from the beginning.
create table lockstep_read.sessions_v2 (like lockstep_read.sessions_v1 including all);

create or replace view lockstep_views.sessions as
select workspace, category, key, engine, session_id, execution_id, bindings, subject, agent, mode, status, closed_reason, positions,
       journeys, messages, tool_calls, inputs, turns_completed, turns_failed, turns_cancelled, rewinds, last_offset, asked_offset,
       answered_offset, first_position, last_position, started_at, updated_at, erased_at
  from lockstep_read.sessions_v2;

drop table lockstep_read.sessions_v1;
delete from lockstep.checkpoints where consumer = 'sessions' and kind = 'projector' and version = 1;
