#!/bin/bash
# bench/fetch_shaped.sh BIN [MEGABYTES [ROUNDS]]
#
# A verified fetch from a server 20 ms away that sends 200 Mbit/s on each connection (a relay that shapes, before a
# local nginx), against `aria2c -x4`, which verifies nothing. They take turns; medians are compared.
set -euo pipefail
bin=$1
megabytes=${2:-200}
rounds=${3:-5}
source "$(dirname "$0")/support/nginx.sh"
serve_large "$megabytes"
start_nginx
exec {relay}< <(exec "$bin/shaping_proxy" "$port" 20 200)
helpers+=($!)
read -r shaped <&"$relay"
uri=http://127.0.0.1:$shaped

fetch_in_parts() { aria2c -q --show-console-readout=false --summary-interval=0 -x4 -s4 -k1M --file-allocation=none -d "$work" -o parts "$uri/large.onnx"; }

: >"$work/ours"; : >"$work/aria2"
for _ in $(seq "$rounds"); do
    rm -rf "$work/store"; sync; "$bin/bench_fetch" "$uri" "$work/store" >>"$work/ours"
    rm -f "$work/parts"; sync; seconds fetch_in_parts >>"$work/aria2"
done
awk -v ours="$(median "$work/ours")" -v aria2="$(median "$work/aria2")" -v mb="$megabytes" -v rounds="$rounds" 'BEGIN {
    printf "fetch of %d MB, 20 ms away, 200 Mbit/s a connection, median of %d: ours %.3f s, aria2c -x4 %.3f s\n", \
        mb, rounds, ours, aria2
    printf "fetch_shaped: %.2f x what aria2c -x4 reaches (goal 0.95)\n", aria2 / ours
}'
