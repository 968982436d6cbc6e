drop trigger mark_checkpoint on lockstep.checkpoints;
drop function lockstep.mark_checkpoint();
drop table lockstep.checkpoint_marks;
drop function lockstep_read.show_view(text, text);
drop function lockstep.integrity();
drop function lockstep.mark_for_rebuild(text, text);
alter table lockstep.generations drop column view_query, drop column fingerprint, drop column rebuild_reason;
