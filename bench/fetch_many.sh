#!/bin/bash
# bench/fetch_many.sh BIN [COUNT [ROUNDS]]
#
# Many artifacts of 100 kB from a local nginx, verified, each synced and renamed, against `curl --parallel` with as many
# connections, kept alive, which verifies and syncs nothing, and against the same followed by what a user of it does to
# have as much: `sha256sum -c`, and `sync` of the files. They take turns; medians are compared.
set -euo pipefail
bin=$1
count=${2:-1000}
rounds=${3:-5}
source "$(dirname "$0")/support/nginx.sh"

head -c "${count}00000" /dev/urandom | split -b 100000 -d -a 5 - "$work/www/part-"
(cd "$work/www" && sha256sum part-*) | awk '
    BEGIN { printf "{\"format_version\": 1, \"models\": [{\"name\": \"many\", \"artifacts\": [" }
    { printf "%s\n{\"kind\": \"calibration\", \"uri\": \"%s\", \"size\": 100000, \"sha256\": \"%s\"}", (NR > 1 ? "," : ""), $2, $1 }
    END { print "]}]}" }' >"$work/www/artifacts.json"
start_nginx
uri=http://127.0.0.1:$port
for part in "$work"/www/part-*; do
    printf 'url = "%s/%s"\noutput = "%s"\n' "$uri" "${part##*/}" "$work/plain/${part##*/}"
done >"$work/curl.config"

fetch_plain() { curl -s --no-progress-meter --parallel --parallel-max 8 --config "$work/curl.config"; }

mkdir "$work/plain" && fetch_plain # everything is in the page cache from here on
(cd "$work/www" && sha256sum part-*) >"$work/sums"
fetch_and_check() { fetch_plain && (cd "$work/plain" && sha256sum --quiet -c "$work/sums" && sync part-*); }
: >"$work/ours"; : >"$work/curl"; : >"$work/checked"
for _ in $(seq "$rounds"); do
    rm -rf "$work/store"; sync; "$bin/bench_fetch_many" "$uri" "$work/store" >>"$work/ours"
    rm -rf "$work/plain"; mkdir "$work/plain"; sync; seconds fetch_plain >>"$work/curl"
    rm -rf "$work/plain"; mkdir "$work/plain"; sync; seconds fetch_and_check >>"$work/checked"
done
awk -v ours="$(median "$work/ours")" -v curl="$(median "$work/curl")" -v checked="$(median "$work/checked")" \
    -v count="$count" -v rounds="$rounds" 'BEGIN {
    printf "fetch of %d x 100 kB, median of %d: ours %.3f s, curl --parallel %.3f s, then sha256sum and sync %.3f s\n",
        count, rounds, ours, curl, checked
    printf "fetch_many: %.2f x curl --parallel, %.2f x curl --parallel, sha256sum and sync\n", ours / curl, ours / checked
}'
