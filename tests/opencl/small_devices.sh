#!/bin/sh
# Training on devices that are smaller than any of today:
#
#     small_devices.sh PROGRAM KEEP SOURCE pocl
#     small_devices.sh PROGRAM KEEP SOURCE oclgrind WRONG
#
# Both show devices with small work-groups and little memory; Oclgrind, a
# simulator, also tells of races and of reads of what was never written, in Weft's kernels and in
# CLBlast's: there are none. KEEP is liboclgrind_buffers.so, without which Oclgrind tells of many
# that are not there, as it does of WRONG (oclgrind_wrong.c).
# shellcheck disable=SC2086,SC2317 # options are words; checks are called by name

program=$(realpath "$1") || exit 1
keep=$(realpath "$2") || exit 1
source=$(realpath "$3") || exit 1
kind=$4
wrong=$([ $# -lt 5 ] || realpath "$5")
layer=''
# shellcheck source=tests/opencl/common.sh
. "$source/tests/opencl/common.sh"
# shellcheck source=tests/cli/data.sh
. "$source/tests/cli/data.sh"

xor='train --preset xor --epochs 2'
softmax='train --data folder --hidden 7 --batch-size 17 --epochs 1 --l1 0.01 --l2 0.01'
article='train --data folder --preset article --batches 3 --epochs 1'

# More samples than the device holds, so that they are streamed: a short batch after a long one
rows_of_nine 3000 >many.csv
streamed='train --data many.csv --target class --hidden 3 --batch-size 900 --epochs 1 --device-memory 335KiB'

# expect OPTIONS: the CPU backend's results, which need no device
expect() {
    "$program" $1 --device cpu >expected 2>err </dev/null
    check "$1: without a device: exit code $?" test -s expected
}

# same_results: out has the accuracies and errors of `expected`, to the last printed digit but one
same_results() {
    awk 'NF >= 5 && $4 == "%" { print $1, $2, $3, $5 }' expected >want
    awk 'NF >= 5 && $4 == "%" { print $1, $2, $3, $5 }' out | paste -d ' ' want - | awk '
        { error = $4 - $8; rows++ }
        $1 != $5 || $2 != $6 || $3 != $7 || error > 2e-5 * $4 || error < -2e-5 * $4 { bad = 1 }
        END { exit bad || rows == 0 }'
}

# trains WHERE OPTIONS: the run that left code, out and err was right
trains() {
    check "$1: $2: exit code $code" test $code -eq 0
    check "$1: $2: errors" test "$(grep -c '^weft: ' err)" -eq 0
    check "$1: $2: other results" same_results
}

# on_pocl WORK-GROUP OPTIONS
on_pocl() {
    POCL_MEMORY_LIMIT=1 POCL_MAX_WORK_GROUP_SIZE=$1 \
        "$program" $2 --device opencl >out 2>err </dev/null
    code=$?
}

# with_oclgrind OCLGRIND-OPTIONS COMMAND...: with KEEP; what it reports is the file log
with_oclgrind() {
    settings=$1
    shift
    rm -f log
    oclgrind $settings --data-races --uninitialized --check-api --log log \
        sh -c "LD_PRELOAD=$keep:\$LD_PRELOAD exec \"\$@\"" sh "$@" >out 2>err </dev/null
    code=$?
}

# on_oclgrind OCLGRIND-OPTIONS OPTIONS
on_oclgrind() {
    with_oclgrind "$1" "$program" $2 --device opencl
}

pocl() {
    for options in "$xor" "$softmax" "$article" "$streamed"; do
        expect "$options"
        for group in 1 8 16 64 100; do
            on_pocl $group "$options"
            trains "PoCL, work-groups of $group" "$options"
        done
    done
}

oclgrind_small() {
    for options in "$xor" "$softmax" "$article"; do
        expect "$options"
        for device in '' '--max-wgsize 64' '--max-wgsize 16' '--max-wgsize 1' \
            '--local-mem-size 16384' '--local-mem-size 1024'; do
            on_oclgrind "$device" "$options"
            trains "Oclgrind $device" "$options"
            check "Oclgrind $device: $options: reports" test ! -s log
            [ ! -s log ] || head -n 20 log >&2
        done
    done
}

# Oclgrind runs commands one after the other, so it tells of what is read before it was copied.
oclgrind_streams() {
    expect "$streamed"
    on_oclgrind '' "$streamed"
    trains 'Oclgrind' "$streamed"
    check 'Oclgrind: nothing is streamed' grep -q '^note: the training set will be streamed' err
    check "Oclgrind: $streamed: reports" test ! -s log
    [ ! -s log ] || head -n 20 log >&2
}

# Too small for any work: told before training, with what is needed and what there is.
oclgrind_too_small() {
    device='--global-mem-size 16384'
    on_oclgrind "$device" "$xor -o model"
    check "Oclgrind $device: exit code $code" test $code -eq 7
    check "Oclgrind $device: numbers" \
        grep -qE '^weft: Oclgrind.*: need .*[0-9]+ bytes.*, available .*[0-9]' err
    check "Oclgrind $device: trained" test ! -e model
}

# Too small for CLBlast's kernels: Weft's own products stand in, and that is said.
oclgrind_without_clblast() {
    on_oclgrind '--local-mem-size 1024' "$xor"
    check "Oclgrind without room for CLBlast: exit code $code" test $code -eq 0
    check "Oclgrind without room for CLBlast: note" \
        grep -q "using Weft's own kernels" err
}

# Oclgrind would tell: padding that is not zeroed, and a sum without its barriers.
oclgrind_would_tell() {
    mkdir unwritten racing
    sed '/void gather_rows/,/^}/s/^    lanes_store(values, /    if (present) &/' \
        "$source/kernels/data.cl" >unwritten/data.cl
    sed 's/^        barrier(CLK_LOCAL_MEM_FENCE);//' "$source/kernels/reduce.cl" >racing/reduce.cl
    for folder in unwritten racing; do
        for file in "$folder"/*; do
            check "$file has no mistake" sh -c "! cmp -s '$file' '$source/kernels/${file##*/}'"
        done
        WEFT_KERNEL_DIR=$PWD/$folder
        export WEFT_KERNEL_DIR
        with_oclgrind '' "$program" $xor --device opencl
        unset WEFT_KERNEL_DIR
        check "nothing $folder was told" grep -qi "uninitialized\|data race" log
    done
}

# Why liboclgrind_buffers.so is needed: without it Oclgrind tells of programs that write all that
# they read.
oclgrind_is_wrong() {
    for kind_of_wrong in address fill; do
        oclgrind --uninitialized --log false_log "$wrong" $kind_of_wrong >out 2>err </dev/null
        code=$?
        check "oclgrind_wrong $kind_of_wrong: exit code $code" test $code -eq 0
        check "oclgrind_wrong $kind_of_wrong: liboclgrind_buffers.so is needed no more" \
            grep -q 'Uninitialized value' false_log
        with_oclgrind '' "$wrong" $kind_of_wrong
        check "oclgrind_wrong $kind_of_wrong, with it: exit code $code" test $code -eq 0
        check "oclgrind_wrong $kind_of_wrong, with it: reports" test ! -s log
    done
}

case $kind in
pocl) pocl ;;
oclgrind)
    oclgrind_small
    oclgrind_streams
    oclgrind_too_small
    oclgrind_without_clblast
    oclgrind_would_tell
    oclgrind_is_wrong
    ;;
*) check "what is $kind?" false ;;
esac
finish
