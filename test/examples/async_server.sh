#!/bin/bash
# async_server.sh SERVER IMAGES: starts the server on a free port, posts every image and things that are none.
set -u
log=$(mktemp)
"$1" >"$log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -f "$log"' EXIT

# Its last line of output says when it is ready; a server that has ended will never say it.
until grep -q '^ready' "$log"; do
    kill -0 $server 2>/dev/null || { cat "$log"; echo "the server ended"; exit 1; }
    sleep 0.05
done
uri=$(sed -n 's/^listening on //p' "$log")

fail() { echo "$1"; exit 1; }
[ "$(curl -s "$uri/health")" = ready ] || fail "/health does not say ready"
for image in "$2"/*.png; do
    digit=$(basename "$image" | cut -c1)
    answer=$(curl -s --data-binary @"$image" "$uri/classify")
    echo "$image: $answer"
    case $answer in *"\"digit\": \"$digit\""*) ;; *) fail "$digit is expected" ;; esac
done

status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
[ "$(status --data-binary 'no image' "$uri/classify")" = 400 ] || fail "no image: 400 is expected"
[ "$(status --data-binary '' "$uri/classify")" = 400 ] || fail "nothing: 400 is expected"
[ "$(status "$uri/classify")" = 405 ] || fail "GET: 405 is expected"
[ "$(status "$uri/elsewhere")" = 404 ] || fail "elsewhere: 404 is expected"
[ "$(head -c 9000000 /dev/zero | status --data-binary @- "$uri/classify")" = 413 ] || fail "9 MB: 413 is expected"

# Many at once, over connections of their own.
many=$(seq 40 | xargs -P 16 -I{} curl -s --data-binary @"$2/3_sample.png" "$uri/classify" | grep -o '"digit": "3"' | wc -l)
[ "$many" -eq 40 ] || fail "$many of 40 concurrent requests were right"
