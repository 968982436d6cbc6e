drop trigger subject_keys_drop_snapshots on lockstep.subject_keys;
drop function lockstep.drop_snapshots_of_destroyed();
drop function lockstep.record_snapshot_mismatch(text, text, text, bigint, uuid, text, timestamptz);
drop function lockstep.keep_snapshot(
    text, text, text, bigint, uuid, text, bigint, bigint, text[], int[], bytea, text, bigint, uuid, text);
drop table lockstep.snapshot_mismatches;
drop table lockstep.snapshots;
