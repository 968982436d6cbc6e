-- The first version comes back empty where the second was the first to be filled; the projector of the program before fills it from the
-- beginning. Where both are there, people choose.
do $$
begin
    if exists (select from lockstep.generations where projection = 'workflows' and state = 'active' and version = 1) then
        return;
    end if;
    if exists (select from lockstep.generations where projection = 'workflows' and state not in ('active', 'retired')) then
        raise exception 'readers see version 2 of workflows, and another generation is kept'
            using hint = 'return to the first version with lockstep projections rollback workflows of the program before';
    end if;
    if not exists (select from lockstep.generations where projection = 'workflows' and state = 'active' and relation = 'workflows_v2') then
        raise exception 'readers see a later generation of workflows than the earlier schema can take back'
            using hint = 'it can be taken back where version 2 was never made anew';
    end if;
    if exists (select from lockstep_read.parked_keys where consumer = 'workflows') then
        raise exception 'lockstep_read.parked_keys holds parked keys of workflows'
            using hint = 'retry or skip them first: lockstep projections parked';
    end if;

    create table lockstep_read.workflows_v1 (like lockstep_read.workflows_v2 including all);

    create or replace view lockstep_views.workflows as
    select workspace, workflow_id, name, description, format, digest, revision, blocks, edges, loops, parallels, variables, source,
           first_position, last_position, imported_at, updated_at
      from lockstep_read.workflows_v1;

    drop table lockstep_read.workflows_v2;
    delete from lockstep.checkpoints where consumer = 'workflows' and kind = 'projector';
    delete from lockstep.generations where projection = 'workflows';
    insert into lockstep.generations (projection, number, version, relation, state, activated_at)
    values ('workflows', 1, 1, 'workflows_v1', 'active', clock_timestamp());
end
$$;
