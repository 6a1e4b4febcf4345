#!/bin/bash
# bench/fetch.sh BIN [MEGABYTES [ROUNDS]]
#
# A verified fetch of a large file from a local nginx, against `curl -o` and `aria2c -x4` (which verify nothing) and
# against `curl | tee | sha256sum` (which verifies the way people do by hand). They take turns; medians are compared.
# Ours ends with fsync and an atomic rename; the others leave that to the kernel.
set -euo pipefail
bin=$1
megabytes=${2:-500}
rounds=${3:-5}
source "$(dirname "$0")/support/nginx.sh"
serve_large "$megabytes"
start_nginx
uri=http://127.0.0.1:$port

fetch_plain() { curl -s -o "$work/plain" "$uri/large.onnx"; }
fetch_in_parts() { aria2c -q --show-console-readout=false --summary-interval=0 -x4 -s4 --file-allocation=none -d "$work" -o parts "$uri/large.onnx"; }
fetch_and_hash() { curl -s "$uri/large.onnx" | tee "$work/teed" | sha256sum; }
fetch_verified() { "$bin/bench_fetch" "$uri" "$work/store"; }

fetch_plain # the file is in the page cache from here on
: >"$work/ours"; : >"$work/curl"; : >"$work/tee"; : >"$work/aria2"
for _ in $(seq "$rounds"); do
    rm -rf "$work/store"; sync; fetch_verified >>"$work/ours"
    rm -f "$work/plain"; sync; seconds fetch_plain >>"$work/curl"
    rm -f "$work/parts"; sync; seconds fetch_in_parts >>"$work/aria2"
    rm -f "$work/teed"; sync; seconds fetch_and_hash >>"$work/tee"
done

memory=$(awk '{ if ($2 > m) m = $2 } END { printf "%.0f", m / 1024 }' "$work/ours")
awk -v ours="$(median "$work/ours")" -v curl="$(median "$work/curl")" -v tee="$(median "$work/tee")" \
    -v aria2="$(median "$work/aria2")" -v mb="$megabytes" -v memory="$memory" -v rounds="$rounds" 'BEGIN {
    printf "fetch of %d MB, median of %d: ours %.3f s, curl -o %.3f s, aria2c -x4 %.3f s, curl | tee | sha256sum %.3f s\n", \
        mb, rounds, ours, curl, aria2, tee
    printf "fetch: %.2f x curl -o (goal 1.00), %.2f x aria2c -x4, %.2f x curl | tee | sha256sum (goal 0.45), peak memory %d MiB (goal 64)\n", \
        ours / curl, ours / aria2, ours / tee, memory
}'
