-- The rows are folds of the log: a later migration and a rebuild bring them back.
drop view lockstep_views.journeys;
drop table lockstep_read.journeys_v1;
drop view lockstep_views.mappings;
drop table lockstep_read.mappings_v1;
drop view lockstep_views.executions;
drop table lockstep_read.executions_v1;
drop view lockstep_views.sessions;
drop table lockstep_read.sessions_v1;
