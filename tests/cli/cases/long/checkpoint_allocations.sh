# Every allocation of the program fails in turn while checkpoints are written, and while one is read
# and resumed. Each run ends with exit code 8, and the last checkpoint still leads to the same bytes.
#
# WEFT_FAULT_STEP=N makes each N-th allocation fail (default: each one). WEFT_ALLOCATION_LAYER is the
# file of allocation_layer.c.

step=${WEFT_FAULT_STEP:-1}
training='train --data table.csv --target kind --hidden 4 --batches 2 --epochs 2 --ema 0.9 --device cpu -q
    -o model --log log --checkpoint run.ck'
i=0
echo 'x,y,kind' >table.csv
while [ $i -lt 40 ]; do
    echo "$((i * 7 % 11)),$((i * 5 % 13)),kind$((i % 2))" >>table.csv
    i=$((i + 1))
done

# failing N ARGUMENT...: a run with one thread, whose N-th allocation fails
failing() {
    n=$1
    shift
    rm -f report
    timeout -s KILL 60 env OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 LD_PRELOAD="$WEFT_ALLOCATION_LAYER" \
        WEFT_LAYER_REPORT=report WEFT_LAYER_FAIL="$n" "$program" "$@" >out 2>err </dev/null
}

# prepare PART: an empty place, or that of the interrupted training
prepare() {
    rm -f run.ck log model
    [ "$1" = write ] || { cp kept.ck run.ck && cp kept.log log; }
}

# sweep PART ARGUMENT...: each allocation of this run fails in a run of its own
sweep() {
    part=$1 faults=0 resumed=0
    shift
    prepare "$part"
    failing 0 "$@"
    outcome 0 $? "$part"
    total=$(cat report)
    at=$step
    while [ "$at" -le "$total" ]; do
        prepare "$part"
        failing $at "$@"
        outcome 8 $? "$part: allocation $at of $total"
        check "$part: allocation $at: something is left" \
            test "$(find . -name '.weft-*' -o -name '*.lock' | wc -l)" -eq 0
        [ "$part" = write ] || check "$part: allocation $at: the checkpoint is gone" test -e run.ck
        if [ -e run.ck ]; then
            weft 0 train --resume run.ck
            check "$part: allocation $at: the model differs" cmp -s model whole
            resumed=$((resumed + 1))
        fi
        faults=$((faults + 1))
        at=$((at + step))
    done
    printf '%s: %d of %d allocations failed, %d checkpoints resumed\n' "$part" $faults "$total" $resumed
    check "$part: only $total allocations" test "$total" -ge 1000
}

# shellcheck disable=SC2086 # each option is a word
{
    weft 0 $training --checkpoint-every 3batches
    mv model whole
    cp run.ck kept.ck
    cp log kept.log
    sweep write $training --checkpoint-every 1batch
    sweep resume train --resume run.ck
}
rm -f table.csv whole kept.ck kept.log run.ck log model report
