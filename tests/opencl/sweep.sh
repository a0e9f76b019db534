#!/bin/sh
# Every OpenCL call that fails ends well: sweep.sh PROGRAM LAYER SOURCE FIRST STEP [SUBJECT...].
#
# Each subject runs again and again; in the n-th run the n-th of its calls that can fail does,
# n = FIRST, FIRST + STEP, FIRST + 2 STEP, ... until there is none with that number (devices: every
# n, its calls are few); each tenth time with a lost device: that call and all after it. A run has to end with
#
#   - code 7, or 6 where devices are looked for, and one error line; the old model untouched, or after a whole epoch that
#     epoch's in its place, as the line says; or
#   - code 0, and then with the very results of a run in which nothing failed, where the failing
#     call is one of those in not_needed; or
#   - code 7, and the right model: a checkpoint alone was not written; or
#   - code 0, and a note that a device is left out of the list, which then lacks it; or
#   - code 0, and a note that the call failed and another setting of CLBlast is in force since: what
#     fails while products are tested is taken for that setting's fault;
#
# and every object given back, those of CLBlast too: what CLBlast throws it catches (1.5.3: no call
# of it leaks or ends the process, so there is no list of exceptions).
# shellcheck disable=SC2086,SC2034,SC2154,SC2317 # options are words; common.sh and its variables

program=$(realpath "$1") || exit 1
layer=$(realpath "$2") || exit 1
source=$(realpath "$3") || exit 1
first=$4
step=$5
shift 5
[ $# -gt 0 ] || set -- train train-fused evaluate predict devices
# shellcheck source=tests/opencl/common.sh
. "$source/tests/opencl/common.sh"

# One platform alone: where one of several fails, the devices of the others are still there.
if [ -e /etc/OpenCL/vendors/pocl.icd ]; then
    mkdir vendors
    cp /etc/OpenCL/vendors/pocl.icd vendors
    export OCL_ICD_VENDORS="$PWD/vendors/"
fi

# clFinish: waits before buffers are released, and OpenCL itself holds them until queued commands are
# done. clGetMemObjectInfo: asks a buffer that is released how large it was, for the account of what
# is free; a failure makes that account pessimistic, no more.
# clEnqueueUnmapMemObject: gives pinned memory back before it is released; where a mapped buffer is
# still needed, a failure ends the run.
not_needed='clFinish clGetMemObjectInfo clEnqueueUnmapMemObject'

# Samples that do not fit, so that each batch is copied while the one before is computed.
streaming='--data many.csv --target class --hidden 3 --device-memory 350KiB --batch-size 1000 --epochs 1
    --device opencl --gemm own --quiet'
awk 'BEGIN { OFS = ","
    print "a,b,c,d,e,f,g,h,class"
    for (i = 0; i < 3000; i++)
        print i % 7, i % 11, i % 13 / 4, i % 5, i % 17, i % 3, i % 19, i % 23, (i % 7 > 3 ? "no" : "yes") }' >many.csv

training='--preset xor --epochs 2 --device opencl --quiet'
# Two batches an epoch, with every array that a training may have.
durable="$training --batches 2 --gemm own --optimizer adam --ema 0.9 --log log -o model --checkpoint run.ck
    --checkpoint-every 1batch"

# What a model is scored on, for a model that was saved after a failure.
scored=xor

# subject NAME FAILING: one run; FAILING may be empty. What it gave is the file `result`.
subject() {
    case $1 in
    train | train-fused)
        echo 'an old model' >model
        if [ "$1" = train ]; then gemm=clblast; else gemm=own; fi
        weft WEFT_LAYER_FAIL="$2" -- train $training --gemm $gemm -o model
        cp model result
        ;;
    stream)
        echo 'an old model' >model
        scored=many.csv
        weft WEFT_LAYER_FAIL="$2" -- train $streaming -o model
        cp model result
        ;;
    checkpoint)
        rm -f run.ck log
        echo 'an old model' >model
        weft WEFT_LAYER_FAIL="$2" -- train $durable
        cp model result
        ;;
    resume) # the checkpoint of a training that has lost its device in the second epoch
        rm -f log
        cp kept.ck run.ck
        echo 'an old model' >model
        weft WEFT_LAYER_FAIL="$2" -- train --resume run.ck
        cp model result
        ;;
    evaluate | predict)
        weft WEFT_LAYER_FAIL="$2" -- "$1" --model xor --data xor --device opencl
        cp out result
        ;;
    devices)
        weft WEFT_LAYER_FAIL="$2" -- devices --json
        cp out result
        ;;
    esac
}

repaired() {
    grep -q '^note: .* does not run; using ..*: ' err
}

# left_out NAME: the one device is not in the list, for it cannot be described, and that is said.
left_out() {
    [ "$1" = devices ] && grep -q '"devices":\[\]' out &&
        [ "$(grep -c '^note: OpenCL device 0 is left out: ..*' err)" -eq 1 ]
}

# saved: a whole epoch is not lost
saved() {
    grep -q '^weft: .*; the last good model, of epoch [12], is saved as model\(; resume with: .*\)*$' err &&
        "$program" evaluate --model model --data "$scored" --device cpu >/dev/null 2>&1
}

# The result of a run whose call failed is the right one or none. With another setting its last bits
# may be others.
result_is_right() {
    case $code,$1 in
    0,*) [ -s result ] && { repaired || left_out "$1" || cmp -s result "right_$1"; } ;;
    *,checkpoint | *,resume) saved || [ "$(head -c 12 model)" = 'an old model' ] || cmp -s result "right_$1" ;;
    *,train | *,train-fused | *,stream) saved || [ "$(head -c 12 model)" = 'an old model' ] ;;
    *,devices | *,evaluate) [ ! -s out ] ;;
    *,predict) [ "$(wc -l <out)" -le 1 ] ;; # the header may be out
    esac
}

code_is_right() {
    case $code in
    0) repaired || left_out "$1" || echo " $not_needed " | grep -q " $(failed_call) " ;;
    6) failed_call | grep -qE '^clGet(Platform|Device)' ;;
    7) true ;;
    *) false ;;
    esac
}

# resumable NAME: after a failure, the last checkpoint leads to the right model. Once a training has
# begun, the message has the command.
resumable() {
    case $1 in checkpoint | resume) ;; *) return 0 ;; esac
    [ -e run.ck ] || [ "$1" = checkpoint ] || return 1
    [ -e run.ck ] || return 0
    if repaired; then return 0; fi
    if [ "$code" -eq 7 ] && ! cmp -s result "right_$1" && grep -q 'saved' err; then
        grep -q '; resume with: weft train --resume run\.ck$' err || return 1
    fi
    weft -- train --resume run.ck
    [ "$code" -eq 0 ] && cmp -s model "right_$1"
}

weft -- train $training -o xor
check 'nothing to compare with' test -s xor
for name in "$@"; do
    if [ "$name" = resume ]; then
        subject checkpoint ''
        subject checkpoint "$(($(awk '$1 == "calls" { print $2 }' report) - 150))-"
        check 'resume: not interrupted' test "$code" -eq 7 -a -s run.ck
        mv run.ck kept.ck
    fi
    subject "$name" ''
    check "$name" test "$code" -eq 0
    mv result "right_$name"
    total=$(awk '$1 == "calls" { print $2 }' report)
    check "$name: only $total calls" test "$total" -ge 10
    runs=0
    n=$first
    while [ "$n" -le "$total" ]; do
        runs=$((runs + 1))
        if [ $((runs % 10)) -eq 0 ]; then failing=$n-; else failing=$n; fi
        subject "$name" "$failing"
        what="$name, call $failing of $total ($(failed_call))"
        check "$what: exit code $code" code_is_right "$name"
        check "$what: errors" one_error
        check "$what: objects" balanced
        check "$what: result" result_is_right "$name"
        check "$what: checkpoint" resumable "$name"
        if [ "$name" = devices ]; then n=$((n + 1)); else n=$((n + step)); fi
    done
    printf '%s: %d of %d calls failed\n' "$name" "$runs" "$total"
done

finish
