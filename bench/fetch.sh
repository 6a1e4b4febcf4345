#!/bin/bash
# bench/fetch.sh BIN [MEGABYTES [ROUNDS]]
#
# A verified fetch of a large file from a local nginx, against `curl -o` (which verifies nothing) and against
# `curl | tee | sha256sum` (which verifies the way people do by hand). The three take turns; medians are compared.
# Ours ends with fsync and an atomic rename; the others leave that to the kernel.
set -euo pipefail
bin=$1
megabytes=${2:-500}
rounds=${3:-5}

work=$(mktemp -d)
cleanup() {
    [ -f "$work/nginx.pid" ] && kill "$(cat "$work/nginx.pid")" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

mkdir "$work/www"
head -c "${megabytes}000000" /dev/urandom >"$work/www/large.onnx"
sha256=$(sha256sum "$work/www/large.onnx" | cut -d' ' -f1)
cat >"$work/www/artifacts.json" <<JSON
{"format_version": 1, "models": [{"name": "large", "format": "onnx", "artifacts": [
  {"kind": "onnx", "uri": "large.onnx", "size": ${megabytes}000000, "sha256": "$sha256"}]}]}
JSON

# A port that is free now may be taken a moment later: then the next one is tried.
nginx=$(command -v nginx || echo /usr/sbin/nginx)
for attempt in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 20000))
    cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid;
error_log $work/error.log;
worker_processes 1;
events {}
http {
    access_log off; sendfile on; tcp_nopush on;
    client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
    server { listen 127.0.0.1:$port; root $work/www; }
}
CONF
    chmod -R a+rX "$work"
    "$nginx" -c "$work/nginx.conf" 2>"$work/start.log" && break
    [ "$attempt" = 5 ] && { cat "$work/start.log" >&2; exit 1; }
done
uri=http://127.0.0.1:$port

seconds() { # of a command
    local started=$EPOCHREALTIME
    "$@" >/dev/null
    awk "BEGIN { printf \"%.4f\n\", $EPOCHREALTIME - $started }"
}
fetch_plain() { curl -s -o "$work/plain" "$uri/large.onnx"; }
fetch_and_hash() { curl -s "$uri/large.onnx" | tee "$work/teed" | sha256sum; }
fetch_verified() { "$bin/bench_fetch" "$uri" "$work/store"; }

fetch_plain # the file is in the page cache from here on
: >"$work/ours"; : >"$work/curl"; : >"$work/tee"
for _ in $(seq "$rounds"); do
    rm -rf "$work/store"; sync; fetch_verified >>"$work/ours"
    rm -f "$work/plain"; sync; seconds fetch_plain >>"$work/curl"
    rm -f "$work/teed"; sync; seconds fetch_and_hash >>"$work/tee"
done

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
memory=$(awk '{ if ($2 > m) m = $2 } END { printf "%.0f", m / 1024 }' "$work/ours")
awk -v ours="$(median "$work/ours")" -v curl="$(median "$work/curl")" -v tee="$(median "$work/tee")" \
    -v mb="$megabytes" -v memory="$memory" -v rounds="$rounds" 'BEGIN {
    printf "fetch of %d MB, median of %d: ours %.3f s, curl -o %.3f s, curl | tee | sha256sum %.3f s\n", mb, rounds, ours, curl, tee
    printf "fetch: %.2f x curl -o (goal 1.15), %.2f x curl | tee | sha256sum (goal 0.45), peak memory %d MiB (goal 64)\n", \
        ours / curl, ours / tee, memory
}'
