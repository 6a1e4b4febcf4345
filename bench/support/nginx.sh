# For benchmarks that fetch, to be sourced: a folder that goes away, a local nginx, times and medians.

work=$(mktemp -d)
helpers=()
cleanup() {
    [ -f "$work/nginx.pid" ] && kill "$(cat "$work/nginx.pid")" 2>/dev/null
    for helper in "${helpers[@]:-}"; do [ -n "$helper" ] && kill "$helper" 2>/dev/null; done
    rm -rf "$work"
}
trap cleanup EXIT
mkdir "$work/www"

# start_nginx [DIRECTIVES]: serves $work/www; sets $port. A port that is free now may be taken a moment later: then the
# next one is tried.
start_nginx() {
    local nginx
    nginx=$(command -v nginx || echo /usr/sbin/nginx)
    for attempt in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 20000))
        cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid;
error_log $work/error.log;
worker_processes 1;
events {}
http {
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
    client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
    server { listen 127.0.0.1:$port; root $work/www; ${1:-} }
}
CONF
        chmod -R a+rX "$work"
        "$nginx" -c "$work/nginx.conf" 2>"$work/start.log" && return
    done
    cat "$work/start.log" >&2
    exit 1
}

# serve_large MEGABYTES: a model "large" of random bytes, one file.
serve_large() {
    head -c "${1}000000" /dev/urandom >"$work/www/large.onnx"
    local sha256
    sha256=$(sha256sum "$work/www/large.onnx" | cut -d' ' -f1)
    cat >"$work/www/artifacts.json" <<JSON
{"format_version": 1, "models": [{"name": "large", "format": "onnx", "artifacts": [
  {"kind": "onnx", "uri": "large.onnx", "size": ${1}000000, "sha256": "$sha256"}]}]}
JSON
}

seconds() { # of a command
    local started=$EPOCHREALTIME
    "$@" >/dev/null
    awk "BEGIN { printf \"%.4f\n\", $EPOCHREALTIME - $started }"
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
