# Where the private PostgreSQL keeps its data, and as whom it runs.

# PostgreSQL refuses to run as root. Root therefore starts it as the owner of existing data, or else as the user
# "postgres" that Debian's package brings, or else as a system user "lockstep".
postgres_user() {
    local owner=''
    [ ! -d "${1:-}" ] || owner=$(find "$1" -prune -printf '%u\n' 2>/dev/null)
    case $owner in
    '' | root)
        if id postgres >/dev/null 2>&1; then
            printf 'postgres\n'
        else
            id lockstep >/dev/null 2>&1 || useradd --system --user-group --no-create-home \
                --home-dir /nonexistent --shell /usr/sbin/nologin lockstep >&2
            printf 'lockstep\n'
        fi
        ;;
    *) printf '%s\n' "$owner" ;;
    esac
}

# postgres_as PLACE COMMAND…: as the user to whom PLACE belongs, with none of the caller's PG… variables.
postgres_as() {
    local place=$1
    shift
    postgres_choose_prefix "$place"
    (cd / && exec "${postgres_prefix[@]}" "$@")
}

# The words before a command that make it run so; they become the command, with no process in between.
postgres_choose_prefix() {
    local user
    postgres_prefix=(env -i "PATH=$PATH" LC_ALL=C TZ=UTC)
    [ "$(id -u)" -eq 0 ] || return 0
    command -v setpriv >/dev/null || die "PostgreSQL does not run as root, and setpriv (util-linux) is missing"
    user=$(postgres_user "$1")
    postgres_prefix=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --init-groups -- "${postgres_prefix[@]}")
}

# The directory of everything PostgreSQL owns: where it was before, or the first of the candidates that its user can
# reach and keep for itself alone (not so in a checkout under /root, or on some shared folders).
postgres_place() {
    local place
    if [ -f "$INSTANCE/postgres.place" ]; then
        cat "$INSTANCE/postgres.place"
        return
    fi
    for place in "$INSTANCE/postgres" "$(postgres_other_place)"; do
        [ -d "$place/data" ] || postgres_try_place "$place" || continue
        [ "$place" = "$INSTANCE/postgres" ] || replace_file "$INSTANCE/postgres.place" "$place"
        printf '%s\n' "$place"
        return
    done
    die "found no directory for PostgreSQL's data: neither $INSTANCE/postgres nor $place will do." \
        "LOCKSTEP_DIR names another"
}

postgres_other_place() {
    local hash
    hash=$(printf '%s' "$INSTANCE" | cksum)
    hash=$(printf '%08x' "${hash%% *}")
    if [ "$(id -u)" -eq 0 ] && [ -d /var/lib ]; then
        printf '/var/lib/lockstep-%s\n' "$hash"
    else
        printf '%s/lockstep-%s-%s\n' "${TMPDIR:-/tmp}" "$(id -u)" "$hash"
    fi
}

postgres_try_place() {
    # shellcheck disable=SC2016 # the inner shell expands its own argument
    { postgres_prepare_place "$1" && postgres_as "$1" sh -c \
        'test -O "$0" && cd "$0" && mkdir probe && chmod 700 probe && rmdir probe' "$1"; } 2>/dev/null && return
    rmdir "$1" 2>/dev/null || true
    return 1
}

postgres_prepare_place() {
    mkdir -p "$1"
    [ "$(id -u)" -ne 0 ] || chown "$(postgres_user "$1"):" "$1"
    chmod 700 "$1"
}
