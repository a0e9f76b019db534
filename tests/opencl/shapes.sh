#!/bin/sh
# Kernels with vectors of 1, 4 and 16 numbers, on the grids of CPUs and of GPUs, on whatever device is
# here: all compute what the reference computes, and train as well.
#
#     shapes.sh PROGRAM LAYER SOURCE
#
# LAYER is not used.

program=$(realpath "$1") || exit 1
layer=$2
source=$(realpath "$3") || exit 1
# shellcheck source=tests/opencl/common.sh
. "$source/tests/opencl/common.sh"

# run SHAPE ARGUMENT...: weft in this shape; leaves code, out and err
run() {
    WEFT_DEVICE_SHAPE=$1
    export WEFT_DEVICE_SHAPE
    shift
    "$program" "$@" >out 2>err </dev/null
    code=$?
}

run gpu:2 check --device opencl
check "an unknown shape: code $code" test "$code" -eq 2
check 'it is named' grep -q 'WEFT_DEVICE_SHAPE: unknown shape "gpu:2"' err

# 300 pictures, which every shape learns as the CPU backend does.
accuracy() {
    sed -n 's/.*"train":{"accuracy":\(0\.[0-9]*\|1\.0\).*/\1/p' out | awk '{ print int(1000 * $1) }'
}
train="train --data $source/data/fashion-sample --epochs 15 --batch-size 50 --hidden 20 --batch-norm
    --dropout 0.1 -q --json"
# shellcheck disable=SC2086 # no argument has a blank
run '' $train --device cpu
expected=$(accuracy)
check "accuracy of the CPU backend: $expected of 1000" test "$expected" -ge 800

for shape in cpu:1 cpu:4 gpu gpu:4 gpu:16; do
    for preset in article default; do
        run $shape check --device opencl --preset $preset
        tail -n 1 out
        check "$shape, $preset: code $code, $(tail -n 1 err)" test "$code" -eq 0
    done
    # shellcheck disable=SC2086
    run $shape $train --device opencl
    check "$shape, training: code $code, $(tail -n 1 err)" test "$code" -eq 0
    check "$shape, accuracy: $(accuracy) of 1000" test "$(($(accuracy) + 7))" -ge "$expected"
done

# CPUs without AVX-512 have smaller panels, of which two may share columns, and smaller blocks.
mkdir narrow
for kernels in lanes product_blocked; do
    { echo '#undef __AVX512F__' && cat "$source/kernels/$kernels.cl"; } >narrow/$kernels.cl
done
for network in '--hidden 600,500,39 --batch-size 64' '--preset article'; do
    export WEFT_KERNEL_DIR=narrow
    # shellcheck disable=SC2086
    run cpu check --device opencl $network
    unset WEFT_KERNEL_DIR
    check "without AVX-512, $network: code $code, $(tail -n 1 err)" test "$code" -eq 0
    check "without AVX-512, $network: $(grep -h 'computed wrong' out err)" \
        sh -c '! grep -q "computed wrong" out err'
done

finish
