#!/bin/sh
# Calls of MPI fail in turn, on each of two ranks: the job ends, a rank says why, and nothing is
# left. With WEFT_RANKS_ALL=1, every call fails; otherwise, one call of some functions.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/ranks/outcome.sh
. "$source/tests/ranks/outcome.sh"
layer=$helpers/mpi_layer.so

# fails FUNCTION NUMBER RANK OPTION.... Heartbeats come with the time, so a faster run than the one that was
# counted may have fewer of these calls, and then it ends well.
fails()
{
    WEFT_MPI_FAILED=$work/injected
    export WEFT_MPI_FAILED
    rm -f injected
    case $1 in
        MPI_Isend | MPI_Irecv | MPI_Test) unless=$WEFT_MPI_FAILED ;;
        *) unless= ;;
    esac
    WEFT_MPI_FAIL=$1:$2:$3
    export WEFT_MPI_FAIL
    codes=11
    case $1 in MPI_Init*) codes=$no_start ;; esac
    call="call $2 of $1 on rank $3"
    shift 3
    start 2 "$@"
    # shellcheck disable=SC2086 # several codes
    ended "$call${1:+ with $*}" $codes
}

# once RANK: one line says how the job ended, apart from what the other rank says
once()
{
    [ "$(grep -c "^weft: .*rank $1 .*MPI_Iallgather" err)" -le 1 ] || fault "$what: twice: $(cat err)"
    [ "$(grep -c '^weft: ' err)" -le 2 ] || fault "$what: several lines: $(cat err)"
}

WEFT_MPI_COUNTS=$work/counts
export WEFT_MPI_COUNTS
start 2 --batch-size 10
wait "$job" || fault "the run without a fault ends with $?: $(cat err)"
unset WEFT_MPI_COUNTS
# A batch costs a sum and the parameters; wishes to stop travel with the sum. The rest is for each
# epoch, and for each checkpoint, which has two arrays of the optimizer.
number_of() { sed -n "s/^$1 //p" counts; }
sums=$(number_of MPI_Ialltoallv)
rest=$(($(number_of MPI_Iallgatherv) - sums))
[ "$sums" -ge 12 ] || fault "$sums sums, need one for each batch"
[ "$rest" -lt $((2 * sums)) ] || fault "$rest exchanges beside $sums sums"
cp model.st whole.st

# The layer has all calls, except for those that are made only after a failure, or for --version, or
# if the program has started MPI.
for call in $(nm -D --undefined-only "$weft" | sed -n 's/.* \(MPI_[A-Z][a-z_]*\).*/\1/p'); do
    case $call in
        MPI_Abort | MPI_Error_string | MPI_Finalized | MPI_Iprobe) ;;
        MPI_Get_library_version | MPI_Query_thread) ;;
        *) grep -q "^$call [1-9]" counts || fault "the layer has no $call: $(cat counts)" ;;
    esac
done

if [ -n "${WEFT_RANKS_ALL-}" ]; then
    WEFT_MPI_COUNTS=$work/counts start 2 # larger batches, as in the runs that fail
    wait "$job" || fault "the run without a fault ends with $?: $(cat err)"
    while read -r name count; do
        for number in $(seq "$count"); do
            fails "$name" "$number" 0
            fails "$name" "$number" 1
        done
    done <counts
else
    fails MPI_Initialized 1 0
    fails MPI_Init_thread 1 1
    fails MPI_Comm_dup 2 0
    fails MPI_Ialltoallv 5 1
    cp run.checkpoint a || fault "no checkpoint is left"
    fails MPI_Isend 1 0
    fails MPI_Finalize 1 1
    # The name of the checkpoint may be a part of any line.
    WEFT_MPI_FAIL=MPI_Iallgather:3:0 mpirun ${stay:+"$stay"} -n 2 env "LD_PRELOAD=$layer" "$weft" train \
        --resume a --quiet -o resumed.st >out 2>err
    grep -q '^weft: rank 0 .*; the last checkpoint is a$' err || fault "no checkpoint: $(cat err)"
    # MPI ends the process itself: before the ranks have joined, and when there is a checkpoint.
    for end in _exit exit abort raise; do
        export WEFT_MPI_END=$end
        fails MPI_Comm_dup 1 1
        grep -q '^weft: rank 1 on .*: a library has ended .*; there is no checkpoint$' err ||
            fault "$end before the ranks have joined: $(cat err)"
        fails MPI_Ialltoallv 5 1
        grep -q '^weft: rank 1 of 2 on .*: a library has ended .*; the last .* is run.checkpoint$' err ||
            fault "$end while training: $(cat err)"
        unset WEFT_MPI_END
    done
    # Neither the driver of a device nor a child that aborts hides it. Nothing starts again, and
    # control characters of a name do not reach the terminal.
    strange=$(printf 'c\033[31mk')
    for end in exit:opencl raise:opencl abort:auto vfork:cpu; do
        export WEFT_MPI_END="${end%:*}"
        fails MPI_Ialltoallv 5 1 --device "${end#*:}" --checkpoint "$strange"
        rm -f "$strange"
        grep '^weft: ' err | grep -v '^weft: rank 1 on .* has ended; ' >lines # by rank 0
        [ "$(wc -l <lines)" -eq 1 ] || fault "$end: not one line: $(cat err)"
        grep -q '^weft: rank 1 of 2 on .*: a library has .*; the last checkpoint is c?\[31mk$' lines ||
            fault "$end: $(cat -v err)"
        ! grep -q "starting again\|$(printf '\033')" err || fault "$end: $(cat -v err)"
        unset WEFT_MPI_END
    done
    for number in 2 3 4 5; do # while the ranks open their data
        fails MPI_Iallgather "$number" 0
        once 0
    done
fi

exit "$failed"
