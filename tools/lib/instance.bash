# An instance: one PostgreSQL and one broker, and everything they write, in one directory.

# instance_open DIR: sets INSTANCE (absolute) and SOFTWARE.
instance_open() {
    mkdir -p "$LOCKSTEP_HOME" "$1" 2>/dev/null ||
        die "$1 cannot be made. LOCKSTEP_DIR names another directory"
    LOCKSTEP_HOME=$(cd "$LOCKSTEP_HOME" && pwd -P)
    INSTANCE=$(cd "$1" && pwd -P)
    [ -w "$INSTANCE" ] || die "$INSTANCE is not writable for $(id -un)." \
        "Remove it, or name another directory in LOCKSTEP_DIR"
    SOFTWARE=$LOCKSTEP_HOME/software
}

# issue ADDRESS: remember that this address is, or was lately, one of ours.
issue() {
    was_issued "$1" || replace_file "$INSTANCE/issued" "$(tail -n 30 "$INSTANCE/issued" 2>/dev/null; printf '%s' "$1")"
}

was_issued() { grep -Fqx -e "$1" "$INSTANCE/issued" 2>/dev/null; }
