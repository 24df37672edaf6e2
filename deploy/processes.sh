# shellcheck shell=bash
# Processes that deploy/run starts and deploy/stop ends: $home/run/<name>.pid holds the number and a word of the command
# line, so that a number taken over by a stranger is never signalled. Needs deploy/lib.sh and $home.
# shellcheck disable=SC2154 # home comes from the script that sources this

# launch NAME WORD COMMAND...: in the background, in a session of its own, output to $home/run/NAME.log.
launch() {
    local name=$1 word=$2
    shift 2
    (
        exec 8>&- 9>&- </dev/null >>"$home/run/$name.log" 2>&1
        cd /
        if is_root; then
            exec setsid setpriv --reuid=meguri --regid=meguri --clear-groups --no-new-privs -- "$@"
        fi
        exec setsid "$@"
    ) &
    printf '%s %s\n' "$!" "$word" | write_file 644 "$home/run/$name.pid"
    disown
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local tick limit=$1
    shift
    for ((tick = 0; tick < limit * 20; tick++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.05
    done
    return 1
}

# wait_ready NAME ADMIN_PORT
wait_ready() {
    local tick
    for ((tick = 0; tick < 600; tick++)); do
        if curl -fsS -o /dev/null "http://127.0.0.1:$2/readyz" 2>/dev/null; then return 0; fi
        if [ "$tick" -gt 20 ] && ! process_runs "$1"; then break; fi
        sleep 0.05
    done
    tail -n 5 "$home/run/$1.log" >&2 || true
    die "$1 does not become ready; see $home/run/$1.log"
}

process_runs() {
    local pid word
    { read -r pid word <"$home/run/$1.pid"; } 2>/dev/null || return 1
    alive "$pid" "$word"
}

process_names() {
    local file
    for file in "$home"/run/*.pid; do
        [ ! -e "$file" ] || basename "$file" .pid
    done
}

is_running() { [ -n "$(process_names)" ] && [ -z "$(lost_processes)" ]; }

# What was started, has not been stopped, and is not there any more.
lost_processes() {
    local name
    for name in $(process_names); do process_runs "$name" || say "$name"; done
    if [ -s "$home/run/address" ] && ! deploy/cluster status "$home" >/dev/null; then say postgresql; fi
}

# report_lost NAME: says so, with the last words of its log.
report_lost() {
    local log=$home/run/$1.log
    if [ "$1" = postgresql ]; then log=$(cat "$home/cluster.dir")/server.log; fi
    note "$1 has ended by itself; the end of $log:"
    tail -n 5 "$log" >&2 || true
}

# stop_process NAME: asks, waits up to 25 s, then insists.
stop_process() {
    local pid word
    { read -r pid word <"$home/run/$1.pid"; } 2>/dev/null || return 0
    stop_pid "$pid" "$word" 25
    rm -f "$home/run/$1.pid"
}

# next_free_port PORT: it, or the next one that nobody listens on.
next_free_port() {
    local port
    for ((port = $1; port < $1 + 200; port++)); do
        if [ "$(free_port "$port")" = "$port" ]; then
            say "$port"
            return 0
        fi
    done
    free_port
}
