-- What was taken in from outside: which named messages have become events, and how far each partition of an inbound topic has been read.

-- A message that names itself is taken in once; another one of its name and other content is refused.
create table lockstep.inbound_messages (
    key uuid not null,
    workspace text collate "C" not null,
    content uuid not null,
    constraint inbound_messages_id primary key (key, workspace)
);

create table lockstep.inbound_bookmarks (
    cluster text collate "C" not null,
    topic text collate "C" not null,
    partition int not null check (partition >= 0),
    -- Tells the topic from an earlier one of the same name: made by us, because not every broker tells a topic's id.
    generation uuid not null,
    next_offset bigint not null check (next_offset >= 0),
    -- What the last message read hashes to.
    last_message uuid,
    fencing_token bigint not null,
    updated_at timestamptz not null default clock_timestamp(),
    constraint inbound_bookmarks_id primary key (cluster, topic, partition)
);

-- Moves bookmarks and remembers messages, all or nothing. Answers 0 advanced, 1 fenced (value: the token in force), 2 moved (value: the partition
-- whose bookmark is elsewhere). The lease row is locked for the transaction, so a new holder waits for this write or this write fails.
create function lockstep.advance_inbound(
    p_lease text, p_token bigint, p_cluster text, p_topic text, p_partitions int[], p_from_generations uuid[], p_from bigint[],
    p_generations uuid[], p_next bigint[], p_last uuid[], p_workspace text, p_keys uuid[], p_contents uuid[]
) returns table (answer smallint, value bigint) language plpgsql as $$
declare
    v_token bigint;
    v_elsewhere int;
begin
    select l.token into v_token from lockstep.leases l where l.name = p_lease for share;
    if v_token is distinct from p_token then
        return query select 1::smallint, coalesce(v_token, 0);
        return;
    end if;
    perform from lockstep.inbound_bookmarks b
    where b.cluster = p_cluster and b.topic = p_topic and b.partition = any (p_partitions)
    order by b.partition for update;
    select m.partition into v_elsewhere
    from unnest(p_partitions, p_from_generations, p_from) as m (partition, generation, next_offset)
    left join lockstep.inbound_bookmarks b on b.cluster = p_cluster and b.topic = p_topic and b.partition = m.partition
    where (b.generation, b.next_offset) is distinct from (m.generation, m.next_offset)
    limit 1;
    if found then
        return query select 2::smallint, v_elsewhere::bigint;
        return;
    end if;
    insert into lockstep.inbound_bookmarks as b (cluster, topic, partition, generation, next_offset, last_message, fencing_token)
    select p_cluster, p_topic, m.* , p_token from unnest(p_partitions, p_generations, p_next, p_last) as m
    on conflict on constraint inbound_bookmarks_id do update set
        generation = excluded.generation, next_offset = excluded.next_offset, last_message = excluded.last_message,
        fencing_token = excluded.fencing_token, updated_at = clock_timestamp();
    perform lockstep.remember_inbound(p_workspace, p_keys, p_contents);
    return query select 0::smallint, 0::bigint;
end
$$;

-- Remembers messages; one that is known keeps its content. In the order of the keys, so that two writers never wait for each other.
create function lockstep.remember_inbound(p_workspace text, p_keys uuid[], p_contents uuid[]) returns void language sql as $$
    insert into lockstep.inbound_messages (key, workspace, content)
    select m.key, p_workspace, m.content from unnest(p_keys, p_contents) as m (key, content) order by m.key
    on conflict do nothing
$$;
