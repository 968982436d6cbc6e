-- Read models are copies: the log can rebuild them. Their checkpoints go with them (L3).
delete from lockstep.checkpoints where kind = 'projector';
drop schema lockstep_views cascade;
drop schema lockstep_read cascade;
