-- Without the bookmarks every conversation is taken in anew, and what was deleted meanwhile goes unnoticed: only an empty table may go.
do $$
begin
    if exists (select from lockstep.conversation_bookmarks) then
        raise exception 'lockstep.conversation_bookmarks is in use'
            using hint = 'stop following and empty it first, if taking the conversations in anew is what you want';
    end if;
end
$$;
drop function lockstep.advance_conversations(text, bigint, text, text[], uuid[], bigint[], uuid[], bigint[], uuid[]);
drop table lockstep.conversation_bookmarks;
