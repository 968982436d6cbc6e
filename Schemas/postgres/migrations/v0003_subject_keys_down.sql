-- Without its keys sealed data is lost for ever: only an empty table may go.
do $$
begin
    if exists (select from lockstep.subject_keys) then
        raise exception 'lockstep.subject_keys holds keys, and without them the personal data of this log is lost'
            using hint = 'restore a backup from before this migration instead';
    end if;
end
$$;
drop table lockstep.subject_keys;
drop function lockstep.keep_destroyed();
