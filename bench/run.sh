#!/bin/bash
# bench/run.sh [--short] [BIN]
#
# All benchmarks, one after the other. --short proves that they run; its figures mean little.
set -euo pipefail
cd "$(dirname "$0")/.."
short=false
[ "${1:-}" = --short ] && { short=true; shift; }
bin=${1:-build/release/bin}

if $short; then
    bash bench/fetch.sh "$bin" 20 1
    bash bench/fetch_many.sh "$bin" 50 1
    bash bench/fetch_shaped.sh "$bin" 40 1
    "$bin/bench_warm_load" 10
    "$bin/bench_queue" 20000
    "$bin/bench_stall" 20
    "$bin/bench_inference" 200
else
    bash bench/fetch.sh "$bin"
    bash bench/fetch_many.sh "$bin"
    bash bench/fetch_shaped.sh "$bin"
    "$bin/bench_warm_load"
    "$bin/bench_queue"
    "$bin/bench_stall"
    "$bin/bench_inference"
fi
