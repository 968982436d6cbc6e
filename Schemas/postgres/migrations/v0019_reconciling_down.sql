-- Whoever reconciles looks at everything again.
drop view lockstep_views.comparisons;
drop table lockstep.comparisons;
delete from lockstep.checkpoints where kind = 'reconciler';
drop table lockstep.engines;
