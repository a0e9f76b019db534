#!/bin/sh
# The work of tools/rank-cost: cost.sh WEFT HELPERS FOLDER BUILD RATE...
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/ranks/network.sh
. "$source/tests/ranks/network.sh"
shift 4

for numbers in 1000 235146 1863690; do
    for ranks in 2 3 4; do
        for slices in "$ranks" 8; do
            mpirun -n "$ranks" "$helpers/exchange" time "$slices" "$numbers" | grep -v '^ok'
        done
    done
done
may_make_networks || exit 0
for rate; do
    make_network "$rate" || exit 1
    for numbers in 1000 235146 1863690; do
        for slices in 2 8; do
            printf '%s: ' "$rate"
            over_network 2 "$helpers/exchange" time "$slices" "$numbers" | grep -v '^ok'
        done
    done
    remove_network
done
