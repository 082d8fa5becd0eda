# Sourced by bench/run: what this machine can do at best with this data, one thread each, in bytes a second.

# 1 MiB of every 8 MiB of the large relation files: the mix that a backup sees.
take_sample() {
    local file size at
    while read -r size file; do
        for ((at = 0; at < size >> 20; at += 8)); do
            dd if="$file" bs=1M count=1 skip="$at" status=none
        done
    done < <(find "$cluster/base" -type f -size +1M -printf '%s %p\n') >"$scratch/sample"
}

# From zstd's own benchmark, whose last full line has both rates: compression and decompression.
zstd_rates() {
    zstd -b"$1" -i2 -B1024KiB "$scratch/sample" 2>&1 | tr '\r' '\n' | grep -E 'MB/s.*MB/s' | tail -n 1 |
        grep -oE '[0-9.]+ MB/s' | awk '{print $1 * 1e6}'
}

openssl_rate() {
    openssl speed -seconds 1 -bytes 1048576 -evp "$1" 2>/dev/null | awk 'END {sub("k$", "", $NF); print $NF * 1000}'
}

measure_limits() {
    local read_bytes rates
    take_sample
    mapfile -t rates < <(zstd_rates 1)
    limit compress "${rates[0]}"
    limit decompress "${rates[1]}"
    limit hash "$(openssl_rate sha256)"
    limit seal "$(openssl_rate aes-256-gcm)" # as AES-CTR with a fast authenticator
    rm -f "$scratch/disk"
    limit disk "$(dd if=/dev/zero of="$scratch/disk" bs=1M count=1024 conv=fdatasync 2>&1 | awk 'END {for (i = 1; i <= NF; i++) if ($i == "s,") print 1073741824 / $(i - 1)}')"
    rm -f "$scratch/disk" "$scratch/sample"
    read_bytes=$(bytes_of "$cluster" --exclude=pg_wal)
    limit input "$read_bytes"
    limit cores "$(nproc)"
}

# As a line of the results, so that the table needs one file only.
limit() { printf 'limit\t%s\t1\t%s\t-\t-\t-\n' "$1" "$2" >>"$results"; }
