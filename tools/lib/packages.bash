# What has to be installed, and installing what is missing: on Debian and Ubuntu by apt-get, elsewhere by the reader.

# The needs: swift, libraries (what the build links), postgres, python (to fetch a broker), compiler (for the shim).
# packages_require NEED…: returns when all are met; otherwise the tool ends with a sentence and status 3 or 1.
packages_require() {
    local missing
    packages_find_keg_only_libraries
    case " $* " in *' swift '*) require_swift ;; esac
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0
    case $(uname -s) in
    Darwin) packages_explain_brew "$missing" ;;
    *) packages_install "$missing" ;;
    esac
    missing=$(packages_missing "$@")
    [ -z "$missing" ] || packages_explain_unmet "$missing"
}

# packages_missing NEED…: the Debian names of what is not there, on one line; nothing when all is there.
packages_missing() {
    local need names=()
    for need in "$@"; do
        case $need in
        libraries)
            command -v pkg-config >/dev/null || names+=(pkg-config)
            library_present libpq || names+=(libpq-dev)
            library_present rdkafka || names+=(librdkafka-dev)
            library_present liblz4 || names+=(liblz4-dev)
            command -v lz4 >/dev/null || names+=(lz4)
            ;;
        postgres) postgres_programs >/dev/null || names+=(postgresql) ;;
        python) python_with_venv >/dev/null || names+=(python3-venv) ;;
        compiler) command -v cc >/dev/null || names+=(gcc libc6-dev) ;;
        esac
    done
    [ ${#names[@]} -eq 0 ] || printf '%s\n' "${names[*]}"
}

library_present() { pkg-config --exists "$1" 2>/dev/null; }

# The first Python that can make a virtual environment (Debian splits that part off).
python_with_venv() {
    local python
    for python in python3 /usr/bin/python3; do
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            printf '%s\n' "$python"
            return
        fi
    done
    return 1
}

require_swift() {
    local version
    command -v swift >/dev/null ||
        die_with "$STATUS_MISSING" "Swift 6.2 or newer is not on the PATH: https://www.swift.org/install/"
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    case $version in
    '' | [7-9].* | [1-9][0-9].* | 6.[2-9]* | 6.[1-9][0-9]*) ;;
    *) die_with "$STATUS_MISSING" "Swift $version is too old, 6.2 or newer is needed: https://www.swift.org/install/" ;;
    esac
}

packages_install() {
    local names line
    read -r -a names <<<"$1"
    line="apt-get update && apt-get install -y --no-install-recommends ${names[*]}"
    command -v apt-get >/dev/null || die_with "$STATUS_MISSING" \
        "please install what Debian calls: ${names[*]} (PostgreSQL 14 to 17), then run this again"
    may_become_root || die_with "$STATUS_MISSING" \
        "something is missing, and installing it needs root. Run this once: sudo sh -c '$line'"
    note "installing ${names[*]}"
    case " ${names[*]} " in *' postgresql '*) prevent_main_cluster ;; esac
    # The lists of packages may be absent or stale: fetch them only when installing fails without.
    apt_get install --no-install-recommends "${names[@]}" 2>/dev/null || {
        apt_get update || true
        apt_get install --no-install-recommends "${names[@]}"
    } || die "the installation failed. By hand, as root: $line"
    [ ! -e "$main_cluster_file" ] || as_root rm -f "$main_cluster_file"
}

may_become_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Waits for another installation on the same machine to end.
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" </dev/null >&2
}

# Debian's server package makes and starts a cluster of its own unless told otherwise. Lockstep has no use for it. The
# word is taken back afterwards, since it is the owner of the machine who decides about later installations.
readonly main_cluster_file=/etc/postgresql-common/createcluster.d/lockstep.conf
prevent_main_cluster() {
    as_root mkdir -p "${main_cluster_file%/*}"
    printf 'create_main_cluster = false\n' | as_root tee "$main_cluster_file" >/dev/null
}

# macOS (nobody has run this part yet): Homebrew belongs to its user, so the tool only says what to run.
packages_explain_brew() {
    local name formulas=()
    for name in $1; do
        case $name in
        libpq-dev) formulas+=(libpq) ;;
        librdkafka-dev) formulas+=(librdkafka) ;;
        liblz4-dev | lz4) case " ${formulas[*]-} " in *' lz4 '*) ;; *) formulas+=(lz4) ;; esac ;;
        postgresql) formulas+=(postgresql@16) ;;
        python3-venv) formulas+=(python) ;;
        gcc | libc6-dev) die_with "$STATUS_MISSING" "a C compiler is missing. Run: xcode-select --install" ;;
        *) formulas+=("$name") ;;
        esac
    done
    die_with "$STATUS_MISSING" "something is missing. Run this once: brew install ${formulas[*]}"
}

# Homebrew keeps libpq out of the default paths; pkg-config finds it only when told.
packages_find_keg_only_libraries() {
    local directory
    [ "$(uname -s)" = Darwin ] || return 0
    for directory in /opt/homebrew/opt/libpq/lib/pkgconfig /usr/local/opt/libpq/lib/pkgconfig; do
        [ ! -d "$directory" ] || export PKG_CONFIG_PATH="$directory${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
    done
}

packages_explain_unmet() {
    case " $1 " in
    *' postgresql '*) die "this system's package brought no PostgreSQL of version 14 or newer:" \
        "https://www.postgresql.org/download/" ;;
    *) die "still missing after the installation: $1" ;;
    esac
}
