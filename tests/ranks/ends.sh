#!/bin/sh
# Ranks are killed and stopped, and get other data and options: the job ends as it must, and resumes
# with another number of ranks. With WEFT_RANKS_ALL=1, each of three ranks in turn, at several
# moments; otherwise, one of each kind.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/ranks/outcome.sh
. "$source/tests/ranks/outcome.sh"
epochs=60
WEFT_RANK_SECONDS=4
export WEFT_RANK_SECONDS

# hit SIGNAL RANK CODES: sends a signal to a rank once there is a checkpoint
hit()
{
    start 3
    victim=$(process_of "$2")
    for _ in $(seq 300); do
        [ ! -e run.checkpoint ] || break
        sleep 0.1
    done
    kill "-$1" "$victim"
    # shellcheck disable=SC2086 # several codes
    ended "rank $2 gets SIG$1" $3
    [ -e run.checkpoint ] || fault "rank $2 gets SIG$1: there is no checkpoint"
    resumed "$4"
}

start 1
wait "$job" || fault "the whole run ends with $?: $(cat err)"
cp model.st whole.st

if [ -n "${WEFT_RANKS_ALL-}" ]; then
    for rank in 0 1 2; do
        hit KILL "$rank" 137 2
        hit STOP "$rank" 11 5
        hit SEGV "$rank" 139 1
    done
else
    hit KILL 1 137 2
    hit STOP 0 11 1
fi

exit "$failed"
