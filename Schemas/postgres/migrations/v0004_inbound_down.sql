-- Without the bookmarks every inbound topic is read anew, and without the messages a name that is used twice goes unnoticed: only empty tables
-- may go.
do $$
begin
    if exists (select from lockstep.inbound_messages) or exists (select from lockstep.inbound_bookmarks) then
        raise exception 'lockstep.inbound_messages and lockstep.inbound_bookmarks are in use'
            using hint = 'stop ingest and empty them first, if reading the inbound topics anew is what you want';
    end if;
end
$$;
drop function lockstep.advance_inbound(text, bigint, text, text, int[], uuid[], bigint[], uuid[], bigint[], uuid[], text, uuid[], uuid[]);
drop function lockstep.remember_inbound(text, uuid[], uuid[]);
drop table lockstep.inbound_bookmarks;
drop table lockstep.inbound_messages;
