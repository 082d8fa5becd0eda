# Sourced by bench/run: how each tool is set up and called. The names of tools are those of the table.

secret=bench-secret

# The plan that Resurgam is measured with; its vault lies below $place. set_up_resurgam FOLDER [DATA]
set_up_resurgam() {
    local place=$1 data=${2:-$cluster}
    own_folder "$place"
    cat >"$place/plan.yaml" <<PLAN
resurgam: 1
state: $place/state
vault:
  store: file://$place/vault
  secret: { env: RESURGAM_SECRET }
assets:
  db:
    kind: postgres
    connection: host=$scratch/sock port=$port user=postgres dbname=bench
    data-directory: $data
PLAN
}

resurgam_at() { echo env "RESURGAM_SECRET=$secret" "RESURGAM_PLAN=$1/plan.yaml" "$scratch/bin/resurgam" --quiet; }

new_resurgam() {
    fresh "$scratch/resurgam"
    set_up_resurgam "$scratch/resurgam"
    as_pg $(resurgam_at "$scratch/resurgam") vault create >/dev/null
}

# pgBackRest, by file and with block incremental backup (a beta option in 2.45): pgbackrest or pgbackrest-block.
new_pgbackrest() {
    local name=$1 place=$scratch/$1
    fresh "$place"
    own_folder "$place/repo" "$place/lock" "$place/spool"
    {
        printf '%s\n' "[global]" "repo1-path=$place/repo" "repo1-cipher-type=aes-256-cbc" "repo1-cipher-pass=$secret" \
            "compress-type=zst" "compress-level=3" "process-max=2" "start-fast=y" "expire-auto=n" \
            "log-path=$scratch/log" "lock-path=$place/lock" "spool-path=$place/spool" \
            "log-level-console=warn" "log-level-file=off"
        [ "$name" = pgbackrest ] || printf '%s\n' "beta=y" "repo1-bundle=y" "repo1-block=y"
        printf '%s\n' "[bench]" "pg1-path=$cluster" "pg1-port=$port" "pg1-socket-path=$scratch/sock" "pg1-user=postgres"
    } >"$place/pgbackrest.conf"
    as_pg $(pgbackrest_at "$name") stanza-create
}

pgbackrest_at() { echo pgbackrest "--config=$scratch/$1/pgbackrest.conf" --stanza=bench; }

# Its backup waits until its archive has the WAL, so the server must hand it over; for the others it goes nowhere.
archive_to() {
    case $1 in
        pgbackrest*) set_server archive_command "$(pgbackrest_at "$1") archive-push %p" ;;
        *) set_server archive_command /bin/true ;;
    esac
}

new_restic() {
    fresh "$scratch/restic"
    as_pg $(restic_at "$scratch/restic/repo") init -q >/dev/null
}

restic_at() { echo env "RESTIC_PASSWORD=$secret" "RESTIC_CACHE_DIR=$scratch/restic/cache" restic -q -r "$1"; }

new_vault_of() {
    case $1 in
        resurgam) new_resurgam ;;
        pgbackrest*) new_pgbackrest "$1" ;;
        restic) new_restic ;;
        pg_basebackup) fresh "$scratch/basebackup" ;;
    esac
}

# Where the bytes of a tool lie.
store_of() {
    case $1 in
        resurgam) echo "$scratch/resurgam/vault" ;;
        pgbackrest*) echo "$scratch/$1/repo/backup" ;;
        restic) echo "$scratch/restic/repo" ;;
        pg_basebackup) echo "$scratch/basebackup" ;;
    esac
}

# back_up WORK TOOL RUN TYPE: TYPE (full or incr) matters to pgBackRest alone.
back_up() {
    local work=$1 tool=$2 run=$3 type=$4 command
    archive_to "$tool"
    case $tool in
        resurgam) command="$(resurgam_at "$scratch/resurgam") backup db" ;;
        pgbackrest*) command="$(pgbackrest_at "$tool") backup --type=$type" ;;
        restic) command="$here/between-backup-calls $scratch/sock $port $(restic_at "$scratch/restic/repo") backup
            --exclude $cluster/pg_wal/* --exclude $cluster/postmaster.* $cluster" ;;
        pg_basebackup) command="pg_basebackup -h $scratch/sock -p $port -U postgres -X stream -c fast -Ft
            --compress=client-zstd:level=3,workers=2 -D $scratch/basebackup/base" ;;
    esac
    set -f # the patterns are restic's
    measure "$work" "$tool" "$run" "$(store_of "$tool")" $command
    set +f
}
