# Sourced by bench/run: processes, servers, measurements. Starts nothing by itself.

say() { printf 'bench: %s\n' "$*" >&2; }

fail() {
    printf 'bench: %s\nhint: %s\n' "$1" "$2" >&2
    exit 1
}

# PostgreSQL refuses root, so as root everything that is measured runs as postgres: the same user for all.
# The words, for what goes to the background: its process id is then the program's own.
as_user=(env -C "$scratch" HOME="$scratch" LC_ALL=C.UTF-8)
[ "$(id -u)" != 0 ] || as_user=(setpriv --reuid=postgres --regid=postgres --init-groups -- "${as_user[@]}")
as_pg() { "${as_user[@]}" "$@"; }

own_folder() {
    if [ "$(id -u)" = 0 ]; then install -d -o postgres -g postgres -m 0700 "$@"; else install -d -m 0700 "$@"; fi
}

# A new, empty folder in the place of what was there.
fresh() {
    local folder=${1:?}
    [[ $folder == "$scratch"/* ]] || fail "refused to empty $folder" "It is not below $scratch."
    rm -rf "$folder"
    own_folder "$folder"
}

# --- servers

# start_server FOLDER PORT [OPTION...]
start_server() {
    local folder=$1 number=$2
    shift 2
    as_pg "$pg_bin/pg_ctl" -D "$folder" -l "$scratch/log/server.log" -w -t 600 -s \
        -o "-p $number -k $scratch/sock -c listen_addresses= $*" start ||
        fail "the server of $folder did not start" "Its last words are in $scratch/log/server.log."
    started+=("$folder")
}

# stop_server FOLDER [MODE]
stop_server() { as_pg "$pg_bin/pg_ctl" -D "$1" -m "${2:-fast}" -w -t 600 -s stop; }

stop_everything() {
    local folder process
    for process in "${children[@]}"; do
        kill "$process" 2>/dev/null || true # it may have ended by itself
    done
    for folder in "${started[@]}"; do
        [ ! -e "$folder/postmaster.pid" ] || stop_server "$folder" immediate || true # another one may have stopped it
    done
}

# sql STATEMENT...: each in a transaction of its own.
sql() {
    local statements=(-c 'set client_min_messages = warning') statement
    for statement in "$@"; do statements+=(-c "$statement"); done
    as_pg psql -X -q -At -v ON_ERROR_STOP=1 -h "$scratch/sock" -p "$port" -U postgres -d bench "${statements[@]}"
}

# set_server NAME VALUE...: changes settings that a reload is enough for.
set_server() {
    local statements=()
    while [ $# -gt 0 ]; do
        statements+=("alter system set $1 = '${2//\'/\'\'}'")
        shift 2
    done
    sql "${statements[@]}" 'select pg_reload_conf()' >/dev/null
    sleep 0.5 # the postmaster hands the signal on; there is nothing to wait for
}

load() { as_pg pgbench -h "$scratch/sock" -p "$port" -U postgres -n "$@" bench; }

# wait_until SECONDS COMMAND...
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || fail "waited too long for: $*" "See $scratch/log."
        sleep 0.02
    done
}

# --- measurements

bytes_of() { du -s --apparent-size -B1 "$@" 2>/dev/null | awk '{sum += $1} END {printf "%.0f\n", sum}'; }

# Reads all below the folders, so that nobody is measured with a cold page cache; pg_wal is not backed up.
warm() { find "$@" -type f -not -path '*/pg_wal/*' -exec cat {} + >/dev/null 2>&1 || true; }

# note WORK TOOL RUN SECONDS CPU BYTES KIB: one line of the results; a field that is not known is -.
note() {
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$results"
    printf 'bench: %-12s %-22s run %s  %8s s  cpu %s  bytes %s  KiB %s\n' "$@" >&2
}

# measure WORK TOOL RUN STORE COMMAND...: wall and processor seconds, growth of STORE (- is none), peak memory of the largest process.
measure() {
    local work=$1 tool=$2 run=$3 store=$4 before=0 after=0 began ended cpu memory
    shift 4
    [ "$store" = - ] || before=$(bytes_of "$store")
    sync -f "$scratch"
    began=${EPOCHREALTIME/./}
    as_pg /usr/bin/time -q -o "$scratch/time" -f '%U %S %M' "$@" >"$scratch/log/$work-$tool.log" 2>&1 ||
        fail "$tool failed at $work: $(tail -n 3 "$scratch/log/$work-$tool.log")" "The command was: $*"
    ended=${EPOCHREALTIME/./}
    [ "$store" = - ] || after=$(bytes_of "$store")
    read -r cpu memory < <(awk '{print $1 + $2, $3}' "$scratch/time")
    note "$work" "$tool" "$run" "$(seconds_between "$began" "$ended")" "$cpu" \
        "$([ "$store" = - ] && echo - || echo $((after - before)))" "$memory"
}

seconds_between() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", (b - a) / 1e6}'; }

# in_turn RUN TOOL...: the tools, another one first in each run.
in_turn() {
    local run=$1 tools=("${@:2}") i
    for ((i = 0; i < ${#tools[@]}; i++)); do echo "${tools[(i + run - 1) % ${#tools[@]}]}"; done
}

median() { sort -g | awk '{v[NR] = $1} END {if (NR) print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
