#!/bin/sh
# Ranks are killed, stopped and starved of memory, and get other data and options: the job ends as
# it must, and resumes with another number of ranks. With WEFT_RANKS_ALL=1, each of three ranks in
# turn, at several moments; otherwise, one of each kind.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/ranks/outcome.sh
. "$source/tests/ranks/outcome.sh"
epochs=60
WEFT_RANK_SECONDS=4
export WEFT_RANK_SECONDS

# only_blames RANK: no line says that another rank has failed. Rank 0 speaks for all, unless another
# rank notices first and ends the job.
only_blames()
{
    grep -Eq "^weft: (rank [0-9]+ of 3 on [^ ]*: )?rank $1 on [^ ]* has not answered" err ||
        fault "rank $1 is stopped: $(cat err)"
    [ "$(grep -c '^weft: ' err)" -eq 1 ] || fault "rank $1 is stopped, several lines: $(cat err)"
}

# hit SIGNAL RANK CODES: sends a signal to a rank once there is a checkpoint
hit()
{
    start 3
    victim=$(process_of "$2")
    await test -e run.checkpoint
    kill "-$1" "$victim"
    # shellcheck disable=SC2086 # several codes
    ended "rank $2 gets SIG$1" $3
    [ -e run.checkpoint ] || fault "rank $2 gets SIG$1: there is no checkpoint"
    [ "$1" != STOP ] || only_blames "$2"
    resumed "$4"
}

start 1
wait "$job" || fault "the whole run ends with $?: $(cat err)"
cp model.st whole.st

if [ -n "${WEFT_RANKS_ALL-}" ]; then
    for rank in 0 1 2; do
        hit KILL "$rank" "$killed" 2
        hit STOP "$rank" 11 5
        hit SEGV "$rank" "$crashed" 1
    done
else
    hit KILL 1 "$killed" 2
    hit STOP 1 11 1
    hit STOP 2 11 1 # rank 0 notices this one
fi

# ---- memory ----

allocator=$helpers/liballocation_layer.so

# begins RANK COMMANDS CODE...: this rank gets less memory before it begins
begins()
{
    special=$1 first=$2
    shift 2
    start 3
    ended "rank $special begins with $first" "$@"
    special=
}

# shrinks RANK: the memory of a rank must not grow once there is a checkpoint. Usually it needs
# more, and ends, also inside MPI; otherwise, the model is complete.
shrinks()
{
    start 3
    victim=$(process_of "$1")
    await test -e run.checkpoint
    prlimit --pid "$victim" --as=1
    unless=absent
    # shellcheck disable=SC2086 # several codes
    ended "rank $1 gets no more memory" 8 11 $killed $crashed
    unless=
    [ "$code" -ne 0 ] || same whole.st model.st "rank $1 needs no more memory"
    resumed 2
}

# lacks RANK NUMBER: this allocation of the rank fails, of those that the program makes itself. All
# ranks end with 8. If only a checkpoint fails, the training run is complete.
lacks()
{
    export WEFT_LAYER_FAIL="$2"
    begins "$1" "export LD_PRELOAD=$allocator" 8
    unset WEFT_LAYER_FAIL
    if grep -q "checkpoints\? w.* not written" err; then
        same whole.st model.st "allocation $2 of rank $1, for a checkpoint"
    fi
    resumed "$3"
}

# allocations RANK: counts the allocations of a whole run of this rank, in $all
allocations()
{
    special=$1 first="export LD_PRELOAD=$allocator"
    export WEFT_LAYER_REPORT="$work/allocations"
    start 3
    wait "$job" || fault "a run whose allocations are counted ends with $?: $(cat err)"
    unset WEFT_LAYER_REPORT
    special=
    all=$(cat allocations)
}

# Too little for the layers of another network, before the ranks compare their options.
large="ulimit -v 900000; set -- \"\$@\" --hidden 20000,20000"
device=cpu
early=.
if [ -n "${WEFT_RANKS_ALL-}" ]; then
    for rank in 0 1 2; do
        begins "$rank" "$large" 8
        for limit in 60000 150000 250000 350000 500000; do # the program hardly starts
            # shellcheck disable=SC2086 # several codes
            begins "$rank" "ulimit -v $limit" 8 11 127 $crashed
        done
        early=
        shrinks "$rank"
        allocations "$rank"
        early=.
        for part in 1 40 80 200 400 600 800 900 950 998 1000; do # thousandths
            lacks "$rank" $((all * part / 1000 + (part == 1))) 2
        done
    done
else
    begins 0 "$large" 8
    early=
    allocations 1
    lacks 1 "$all" 2 # for a score
fi

# differs WHAT CODE LINE COMMAND...: rank 2 runs another command than the others
differs()
{
    what=$1
    code=$2
    line=$3
    shift 3
    mpirun -n 2 "$weft" train --data "$sample" --epochs 1 --device "$device" --quiet : \
        -n 1 "$@" --device "$device" --quiet >out 2>err
    got=$?
    [ "$got" -eq "$code" ] || fault "$what: exit code $got, need $code: $(cat err)"
    [ "$(grep -c '^weft: ' err)" -eq 1 ] || fault "$what: not one line: $(cat err)"
    grep -qE "^weft: rank 2 (of 3 )?on [^ ]+$line" err || fault "$what: $(cat err)"
}

# A copy with one label changed, and a program that says it is another version.
cp -r "$sample" other
gzip -dc other/train-labels-idx1-ubyte.gz >labels
printf '\003' | dd of=labels bs=1 seek=20 conv=notrunc 2>/dev/null
gzip -c labels >other/train-labels-idx1-ubyte.gz
version=$("$weft" --version | sed -n 's/^weft \([0-9]*\.[0-9]*\)\.\([0-9]\)$/\1.\2/p')
LC_ALL=C sed "s/$(printf %s "$version" | sed 's/\./\\./g')/${version%.*}.9/g" "$weft" >other_weft
chmod +x other_weft

differs "other data" 11 ": the training set differs" "$weft" train --data other --epochs 1
differs "other options" 11 ": the options differ from .*: --epochs is 2, and 1 on rank 0; all" \
    "$weft" train --data "$sample" --epochs 2
differs "another version" 11 " has Weft ${version%.*}.9, " ./other_weft train --data "$sample" \
    --epochs 1
differs "no data" 5 ': "nowhere": ' "$weft" train --data nowhere --epochs 1
differs "a bad option" 2 ': --l2 x: ' "$weft" train --data "$sample" --epochs 1 --l2 x
differs "out of memory" 8 ': ' sh -c 'ulimit -v 900000; exec "$@"' sh "$weft" train \
    --data "$sample" --epochs 1 --hidden 20000,20000

differs "a file with a misleading name" 5 ': rank 1.st: ' "$weft" train --data "$sample" --epochs 1 \
    --init-model "rank 1.st"

# common WHAT CODE LINE OPTION...: two ranks end with the line of a single process
common()
{
    what=$1
    code=$2
    line=$3
    shift 3
    mpirun -n 2 "$weft" train --data "$sample" --epochs 1 --device cpu --quiet "$@" >out 2>err
    got=$?
    [ "$got" -eq "$code" ] || fault "$what: exit code $got, need $code: $(cat err)"
    grep '^weft: ' err >lines
    [ "$(wc -l <lines)" -eq 1 ] || fault "$what: not one line: $(cat err)"
    grep -q "^weft: $line" lines || fault "$what: $(cat err)"
    ! grep -q 'rank 0\|there is no checkpoint\|the last checkpoint' lines || fault "$what: $(cat err)"
}

touch exists
common "a divergence" 9 "training diverged .*; nothing was saved$" --learning-rate 1e30 \
    --optimizer sgd -o diverged.st
common "a divergence after a checkpoint" 9 \
    "training diverged .*; nothing was saved; resuming from d would diverge again$" \
    --learning-rate 1e30 --optimizer sgd -o diverged.st --checkpoint d --checkpoint-every 1batch
common "a checkpoint that exists" 2 "--checkpoint exists: the file exists; .*remove it$" \
    --checkpoint exists
common "a model in no folder" 5 "absent/m.st: .*No such file or directory$" -o absent/m.st
common "a log in no folder" 5 "absent/log: .*No such file or directory$" --log absent/log

# A device that updates the weights wrong, in one rank alone.
device=opencl
mkdir wrong
sed 's/kept - step \*/kept + step */' "$source/kernels/update.cl" >wrong/update.cl
cmp -s wrong/update.cl "$source/kernels/update.cl" && fault "update.cl: the mistake changes nothing"
differs "a device that computes wrong" 10 ': .*computes wrong results' \
    env WEFT_KERNEL_DIR="$work/wrong" "$weft" train --data "$sample" --epochs 1

exit "$failed"
