# Sourced by bench/run: one function for each work. Works that need backups make them when they are not there.

work_full() {
    local run tool
    for ((run = 1; run <= runs; run++)); do
        for tool in $(in_turn "$run" resurgam pgbackrest restic pg_basebackup); do
            new_vault_of "$tool"
            warm "$cluster"
            back_up full "$tool" "$run" full
        done
    done
    made+=(resurgam pgbackrest)
}

# A first backup that nobody is measured by.
need_backup_of() {
    local tool
    for tool in "$@"; do
        [[ " ${made[*]} " != *" $tool "* ]] || continue
        new_vault_of "$tool"
        warm "$cluster"
        back_up base "$tool" 0 full
        made+=("$tool")
    done
}

# 600 rows changed in a second, spread over all of pgbench_accounts; then each tool's next backup, and one more of the same state.
work_second() {
    local run tool
    need_backup_of resurgam pgbackrest pgbackrest-block
    for ((run = 1; run <= runs; run++)); do
        load -c 2 -t 300 -N --random-seed=$((1000 + run)) >/dev/null 2>&1
        sql checkpoint
        for tool in $(in_turn "$run" resurgam pgbackrest pgbackrest-block); do
            warm "$cluster"
            back_up second "$tool" "$run" incr
        done
    done
}

work_unchanged() {
    local run tool
    need_backup_of resurgam pgbackrest
    for tool in resurgam pgbackrest; do back_up base "$tool" 0 incr; done # whatever came before: now it is the state
    for ((run = 1; run <= runs; run++)); do
        for tool in $(in_turn "$run" resurgam pgbackrest); do
            warm "$cluster"
            back_up unchanged "$tool" "$run" incr
        done
    done
}

# restore WORK TOOL RUN [--delta]
restore() {
    local work=$1 tool=$2 run=$3 delta=${4:-} target=$scratch/restored-$2
    case $tool in
        resurgam)
            warm "$scratch/resurgam/vault"
            measure "$work" "$tool" "$run" "$target" \
                $(resurgam_at "$scratch/resurgam") restore db --to "$target" --at consistent $delta
            ;;
        pgbackrest)
            warm "$scratch/pgbackrest/repo"
            measure "$work" "$tool" "$run" "$target" \
                $(pgbackrest_at pgbackrest) restore --pg1-path="$target" --type=immediate $delta
            ;;
    esac
}

work_restore() {
    local run tool
    need_backup_of resurgam pgbackrest
    for ((run = 1; run <= runs; run++)); do
        for tool in $(in_turn "$run" resurgam pgbackrest); do
            fresh "$scratch/restored-$tool"
            restore restore "$tool" "$run"
        done
    done
    for tool in resurgam pgbackrest; do
        cmp_with_cluster "$scratch/restored-$tool" || fail "$tool did not restore what was there" "Compare with $cluster."
    done
}

# The backups are of this very state and the server is idle since, so relation files are equal byte for byte.
cmp_with_cluster() {
    local file
    while read -r file; do
        cmp -s "$cluster/$file" "$1/$file" || { say "$file differs in $1"; return 1; }
    done < <(cd "$cluster" && find base -type f -size +1M)
}

# One page of each of the three largest files is hurt; all else is as it was restored.
work_delta() {
    local run tool
    need_backup_of resurgam pgbackrest
    for tool in resurgam pgbackrest; do
        fresh "$scratch/restored-$tool"
        restore base "$tool" 0
    done
    for ((run = 1; run <= runs; run++)); do
        for tool in $(in_turn "$run" resurgam pgbackrest); do
            hurt "$scratch/restored-$tool" "$run"
            warm "$scratch/restored-$tool"
            restore delta "$tool" "$run" --delta
            cmp_with_cluster "$scratch/restored-$tool" || fail "$tool --delta left a hurt page" "Compare with $cluster."
        done
    done
}

hurt() {
    local file
    while read -r file; do
        head -c 8192 /dev/urandom | dd of="$file" bs=8192 seek=$((20 + $2)) conv=notrunc status=none
    done < <(find "$1/base" -type f -printf '%s %p\n' | sort -rn | awk 'NR <= 3 {print $2}')
}

# restic reads the very repository that Resurgam wrote.
work_check() {
    local run tool repository
    need_backup_of resurgam
    repository=$(as_pg $(resurgam_at "$scratch/resurgam") vault password | sed -n 's/^# restic -r \([^ ]*\) .*/\1/p' | tail -n 1)
    own_folder "$scratch/restic"
    for ((run = 1; run <= runs; run++)); do
        for tool in $(in_turn "$run" resurgam restic); do
            warm "$scratch/resurgam/vault"
            case $tool in
                resurgam) measure check "$tool" "$run" - $(resurgam_at "$scratch/resurgam") vault check --read-data ;;
                restic) measure check "$tool" "$run" - $(restic_at "$repository") check --read-data ;;
            esac
        done
    done
}

# --- WAL

start_stream() {
    "${as_user[@]}" $(resurgam_at "$scratch/resurgam") wal stream db >"$scratch/log/stream.log" 2>&1 &
    stream=$!
    children+=("$stream")
    wait_until 60 is_connected resurgam_db
}

start_receivewal() {
    fresh "$scratch/received"
    "${as_user[@]}" pg_receivewal -h "$scratch/sock" -p "$port" -U postgres -D "$scratch/received" --synchronous --no-loop \
        >"$scratch/log/receivewal.log" 2>&1 &
    stream=$!
    children+=("$stream")
    wait_until 60 is_connected pg_receivewal
}

# Processor seconds since it began.
stream_cpu() { awk -v tick="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) / tick}' "/proc/$stream/stat"; }
stream_memory() { awk '/^VmHWM/ {print $2}' "/proc/$stream/status"; }

# As an operator would, with SIGTERM.
stop_stream() {
    kill -TERM "$stream"
    wait "$stream" || true # 143 is what a stopped stream says
    children=()
}

drop_slots() {
    wait_until 30 slots_rest # the server notices a closed connection a little later
    sql "select pg_drop_replication_slot(slot_name) from pg_replication_slots" >/dev/null
}
slots_rest() { [ "$(sql "select count(*) from pg_replication_slots where active")" = 0 ]; }

is_connected() { [ "$(sql "select count(*) from pg_stat_replication where application_name = '$1' and state = 'streaming'")" = 1 ]; }

has_streamed() { [ "$(sql "select '$1'::pg_lsn <= flush_lsn from pg_stat_replication where application_name = 'resurgam_db'")" = t ]; }

# WAL into the vault by the stream and, the same, into a folder by cp; then a server replays it from either.
work_replay() {
    local run tool wanted end last fetch seed=1 target=$scratch/restored-resurgam
    wanted=$(awk -v scale="$scale" 'BEGIN {n = int(64 * scale + 0.5); print n < 2 ? 2 : n}') # segments of 16 MiB: 1 GiB
    new_resurgam
    archive_to none
    start_stream
    back_up base resurgam 0 full
    fresh "$scratch/walplain"
    set_server archive_command "cp %p $scratch/walplain/%f"
    end=$(sql "select pg_current_wal_lsn() + $wanted * 16777216::numeric")
    while [ "$(sql "select pg_current_wal_lsn() < '$end'::pg_lsn")" = t ]; do
        sql checkpoint # after it each page is logged whole once, as on a server with a life
        load -c 2 -t 10000 -N --random-seed=$((seed++)) >/dev/null 2>&1
    done
    sql "select pg_create_restore_point('bench')" >/dev/null
    end=$(sql "select pg_switch_wal()")
    last=$(sql "select pg_walfile_name('$end')")
    wait_until 300 test -e "$scratch/walplain/$last"
    wait_until 60 has_streamed "$end"
    stop_stream
    drop_slots
    fresh "$target"
    as_pg $(resurgam_at "$scratch/resurgam") restore db --to "$target" >/dev/null
    for ((run = 1; run <= runs; run++)); do
        for tool in $(in_turn "$run" resurgam cp); do
            as_pg $(resurgam_at "$scratch/resurgam") restore db --to "$target" --delta >/dev/null
            warm "$target" "$scratch/resurgam/vault" "$scratch/walplain"
            case $tool in
                resurgam) fetch="$(resurgam_at "$scratch/resurgam") wal fetch db %f \"%p\"" ;;
                cp) fetch="cp $scratch/walplain/%f \"%p\"" ;;
            esac
            measure replay "$tool" "$run" - env "PG_BIN=$pg_bin" "$here/until-recovered" "$target" "$((port + 1))" "$scratch/sock" "$fetch"
        done
    done
    say "replayed $(ls "$scratch/walplain" | grep -c .) segments"
}

# name_standby NAME: commits wait for it; without a name for nobody.
name_standby() { set_server synchronous_standby_names "${1:-}"; }

# both_streams FUNCTION: runs FUNCTION WORK TOOL RUN with our stream and with pg_receivewal, each waited for by every commit.
both_streams() {
    local measure_it=$1 work=$2 run tool
    new_resurgam
    archive_to none
    for ((run = 1; run <= runs; run++)); do
        for tool in $(in_turn "$run" resurgam pg_receivewal); do
            case $tool in
                resurgam) start_stream && name_standby resurgam_db ;;
                pg_receivewal) start_receivewal && name_standby pg_receivewal ;;
            esac
            "$measure_it" "$work" "$tool" "$run"
            name_standby
            stop_stream
        done
    done
    drop_slots
}

work_throughput() { both_streams throughput_of throughput; }

# The bytes column has transactions in a second.
throughput_of() {
    local tps before
    sql checkpoint
    before=$(stream_cpu)
    tps=$(load -c 2 -T "$load_seconds" -N --random-seed="$3" 2>/dev/null | awk '/^tps/ {print $3}')
    note "$1" "$2" "$3" "$(awk -v a="$tps" 'BEGIN {printf "%.6f", 1 / a}')" \
        "$(awk -v a="$before" -v b="$(stream_cpu)" 'BEGIN {print b - a}')" "$tps" \
        "$(stream_memory)"
}

work_latency() {
    both_streams latency_of latency
}

# What a client waits for a commit with the standby (the seconds), and without one (the bytes column).
latency_of() {
    local work=$1 tool=$2 run=$3 slice
    fresh "$scratch/latency"
    printf '%s\n' "insert into latency (said) values ('commit');" >"$scratch/latency/commit.sql"
    sql "drop table if exists latency" "create table latency (id bigserial, said text)" checkpoint
    for slice in 1 2 3 4 5 6; do # in turn, so that the disk's moods fall on both
        commit local "$slice"
        commit on "$slice"
    done
    note "$work" "$tool" "$run" "$(commit_seconds on)" - "$(commit_seconds local)" -
    [ "$tool" = pg_receivewal ] || store_latency "$run"
}

# commit LEVEL SLICE: one client's single-row commits for a second.
commit() {
    as_pg env PGOPTIONS="-c synchronous_commit=$1" pgbench -h "$scratch/sock" -p "$port" -U postgres -n -c 1 -T 1 \
        -f "$scratch/latency/commit.sql" -l --log-prefix="$scratch/latency/$1-$2" bench >/dev/null 2>&1
}

commit_seconds() { cat "$scratch/latency/$1"-* | awk '{printf "%.6f\n", $3 / 1e6}' | median; }

# Under a light load, how long after a commit the vault holds its record, seen by the names of the vault's objects.
store_latency() {
    local began wanted samples=() sample load_process
    name_standby
    "${as_user[@]}" pgbench -h "$scratch/sock" -p "$port" -U postgres -n -c 1 -R 50 -T 60 -N bench >/dev/null 2>&1 &
    load_process=$!
    children+=("$load_process")
    for sample in 0 1 2 3 4 5 6 7 8 9; do
        sleep "1.$((sample * 7 % 10))" # at every phase of the second after which a piece is sent
        began=${EPOCHREALTIME/./}
        wanted=$(sql "insert into latency (said) values ('store'); select (pg_current_wal_flush_lsn() - '0/0')::text")
        wait_until 30 store_reaches "$wanted"
        samples+=("$(seconds_between "$began" "${EPOCHREALTIME/./}")")
    done
    kill "$load_process"
    wait "$load_process" || true # stopped before its time
    children=("$stream")
    note latency-store resurgam "$1" "$(printf '%s\n' "${samples[@]}" | median)" - - -
    as_pg $(resurgam_at "$scratch/resurgam") wal status db >"$scratch/log/status.log" || cat "$scratch/log/status.log" >&2
}

# An object's name is START-LENGTH, both hexadecimal (docs/formats/wal.md).
store_reaches() {
    local newest
    newest=$(cd "$scratch/resurgam/vault" && find . -path '*/wal/db/*' -type f -printf '%f\n' | grep -E '^[0-9A-F]{16}-[0-9A-F]{8}$' | sort | tail -n 1)
    [ -n "$newest" ] && [ $((16#${newest%-*} + 16#${newest#*-})) -ge "$1" ]
}

# --- memory: the same commands on a set of a tenth

work_memory() {
    local large=$cluster small=$scratch/small
    measure_memory memory-whole
    [ -e "$scratch/data-$small_scale" ] || scratch=$scratch pg_bin=$pg_bin port=$((port + 2)) "$here/dataset" "$scratch/data-$small_scale" "$small_scale"
    stop_server "$cluster"
    rm -rf "$small"
    cp -a --reflink=auto "$scratch/data-$small_scale" "$small"
    cluster=$small
    start_server "$small" "$port"
    measure_memory memory-tenth
    stop_server "$small"
    cluster=$large
    start_server "$cluster" "$port"
    made=()
}

measure_memory() {
    local work=$1 resurgam
    new_resurgam
    archive_to none
    resurgam=$(resurgam_at "$scratch/resurgam")
    measure "$work" backup 1 - $resurgam backup db
    load -c 2 -t 300 -N --random-seed=5 >/dev/null 2>&1
    measure "$work" second-backup 1 - $resurgam backup db
    fresh "$scratch/restored-resurgam"
    measure "$work" restore 1 - $resurgam restore db --to "$scratch/restored-resurgam" --at consistent
    measure "$work" delta-restore 1 - $resurgam restore db --to "$scratch/restored-resurgam" --at consistent --delta
    measure "$work" check 1 - $resurgam vault check --read-data
    start_stream
    load -c 2 -T "$load_seconds" -N --random-seed=5 >/dev/null 2>&1
    note "$work" stream 1 0 - - "$(stream_memory)"
    stop_stream
    drop_slots
}
