-- How readers saw a generation when another one took its place, so that the view can be made again over columns that this program does not
-- know; what its fold did with the registered samples, so that a fold that changed under the same version does not go on with the rows; and
-- why it should be made anew, where somebody knows a reason that its version does not show.
alter table lockstep.generations add column view_query text, add column fingerprint json, add column rebuild_reason text;

-- For migrations that change what rows hold, and for people: the rows that readers see should be made anew. `lockstep migrate status` and
-- `lockstep projections status` say so until another generation takes their place.
create function lockstep.mark_for_rebuild(p_projection text, p_reason text) returns boolean language plpgsql as $$
begin
    update lockstep.generations set rebuild_reason = p_reason where projection = p_projection and state = 'active';
    return found;
end
$$;

-- What does not fit together, a line each; none is as it must be. Looked at after every migration.
create function lockstep.integrity() returns table (subject text, flaw text) language sql stable as $$
    select 'the log', format('its head says %s and its last event is at %s', h.position, e.position)
    from lockstep.log_state h cross join (select coalesce(max(position), 0) as position from lockstep.events) e
    where h.position <> e.position
    union all
    select g.projection, format('the table lockstep_read.%I of generation %s is not there', g.relation, g.number)
    from lockstep.generations g
    where g.state <> 'retired' and to_regclass(format('lockstep_read.%I', g.relation)) is null
    union all
    select g.projection, format('readers have no view lockstep_views.%I', g.projection)
    from lockstep.generations g
    where g.state = 'active' and to_regclass(format('lockstep_views.%I', g.projection)) is null
    union all
    select k.consumer, format('%s events are said to wait behind the key %s and %s do', k.queued, k.key, e.waiting)
    from lockstep_read.parked_keys k
    cross join lateral (select count(*) as waiting from lockstep_read.parked_events e where e.parked = k.id) e
    where k.queued <> e.waiting
$$;

-- Shows a query to readers under the name of a read model. When columns went or changed, the view is made anew; who may read it stays.
create function lockstep_read.show_view(p_view text, p_query text) returns void language plpgsql as $$
declare
    v_name text := format('lockstep_views.%I', p_view);
    v_owner text;
    v_grants text[];
    v_grant text;
begin
    begin
        execute format('create or replace view %s as %s', v_name, p_query);
        return;
    exception when invalid_table_definition then null;
    end;
    select pg_get_userbyid(c.relowner) into strict v_owner from pg_class c where c.oid = v_name::regclass;
    select array_agg(format('grant %s%s on %s to %s%s', a.privilege_type, ' (' || quote_ident(a.attname) || ')', v_name,
        case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
        case when a.is_grantable then ' with grant option' else '' end))
    into v_grants
    from (
        select null::name as attname, x.grantee, x.privilege_type, x.is_grantable
        from pg_class c cross join aclexplode(c.relacl) x where c.oid = v_name::regclass and x.grantee <> c.relowner
        union all
        select t.attname, x.grantee, x.privilege_type, x.is_grantable
        from pg_attribute t cross join aclexplode(t.attacl) x where t.attrelid = v_name::regclass and not t.attisdropped
    ) a;
    execute format('drop view %s', v_name);
    execute format('create view %s as %s', v_name, p_query);
    execute format('alter view %s owner to %I', v_name, v_owner);
    foreach v_grant in array coalesce(v_grants, '{}') loop
        begin
            execute v_grant;
        exception when undefined_column then null;
        end;
    end loop;
end
$$;

-- What a consumer had handled on its way, every 65 536 positions or so: how many events, and their digest. Where a certificate does not agree
-- with the log, the first of these that does not either tells where to look.
create table lockstep.checkpoint_marks (
    consumer text collate "C" not null,
    kind text collate "C" not null,
    version int not null,
    lane int not null,
    position bigint not null,
    events_handled bigint not null,
    digest bytea not null,
    primary key (consumer, kind, version, lane, position),
    foreign key (consumer, kind, version, lane) references lockstep.checkpoints (consumer, kind, version, lane) on delete cascade
);

create function lockstep.mark_checkpoint() returns trigger language plpgsql as $$
begin
    if new.position < old.position then
        delete from lockstep.checkpoint_marks m
        where (m.consumer, m.kind, m.version, m.lane) = (new.consumer, new.kind, new.version, new.lane) and m.position > new.position;
    else
        insert into lockstep.checkpoint_marks (consumer, kind, version, lane, position, events_handled, digest)
        values (new.consumer, new.kind, new.version, new.lane, new.position, new.events_handled, new.digest)
        on conflict do nothing;
    end if;
    return null;
end
$$;

create trigger mark_checkpoint after update of position on lockstep.checkpoints
for each row when (new.position / 65536 <> old.position / 65536) execute function lockstep.mark_checkpoint();
