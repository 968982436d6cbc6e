-- How far the conversations of servers have been taken in. They are not the partitions of a topic: a server has very many of them, and one
-- follower moves them all, under one lease.

create table lockstep.conversation_bookmarks (
    server text collate "C" not null,
    -- The empty text stands for the server itself.
    conversation text collate "C" not null,
    -- Made of the last event that was taken in: another one in its place is another history.
    generation uuid not null,
    next_offset bigint not null check (next_offset >= 0),
    -- Made of the mark under which everything was taken in, or how the conversation went away.
    last_mark uuid,
    fencing_token bigint not null,
    updated_at timestamptz not null default clock_timestamp(),
    constraint conversation_bookmarks_id primary key (server, conversation)
);

-- Moves bookmarks, all or nothing. Answers 0 advanced, 1 fenced (value: the token in force), 2 moved (conversation: the one whose bookmark is
-- elsewhere). The lease row is locked for the transaction, so a new holder waits for this write or this write fails.
create function lockstep.advance_conversations(
    p_lease text, p_token bigint, p_server text, p_conversations text[], p_from_generations uuid[], p_from bigint[],
    p_generations uuid[], p_next bigint[], p_last uuid[]
) returns table (answer smallint, value bigint, conversation text) language plpgsql as $$
declare
    v_token bigint;
    v_elsewhere text;
begin
    select l.token into v_token from lockstep.leases l where l.name = p_lease for share;
    if v_token is distinct from p_token then
        return query select 1::smallint, coalesce(v_token, 0), null::text;
        return;
    end if;
    perform from lockstep.conversation_bookmarks b
    where b.server = p_server and b.conversation = any (p_conversations)
    order by b.conversation for update;
    select m.conversation into v_elsewhere
    from unnest(p_conversations, p_from_generations, p_from) as m (conversation, generation, next_offset)
    left join lockstep.conversation_bookmarks b on b.server = p_server and b.conversation = m.conversation
    where (b.generation, b.next_offset) is distinct from (m.generation, m.next_offset)
    limit 1;
    if found then
        return query select 2::smallint, 0::bigint, v_elsewhere;
        return;
    end if;
    insert into lockstep.conversation_bookmarks as b (server, conversation, generation, next_offset, last_mark, fencing_token)
    select p_server, m.*, p_token from unnest(p_conversations, p_generations, p_next, p_last) as m
    on conflict on constraint conversation_bookmarks_id do update set
        generation = excluded.generation, next_offset = excluded.next_offset, last_mark = excluded.last_mark,
        fencing_token = excluded.fencing_token, updated_at = clock_timestamp();
    return query select 0::smallint, 0::bigint, null::text;
end
$$;
