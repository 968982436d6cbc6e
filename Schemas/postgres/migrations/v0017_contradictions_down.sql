create or replace function lockstep.advance_inbound(
    p_cluster text, p_topic text, p_leases text[], p_tokens bigint[], p_partitions int[], p_from_generations uuid[], p_from bigint[],
    p_generations uuid[], p_next bigint[], p_last uuid[], p_messages bigint[], p_events bigint[], p_rejected bigint[],
    p_workspaces text[], p_keys uuid[], p_contents uuid[]
) returns table (answer smallint, value bigint) language plpgsql as $$
declare
    v_partition int;
begin
    perform from lockstep.leases l where l.name = any (p_leases) order by l.name collate "C" for share;
    select m.partition into v_partition from unnest(p_leases, p_tokens, p_partitions) m (lease, token, partition)
    left join lockstep.leases l on l.name = m.lease
    where l.token is distinct from m.token limit 1;
    if found then
        return query select 1::smallint, v_partition::bigint;
        return;
    end if;
    perform from lockstep.inbound_bookmarks b
    where b.cluster = p_cluster and b.topic = p_topic and b.partition = any (p_partitions)
    order by b.partition for update;
    select m.partition into v_partition
    from unnest(p_partitions, p_from_generations, p_from) m (partition, generation, next_offset)
    left join lockstep.inbound_bookmarks b on b.cluster = p_cluster and b.topic = p_topic and b.partition = m.partition
    where (b.generation, b.next_offset) is distinct from (m.generation, m.next_offset)
    limit 1;
    if found then
        return query select 2::smallint, v_partition::bigint;
        return;
    end if;
    insert into lockstep.inbound_bookmarks as b (
        cluster, topic, partition, generation, next_offset, last_message, fencing_token, messages, events, rejected)
    select p_cluster, p_topic, m.*
    from unnest(p_partitions, p_generations, p_next, p_last, p_tokens, p_messages, p_events, p_rejected) m
    on conflict on constraint inbound_bookmarks_id do update set
        generation = excluded.generation, next_offset = excluded.next_offset, last_message = excluded.last_message,
        fencing_token = excluded.fencing_token, messages = b.messages + excluded.messages, events = b.events + excluded.events,
        rejected = b.rejected + excluded.rejected, updated_at = clock_timestamp();
    insert into lockstep.inbound_messages (key, workspace, content)
    select m.key, m.workspace, m.content from unnest(p_keys, p_workspaces, p_contents) m (key, workspace, content)
    order by m.key, m.workspace collate "C"
    on conflict do nothing;
    return query select 0::smallint, 0::bigint;
end
$$;
