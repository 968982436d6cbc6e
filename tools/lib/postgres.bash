# A private PostgreSQL of one instance. Everything it owns lies in one place, ordinarily INSTANCE/postgres:
#   data/       the data directory, made elsewhere and renamed, so it is whole or absent
#   password    random, made once with the data directory
#   socket/     its Unix socket, unless that path would be too long
# Beside it in the instance: postgres.pid, postgres.port, postgres.log; postgres.place and postgres.socket when those are
# elsewhere.

postgres_start() {
    local place bin
    place=$(postgres_place)
    bin=$(postgres_programs "$(postgres_data_version "$place")") || postgres_refuse_version "$place"
    postgres_adopt "$place"
    if process_alive "$INSTANCE/postgres.pid" && "$bin/pg_isready" -q -h 127.0.0.1 -p "$(postgres_port)"; then
        note "$(postgres_title "$place") is already running at 127.0.0.1:$(postgres_port)"
    else
        postgres_prepare_place "$place"
        [ -d "$place/data" ] || postgres_create_data "$place" "$bin"
        postgres_run "$place" "$bin"
        note "$(postgres_title "$place") is running at 127.0.0.1:$(postgres_port)"
    fi
    postgres_create_database "$place" "$bin"
    issue "$(postgres_url)"
}

# postgres_stop [now]: an orderly end, or with "now" one without a last checkpoint (the log of changes makes it good).
postgres_stop() {
    local place
    process_alive "$INSTANCE/postgres.pid" || return 0
    place=$(postgres_place)
    case ${1:-} in
    now) process_end "$INSTANCE/postgres.pid" QUIT:10 ;;
    *) process_end "$INSTANCE/postgres.pid" INT:30 QUIT:10 ;;
    esac || die "PostgreSQL (process $(process_pid "$INSTANCE/postgres.pid")) does not end; perhaps another user started it"
    postgres_end_orphans "$place"
    note "PostgreSQL has stopped"
}

# Everything but the logs.
postgres_wipe() {
    local place
    place=$(postgres_place)
    postgres_end_orphans "$place"
    [ ! -s "$INSTANCE/postgres.socket" ] || rmdir "$(cat "$INSTANCE/postgres.socket")" 2>/dev/null || true
    rm -rf "$place" "$INSTANCE"/postgres.{place,port,pid,socket}
}

postgres_up() { process_alive "$INSTANCE/postgres.pid" && [ -n "$(postgres_port)" ] &&
    port_connect 127.0.0.1 "$(postgres_port)"; }

postgres_port() { [ ! -f "$INSTANCE/postgres.port" ] || cat "$INSTANCE/postgres.port"; }

postgres_title() { printf 'PostgreSQL %s' "$(postgres_data_version "$1")"; }

postgres_url() {
    printf 'postgres://lockstep:%s@127.0.0.1:%s/lockstep\n' "$(cat "$(postgres_place)/password")" "$(postgres_port)"
}

# Made under another name and renamed: a kill in the middle leaves nothing that looks like data.
postgres_create_data() {
    local place=$1 bin=$2 locale=C
    note "creating a PostgreSQL data directory in $place"
    case $'\n'$(locale -a 2>/dev/null)$'\n' in *$'\nC.'[Uu][Tt][Ff]*) locale=C.UTF-8 ;; esac
    rm -rf "$place"/data.new.*
    (umask 077 && od -An -N 24 -tx1 /dev/urandom | tr -d ' \n' >"$place/password")
    [ "$(id -u)" -ne 0 ] || chown "$(postgres_user "$place"):" "$place/password"
    # shellcheck disable=SC2016 # the inner shell expands its own arguments
    postgres_as "$place" sh -euc '
        cd "$1"
        "$2/initdb" --pgdata "$3" --username lockstep --pwfile password --auth scram-sha-256 \
            --encoding UTF8 --locale "$4" --data-checksums
        echo "include '\''lockstep.conf'\''" >>"$3/postgresql.conf"
        : >"$3/lockstep.conf"
        mv "$3" data' initdb "$place" "$bin" "data.new.$$" "$locale" >"$INSTANCE/initdb.log" 2>&1 || {
        show_end_of_log "$INSTANCE/initdb.log"
        die "PostgreSQL's data directory could not be created"
    }
    rm -f "$INSTANCE/initdb.log"
}

# Launch the server unless one that was launched before is still starting, and wait until it accepts connections. Its
# port may have been taken by somebody else since: then with another.
postgres_run() {
    local place=$1 bin=$2 attempt port
    for attempt in 1 2 3 4 5; do
        if process_gone "$INSTANCE/postgres.pid"; then
            postgres_end_orphans "$place"
            rm -f "$INSTANCE/postgres.pid"
            port=$([ "$attempt" -gt 1 ] || postgres_port)
            port=$(port_choose "$port")
            postgres_configure "$place" "$port"
            replace_file "$INSTANCE/postgres.port" "$port"
            postgres_choose_prefix "$place"
            process_launch "$INSTANCE/postgres.pid" "$INSTANCE/postgres.log" \
                "${postgres_prefix[@]}" "$bin/postgres" -D "$place/data"
        fi
        wait_until 120 postgres_ready_or_gone "$bin" || die "PostgreSQL does not become ready in 120 s"
        process_gone "$INSTANCE/postgres.pid" || return 0
    done
    show_end_of_log "$INSTANCE/postgres.log"
    die "PostgreSQL does not start"
}

postgres_ready_or_gone() {
    "$1/pg_isready" -q -h 127.0.0.1 -p "$(postgres_port)" || process_gone "$INSTANCE/postgres.pid"
}

# Settings for a laptop. Durability stays as it is in production: fsync and synchronous_commit keep their default, on.
postgres_configure() {
    local place=$1 port=$2
    postgres_as "$place" tee "$place/data/lockstep.conf" >/dev/null <<CONFIGURATION
# Written by tools/services at every start.
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$(postgres_socket_directory "$place")'
max_connections = 500
shared_buffers = 256MB
max_wal_size = 2GB
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
CONFIGURATION
}

# A socket's path may have about 100 bytes, and the setting is a list in which some characters mean something.
postgres_socket_directory() {
    local directory="$1/socket"
    case $directory in
    *[!A-Za-z0-9_./-]*) directory='' ;;
    esac
    if [ -n "$directory" ] && [ ${#directory} -le 80 ]; then
        postgres_as "$1" mkdir -p "$directory"
    else
        directory=$(cat "$INSTANCE/postgres.socket" 2>/dev/null) || true
        # shellcheck disable=SC2016 # the inner shell expands its own argument
        if [ -z "$directory" ] || ! postgres_as "$1" sh -c 'test -d "$0" && test -O "$0"' "$directory"; then
            directory=$(postgres_as "$1" mktemp -d /tmp/lockstep-XXXXXX)
            replace_file "$INSTANCE/postgres.socket" "$directory"
        fi
    fi
    printf '%s' "$directory"
}

# A server on our data of which the record was lost is still ours: take it back instead of starting another.
postgres_adopt() {
    local place=$1 lines=() line
    process_gone "$INSTANCE/postgres.pid" && [ -s "$place/data/postmaster.pid" ] || return 0
    while IFS= read -r line; do lines+=("$line"); done <"$place/data/postmaster.pid"
    if [ ${#lines[@]} -ge 4 ] && [ "$(process_directory "${lines[0]}")" = "$place/data" ]; then
        process_record "$INSTANCE/postgres.pid" "${lines[0]}" || return 0
        replace_file "$INSTANCE/postgres.port" "${lines[3]}"
    fi
}

# After kill -9 of the server its sessions may live on for a while and bar the way to a new one. Stale lock files do
# the same when their process number has gone to a stranger, as it often does when a container starts again. They may
# be removed where /proc has shown that nobody works in the data directory.
postgres_end_orphans() {
    local place=$1 signal
    for signal in QUIT KILL; do
        postgres_signal_orphans "$place" "$signal" || break
        wait_until 5 postgres_has_no_orphans "$place" || true
    done
    postgres_has_no_orphans "$place" || die "processes of an earlier PostgreSQL on $place/data do not end"
    [ -d /proc/self ] || return 0
    rm -f "$place/data/postmaster.pid" "$place"/socket/.s.PGSQL.*
    [ ! -s "$INSTANCE/postgres.socket" ] || rm -f "$(cat "$INSTANCE/postgres.socket")"/.s.PGSQL.*
}

postgres_has_no_orphans() { ! postgres_signal_orphans "$1" 0; }

# postgres_signal_orphans PLACE SIGNAL: fails when there is nobody.
postgres_signal_orphans() {
    local entry pid found=1
    for entry in /proc/[0-9]*; do
        pid=${entry#/proc/}
        if [ "$(readlink "$entry/cwd" 2>/dev/null)" = "$1/data" ] && process_identity "$pid" >/dev/null; then
            ! kill -s "$2" "$pid" 2>/dev/null || found=0
        fi
    done
    return "$found"
}

postgres_create_database() {
    local place=$1 bin=$2
    postgres_ask "$place" "$bin/psql" "select 1 from pg_database where datname = 'lockstep'" | grep -q 1 ||
        postgres_ask "$place" "$bin/psql" 'create database lockstep' ||
        die "PostgreSQL runs, but the database could not be created (see $INSTANCE/postgres.log)"
}

postgres_ask() {
    env -i PATH="$PATH" LC_ALL=C PGPASSWORD="$(cat "$1/password")" PGCONNECT_TIMEOUT=10 \
        "$2" -XAtq -h 127.0.0.1 -p "$(postgres_port)" -U lockstep -d postgres -c "$3"
}
