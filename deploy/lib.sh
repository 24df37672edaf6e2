# shellcheck shell=bash
# Shared by deploy/* and tests/run. Source it; it prints nothing and changes nothing by itself.

say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }
die() {
    note "error: $*"
    exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

as_root() {
    if is_root; then "$@"; else sudo -n "$@" || sudo "$@"; fi
}

# packages_of GROUP...: names from deploy/packages.txt.
packages_of() {
    local group
    for group in "$@"; do
        sed -n "s/^$group: *//p" "$(dirname "${BASH_SOURCE[0]}")/packages.txt"
    done | tr ' ' '\n' | sort -u
}

missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || say "$package"
    done
}

# need_packages GROUP...: installs what is missing; touches nothing when all is there.
need_packages() {
    local missing
    # shellcheck disable=SC2046
    missing=$(missing_packages $(packages_of "$@") | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || die "please install these packages first: $missing"
    note "installing: $missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update >&2 || true
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 install --no-install-recommends $missing >&2 </dev/null ||
        die "could not install: $missing"
}

# free_port [PREFERRED]: a port of 127.0.0.1 that nobody listens on, below the range of outgoing connections.
free_port() {
    /usr/bin/python3 - "${1:-0}" <<'PYTHON'
import random, socket, sys

def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False

preferred = int(sys.argv[1])
candidates = [preferred] if preferred else []
candidates += random.sample(range(20000, 32000), 200)
print(next(port for port in candidates if is_free(port)))
PYTHON
}

# alive PID WORD: does this process run and carry WORD in its command line? (a pid file may be stale)
alive() {
    [ -n "${1:-}" ] && { tr "\\000" " " <"/proc/$1/cmdline"; } 2>/dev/null | grep -qF -- "$2"
}

# stop_pid PID WORD SECONDS: TERM, wait, KILL.
stop_pid() {
    local tick
    alive "$1" "$2" || return 0
    kill -TERM "$1" 2>/dev/null || return 0
    for ((tick = 0; tick < $3 * 10; tick++)); do
        alive "$1" "$2" || return 0
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null || true
}

# write_file MODE PATH < content: whole or not at all.
write_file() {
    local temporary
    temporary=$(mktemp "$2.XXXXXX")
    cat >"$temporary"
    chmod "$1" "$temporary"
    mv -f "$temporary" "$2"
}
