# Where the server's programs are.

readonly POSTGRES_OLDEST=14 POSTGRES_NEWEST=17

# postgres_programs [MAJOR]: the directory of the server's programs. Any supported version will do for new data, the
# newest first; existing data need their own. A version newer than the supported ones is the last resort.
postgres_programs() {
    local wanted=${1:-} directory version best='' best_version=0
    while IFS= read -r directory; do
        [ -x "$directory/postgres" ] && [ -x "$directory/initdb" ] || continue
        version=$("$directory/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
        if [ -n "$wanted" ]; then
            [ "$version" = "$wanted" ] || continue
        elif [ "$version" -lt "$POSTGRES_OLDEST" ] || ! postgres_prefers "$version" "$best_version"; then
            continue
        fi
        best=$directory best_version=$version
    done < <(postgres_directories)
    [ -n "$best" ] && printf '%s\n' "$best"
}

# postgres_prefers VERSION OTHER
postgres_prefers() {
    [ "$2" -ne 0 ] || return 0
    if [ "$1" -le "$POSTGRES_NEWEST" ]; then
        [ "$2" -gt "$POSTGRES_NEWEST" ] || [ "$1" -gt "$2" ]
    else
        [ "$2" -gt "$POSTGRES_NEWEST" ] && [ "$1" -lt "$2" ]
    fi
}

postgres_directories() {
    ! command -v pg_config >/dev/null || pg_config --bindir 2>/dev/null || true
    printf '%s\n' /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
        /usr/pgsql-*/bin /usr/local/pgsql/bin
}

postgres_data_version() { [ ! -f "$1/data/PG_VERSION" ] || cat "$1/data/PG_VERSION"; }

postgres_refuse_version() {
    local version
    version=$(postgres_data_version "$1")
    [ -n "$version" ] || die_with "$STATUS_MISSING" "no PostgreSQL of version $POSTGRES_OLDEST to $POSTGRES_NEWEST found"
    die "the data in $1/data were written by PostgreSQL $version, which is not installed here." \
        "Install it, or start anew without the data: tools/services stop --wipe"
}
