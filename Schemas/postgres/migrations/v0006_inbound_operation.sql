-- Ingest as it is operated: partitions shared by several processes, refused messages kept sealed, and lag that is judged from outside.

-- What has become of the messages before the bookmark.
alter table lockstep.inbound_bookmarks
    add column messages bigint not null default 0 check (messages >= 0),
    add column events bigint not null default 0 check (events >= 0),
    add column rejected bigint not null default 0 check (rejected >= 0);

-- Who takes part in reading a topic, until when. What each of them reads is a row of lockstep.leases.
create table lockstep.inbound_members (
    share text collate "C" not null,
    holder text collate "C" not null,
    expires_at timestamptz not null,
    constraint inbound_members_id primary key (share, holder)
);

-- Where the partitions of a topic begin and end, as the broker told somebody who does not read them. The mark is an end that was seen and is
-- not reached yet: for so long at least there has been work.
create table lockstep.inbound_ends (
    cluster text collate "C" not null,
    topic text collate "C" not null,
    partition int not null check (partition >= 0),
    first_offset bigint not null check (first_offset >= 0),
    end_offset bigint not null check (end_offset >= 0),
    mark_offset bigint not null check (mark_offset >= 0),
    marked_at timestamptz not null,
    observed_at timestamptz not null,
    constraint inbound_ends_id primary key (cluster, topic, partition)
);

-- Refused messages, each once, with the reason. What they hold is sealed with the key of the workspace.
create table lockstep.inbound_rejections (
    id uuid not null,
    workspace text collate "C" not null,
    cluster text collate "C" not null,
    topic text collate "C" not null,
    partition int not null check (partition >= 0),
    generation uuid not null,
    record_offset bigint not null check (record_offset >= 0),
    code text collate "C" not null,
    reason text not null,
    kind text collate "C",
    bytes bigint not null check (bytes >= 0),
    sealed bytea not null,
    rejected_at timestamptz not null default clock_timestamp(),
    attempts int not null default 1 check (attempts >= 1),
    tried_at timestamptz not null default clock_timestamp(),
    accepted_at timestamptz,
    events bigint not null default 0 check (events >= 0),
    constraint inbound_rejections_id primary key (id)
);
create index inbound_rejections_waiting on lockstep.inbound_rejections (cluster, topic, partition) where accepted_at is null;
create index inbound_rejections_by_time on lockstep.inbound_rejections (rejected_at, id);

-- A member of a share says that it lives, renews the leases of what it reads, and learns who else takes part and who reads what. p_tokens holds
-- the tokens of its leases, null for partitions that it does not read. Answers members (no partition) and living leases.
create function lockstep.share_inbound(
    p_share text, p_holder text, p_microseconds bigint, p_partitions int[], p_tokens bigint[]
) returns table (holder text, partition int, token bigint) language plpgsql as $$
declare
    v_until timestamptz := clock_timestamp() + p_microseconds * interval '1 microsecond';
begin
    insert into lockstep.inbound_members as m (share, holder, expires_at) values (p_share, p_holder, v_until)
    on conflict on constraint inbound_members_id do update set expires_at = excluded.expires_at;
    delete from lockstep.inbound_members m using (
        select d.share, d.holder from lockstep.inbound_members d where d.expires_at <= clock_timestamp() for update skip locked
    ) gone where (m.share, m.holder) = (gone.share, gone.holder);
    perform from lockstep.leases l
    where l.name = any (select p_share || '/' || p.partition from unnest(p_partitions, p_tokens) p (partition, token) where p.token is not null)
    order by l.name collate "C" for update;
    update lockstep.leases l set expires_at = v_until
    from unnest(p_partitions, p_tokens) p (partition, token)
    where l.name = p_share || '/' || p.partition and l.holder = p_holder and l.token = p.token;
    return query
    select m.holder, null::int, null::bigint from lockstep.inbound_members m
    where m.share = p_share and m.expires_at > clock_timestamp()
    union all
    select l.holder, p.partition, l.token from unnest(p_partitions) p (partition)
    join lockstep.leases l on l.name = p_share || '/' || p.partition and l.expires_at > clock_timestamp();
end
$$;

-- Moves bookmarks, each under the lease of its partition, and remembers messages, all or nothing. Answers 0 advanced, 1 fenced, 2 moved; value is
-- the partition that it is about. The lease rows are locked for the transaction, so a new holder waits for this write or this write fails.
create function lockstep.advance_inbound(
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

-- Records where partitions begin and end. A mark that was reached, or that a topic made anew does not have, gives way to the present end.
create function lockstep.observe_inbound(p_cluster text, p_topic text, p_partitions int[], p_first bigint[], p_ends bigint[])
returns void language sql as $$
    insert into lockstep.inbound_ends as e (
        cluster, topic, partition, first_offset, end_offset, mark_offset, marked_at, observed_at)
    select p_cluster, p_topic, f.partition, f.first_offset, f.end_offset,
        case when k.stands then o.mark_offset else f.end_offset end, case when k.stands then o.marked_at else clock_timestamp() end,
        clock_timestamp()
    from unnest(p_partitions, p_first, p_ends) f (partition, first_offset, end_offset)
    left join lockstep.inbound_ends o on (o.cluster, o.topic, o.partition) = (p_cluster, p_topic, f.partition)
    left join lockstep.inbound_bookmarks b on (b.cluster, b.topic, b.partition) = (p_cluster, p_topic, f.partition)
    cross join lateral (select coalesce(
        o.mark_offset <= f.end_offset and o.mark_offset > coalesce(b.next_offset, f.first_offset), false) as stands) k
    order by f.partition
    on conflict on constraint inbound_ends_id do update set
        first_offset = excluded.first_offset, end_offset = excluded.end_offset, mark_offset = excluded.mark_offset,
        marked_at = excluded.marked_at, observed_at = excluded.observed_at
$$;

-- Ingest beside the consumers of the log: one row for each partition that has or had messages. Position and head are the offsets of the next
-- message to take in and of the next one to come; parked_keys counts the refused messages that wait for a retry.
create or replace view lockstep.consumer_progress as
select c.consumer, c.kind, c.version, c.lane, c.state, c.position, c.last_event_id, c.incarnation, h.position as head,
    greatest(0, h.position - c.position) as lag_events,
    coalesce(extract(epoch from clock_timestamp() - waiting.recorded_at), 0)::double precision as lag_seconds,
    0::bigint as parked_keys, c.events_handled, c.digest, c.fencing_token, c.updated_at, c.last_error
from lockstep.checkpoints c
cross join lockstep.log_state h
left join lateral (select e.recorded_at from lockstep.events e where e.position = c.position + 1) waiting on true
union all
select i.topic, 'ingest', 1, i.partition,
    case when i.observed_at is null or i.observed_at < clock_timestamp() - interval '60 seconds' then 'unwatched'
        when i.end_offset > i.next_offset then 'catching-up' else 'live' end,
    i.next_offset, null, h.incarnation, greatest(i.end_offset, i.next_offset), greatest(0, i.end_offset - i.next_offset),
    case when i.mark_offset > i.next_offset then extract(epoch from clock_timestamp() - i.marked_at)
        when i.end_offset > i.next_offset then extract(epoch from clock_timestamp() - i.observed_at)
        else 0 end::double precision,
    (select count(*) from lockstep.inbound_rejections r
        where (r.cluster, r.topic, r.partition) = (i.cluster, i.topic, i.partition) and r.accepted_at is null),
    i.messages, decode(repeat('00', 32), 'hex'), i.fencing_token, i.updated_at, null
from (
    select coalesce(b.cluster, e.cluster) as cluster, coalesce(b.topic, e.topic) as topic, coalesce(b.partition, e.partition) as partition,
        coalesce(b.next_offset, e.first_offset) as next_offset, coalesce(e.end_offset, b.next_offset) as end_offset,
        coalesce(e.mark_offset, b.next_offset) as mark_offset, e.marked_at, e.observed_at, coalesce(b.messages, 0) as messages,
        coalesce(b.fencing_token, 0) as fencing_token, coalesce(b.updated_at, e.marked_at) as updated_at
    from lockstep.inbound_bookmarks b
    full join lockstep.inbound_ends e on (e.cluster, e.topic, e.partition) = (b.cluster, b.topic, b.partition)
    where b.partition is not null or e.end_offset > 0
) i
cross join lockstep.log_state h;
