-- The second version of the read model workflows shows that the name of a file was erased; the columns are the same. Where nothing was
-- folded yet readers see it at once. Elsewhere they see the first one until somebody runs `lockstep projections rebuild workflows --activate`,
-- which makes the second one's table beside it.
do $$
begin
    if exists (select from lockstep.checkpoints where consumer = 'workflows' and kind = 'projector')
        or exists (select from lockstep_read.workflows_v1)
        or exists (select from lockstep.generations where projection = 'workflows' and number <> 1)
    then
        return;
    end if;

    create table lockstep_read.workflows_v2 (like lockstep_read.workflows_v1 including all);

    create or replace view lockstep_views.workflows as
    select workspace, workflow_id, name, description, format, digest, revision, blocks, edges, loops, parallels, variables, source,
           first_position, last_position, imported_at, updated_at
      from lockstep_read.workflows_v2;

    drop table lockstep_read.workflows_v1;
    update lockstep.generations set number = 2, version = 2, relation = 'workflows_v2' where projection = 'workflows';
end
$$;
