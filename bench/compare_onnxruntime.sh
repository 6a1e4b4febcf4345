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

measure() {
    for name in "${names[@]}"; do
        for count in $threads; do
            "$bin/bench_compare" "$models/$name.onnx" --node-modules "$package/node_modules" --threads "$count" --rounds "$rounds" ||
                printf '%s\t%s\t-\t-\t-\t-\t-\t-\t-\t-\tbench_compare ended with %s\n' "$name" "$count" $?
        done
    done
}

echo
echo "times in ms; ours with a program that was compiled before, against ONNX Runtime $version; ratio: theirs / ours at p50"
measure | awk -F '\t' '
    BEGIN {
        row = "%-18s %7s %8s %9s %9s %9s %9s %9s %9s %6s %8s  %s\n"
        printf row, "", "", "", "create", "", "p50", "", "p99", "", "", "relative", ""
        printf row, "model", "threads", "compile", "ours", "theirs", "ours", "theirs", "ours", "theirs", "ratio", "L2", ""
    }
    {
        ratio = "-"
        if ($6 != "-" && $7 != "-") {
            ratio = sprintf("%.2f", $7 / $6)
            sum[$2] += log($7 / $6)
            ++count[$2]
        }
        printf row, $1, $2, $3, $4, $5, $6, $7, $8, $9, ratio, $10, substr($11, 1, 200)
        ++rows[$2]
        fflush()
    }
    END {
        for (t in rows)
            if (count[t])
                printf "geometric mean of the ratios, threads %s: %.2f (%d of %d models)\n", t, exp(sum[t] / count[t]), count[t], rows[t]
            else
                printf "threads %s: no model was run by both\n", t
    }'
