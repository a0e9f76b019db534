#!/bin/sh
# Ranks on two machines, which are two network namespaces with a slow wire: the same bytes as on one,
# and a wire that is cut ends the job. Without the right to make namespaces, the test is skipped.
# With WEFT_RANKS_LIST, only these numbers of ranks are compared, and no wire is cut.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/ranks/outcome.sh
. "$source/tests/ranks/outcome.sh"
# shellcheck source=tests/ranks/network.sh
. "$source/tests/ranks/network.sh"
may_make_networks || exit 77
make_network 100mbit || exit 1

train() # COMMAND...
{
    "$@" train --data "$sample" --epochs 2 --slices 8 --device cpu --hidden 64,32 --batch-norm \
        --batch-size 50 --quiet -o model.st >out 2>err || fault "$* ends with $?: $(cat err)"
}

train "$weft"
mv model.st alone.st
for ranks in ${WEFT_RANKS_LIST-2 3 5 8}; do
    train over_network "$ranks" "$weft"
    same alone.st model.st "$ranks ranks on two machines"
done

# Streamed samples give the same bytes, too: each rank reads the samples of its slices.
stream() # COMMAND...
{
    "$@" train --data many.csv --target y --epochs 1 --slices 8 --device opencl \
        --device-memory 230KiB --hidden 5,3 --batch-size 200 -o model.st >out 2>err ||
        fault "$* ends with $?: $(cat err)"
    grep -q 'will be streamed' out err || fault "$*: nothing is streamed: $(cat out err)"
}

seq 1 20000 | awk 'BEGIN { print "a,b,c,d,y" }
    { printf "%d,%d,%d,%d,%d\n", $1 % 7, $1 % 11, $1 % 13, $1 % 17, $1 % 2 }' >many.csv
stream "$weft"
mv model.st alone.st
stream over_network 3 "$weft"
same alone.st model.st "3 ranks with streamed samples on two machines"

[ -z "${WEFT_RANKS_LIST-}" ] || exit "$failed"

# The ranks of the far machine end, too.
WEFT_JOB=$work WEFT_RANK_SECONDS=4
export WEFT_JOB WEFT_RANK_SECONDS
over_network 2 -x WEFT_JOB -x WEFT_RANK_SECONDS "$weft" train --data "$sample" --epochs 2000 \
    --slices 8 --device cpu --hidden 64 --quiet --checkpoint run.checkpoint \
    --checkpoint-every 10batches >out 2>err &
job=$!
await test -e run.checkpoint
cut_network
ended "a wire that is cut" 1 11 143 255 # Open MPI may end the process first

exit "$failed"
