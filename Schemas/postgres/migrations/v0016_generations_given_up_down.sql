drop trigger refuse_given_up on lockstep.checkpoints;
drop function lockstep_read.refuse_given_up();
