#!/bin/bash
# bench/compare_onnxruntime.sh [BIN] [NAMES…]
#
# The architectures of the zoo, or some of them, through this library and through ONNX Runtime (the npm package
# onnxruntime-node), with one thread and with two. In each row the engines take turns on the same image. The package
# and the models are put beside BIN, in the build tree, and stay there. Needs node and npm.
#
# THREADS="1 2" and ROUNDS=5 may be changed in the environment.
set -euo pipefail
bin=${1:-$(dirname "$0")/../build/release/bin}
shift || true
bin=$(cd "$bin" && pwd)
package=$(dirname "$bin")/onnxruntime
models=$(dirname "$bin")/zoo_models
threads=${THREADS:-1 2}
rounds=${ROUNDS:-5}

command -v npm >/dev/null || { echo "compare_onnxruntime.sh needs node and npm" >&2; exit 1; }
if [ ! -d "$package/node_modules/onnxruntime-node" ]; then
    # Its script would download a runtime for GPUs.
    ONNXRUNTIME_NODE_INSTALL=skip npm install --prefix "$package" --ignore-scripts --no-audit --no-fund --silent onnxruntime-node
fi
version=$(node -p "require('$package/node_modules/onnxruntime-node/package.json').version")
"$bin/zoo_models" "$models" "$@"
[ $# -gt 0 ] && names=("$@") || mapfile -t names < <("$bin/zoo_models" --list)

rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

# measure NAME THREADS: one line, as bench_compare describes it.
measure() {
    "$bin/bench_compare" "$models/$1.onnx" --node-modules "$package/node_modules" --threads "$2" --rounds "$rounds" ||
        printf '%s\t%s\t-\t-\t-\t-\t-\t-\t-\t-\tbench_compare ended with %s\n' "$1" "$2" $?
}

row() { printf '%-18s %7s %8s %9s %9s %9s %9s %9s %9s %6s %8s  %.200s\n' "$@"; }

echo
echo "times in ms; ours with a program that was compiled before, against ONNX Runtime $version; ratio: theirs / ours at p50"
row '' '' '' create '' p50 '' p99 '' '' relative ''
row model threads compile ours theirs ours theirs ours theirs ratio L2 ''
for name in "${names[@]}"; do
    for count in $threads; do
        IFS=$'\t' read -r model used compile create peer_create p50 peer_p50 p99 peer_p99 l2 note < <(measure "$name" "$count")
        ratio=-
        [ "$p50" != - ] && [ "$peer_p50" != - ] && ratio=$(awk -v a="$peer_p50" -v b="$p50" 'BEGIN { printf "%.2f", a / b }')
        row "$model" "$used" "$compile" "$create" "$peer_create" "$p50" "$peer_p50" "$p99" "$peer_p99" "$ratio" "$l2" "$note"
        echo "$used $ratio" >>"$rows"
    done
done

for count in $threads; do
    awk -v threads="$count" '
        $1 == threads { ++all; if ($2 != "-") { ++both; sum += log($2) } }
        END {
            mean = both ? sprintf("%.2f", exp(sum / both)) : "-"
            printf "geometric mean of the ratios, threads %s: %s (%d of %d models)\n", threads, mean, both, all
        }' "$rows"
done
