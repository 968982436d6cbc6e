-- The keys that personal data is sealed with, one row per subject and generation, wrapped by a master key that is not in this database.
-- Destroying a key destroys the data: events stay, and nobody can read what was sealed.
create table lockstep.subject_keys (
    workspace text collate "C" not null,
    subject text collate "C" not null,
    generation int not null check (generation >= 1),
    wrapped bytea check (length(wrapped) = 60),
    master_key text collate "C",
    created_at timestamptz not null default clock_timestamp(),
    destroyed_at timestamptz,
    destroyed_by text,
    destroyed_because text,
    constraint subject_keys_id primary key (workspace, subject, generation),
    constraint subject_keys_destroyed_hold_nothing check (
        case when destroyed_at is null then wrapped is not null and master_key is not null
        else wrapped is null and master_key is null end)
);

-- One living key at a time; and what a rotation still has to do.
create unique index subject_keys_living on lockstep.subject_keys (workspace, subject) where destroyed_at is null;
create index subject_keys_by_master on lockstep.subject_keys (master_key) where destroyed_at is null;

-- A row that is gone would make sealed data look as if it had never had a key, and a destroyed key must stay destroyed.
create function lockstep.keep_destroyed() returns trigger language plpgsql as $$
begin
    if tg_op <> 'UPDATE' then
        raise exception 'keys are never removed: % on lockstep.subject_keys is refused', tg_op
            using errcode = 'LS001', hint = 'destroy the key with lockstep erase';
    end if;
    if old.destroyed_at is not null then
        raise exception 'a destroyed key stays destroyed' using errcode = 'LS001';
    end if;
    return new;
end
$$;
create trigger subject_keys_stay before delete or truncate on lockstep.subject_keys
    for each statement execute function lockstep.keep_destroyed();
create trigger subject_keys_stay_destroyed before update on lockstep.subject_keys
    for each row execute function lockstep.keep_destroyed();
