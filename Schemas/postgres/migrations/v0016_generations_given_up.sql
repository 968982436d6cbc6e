-- A generation that was given up keeps no checkpoint. Whoever still follows it, because it has not heard of it yet, finds no checkpoint, takes it
-- for one that has seen nothing, and would leave one at the beginning of the log that nobody moves any more: a read model that seems to stand still
-- for ever. It is told that its place is gone (LSM01), and hears of the rest when it looks next what there is to follow.
--
-- The generation's row is locked, so that one that is being given up at this moment is waited for.
create function lockstep_read.refuse_given_up() returns trigger language plpgsql as $$
declare
    v_state text;
begin
    select g.state into v_state from lockstep.generations g
    where g.projection = new.consumer and g.number = new.version for share;
    if v_state = 'retired' then
        raise exception 'moved: generation % of % was given up', new.version, new.consumer using errcode = 'LSM01', detail = '0';
    end if;
    return new;
end
$$;

create trigger refuse_given_up before insert on lockstep.checkpoints
for each row when (new.kind = 'projector') execute function lockstep_read.refuse_given_up();

-- What was left behind before.
delete from lockstep.checkpoints c using lockstep.generations g
where c.kind = 'projector' and g.projection = c.consumer and g.number = c.version and g.state = 'retired';
