# Services that the reader brings, by way of the environment.
#
# A shell that ran eval "$(tools/services env)" carries our own addresses, perhaps of a service that has been stopped
# since: those do not count as given, or such a shell could never start the service again.

database_given() { [ -n "${LOCKSTEP_DATABASE_URL:-}" ] && ! was_issued "$LOCKSTEP_DATABASE_URL"; }

kafka_given() { [ -n "${LOCKSTEP_KAFKA:-}" ] && ! was_issued "$LOCKSTEP_KAFKA"; }

database_check() {
    database_reachable || die "LOCKSTEP_DATABASE_URL is set, but there is no PostgreSQL at $(database_redacted)" \
        "that takes this user and password. Correct it, or unset it to have one started"
    note "using the given PostgreSQL, $(database_redacted)"
}

kafka_check() {
    kafka_reachable || die "LOCKSTEP_KAFKA is set, but nobody answers at $LOCKSTEP_KAFKA." \
        "Correct it, or unset it to have a broker started"
    note "using the given broker, $LOCKSTEP_KAFKA"
}

# With psql at hand the whole way in is tried; without, the port alone. The password goes by the environment, since
# the arguments of a process are for everybody to see.
database_reachable() {
    local psql host
    if psql=$(database_psql); then
        within 10 env PGCONNECT_TIMEOUT=5 PGPASSWORD="$(database_password)" \
            "$psql" -XAtqw -d "$(database_without_password)" -c 'select 1' </dev/null >/dev/null 2>&1
    else
        host=${LOCKSTEP_DATABASE_URL#*://}
        host=${host%%[/?]*}
        kafka_reachable_at "${host##*@}" 5432
    fi
}

database_psql() {
    command -v psql && return
    local bin
    bin=$(postgres_programs) && [ -x "$bin/psql" ] && printf '%s\n' "$bin/psql"
}

# scheme://user:password@… in its parts; any other form (key=value) has none that could be taken apart.
database_pattern='^([a-z]+://[^:@/?]*):([^@/?]*)@(.*)$'

database_password() {
    if [[ $LOCKSTEP_DATABASE_URL =~ $database_pattern ]]; then
        printf '%b' "${BASH_REMATCH[2]//%/\\x}"
    else
        printf '%s' "${PGPASSWORD:-}"
    fi
}

database_without_password() {
    if [[ $LOCKSTEP_DATABASE_URL =~ $database_pattern ]]; then
        printf '%s@%s' "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}"
    else
        printf '%s' "$LOCKSTEP_DATABASE_URL"
    fi
}

database_redacted() { database_without_password | sed 's/\([?& ]*password=\)[^& ]*/\1…/g'; }

# One of the listed servers is enough: the others are known to it.
kafka_reachable() { kafka_reachable_at "$LOCKSTEP_KAFKA" 9092; }

# kafka_reachable_at LIST DEFAULT_PORT
kafka_reachable_at() {
    local address host port addresses
    IFS=', ' read -r -a addresses <<<"$1"
    for address in "${addresses[@]+"${addresses[@]}"}"; do
        address=${address##*://}
        case $address in
        \[*\]:* | [!\[]*:*) host=${address%:*} port=${address##*:} ;;
        *) host=$address port=$2 ;;
        esac
        host=${host#\[}
        ! within 5 port_connect "${host%\]}" "$port" || return 0
    done
    return 1
}
