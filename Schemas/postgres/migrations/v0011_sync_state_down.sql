-- The rows are folds of the log: a later migration and a rebuild bring them back. Their checkpoints go with them (L3).
drop view lockstep_views.sync_state;
drop table lockstep_read.sync_state_v1;
drop view lockstep_views.activity_by_hour;
drop table lockstep_read.activity_by_hour_v1;
delete from lockstep.checkpoints where consumer in ('sync_state', 'activity_by_hour') and kind = 'projector';
