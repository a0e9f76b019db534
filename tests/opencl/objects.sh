#!/bin/sh
# Every command gives back every OpenCL object, however it ends: objects.sh PROGRAM LAYER SOURCE.
#
# PROGRAM runs under LAYER (opencl_layer.c), which counts what is made and what is released, by Weft
# and by CLBlast alike; SOURCE is the folder of the project.
# shellcheck disable=SC2086,SC2034,SC2154,SC2317 # options are words; common.sh and its variables

program=$(realpath "$1") || exit 1
layer=$(realpath "$2") || exit 1
source=$(realpath "$3") || exit 1
# shellcheck source=tests/opencl/common.sh
. "$source/tests/opencl/common.sh"
# shellcheck source=tests/cli/data.sh
. "$source/tests/cli/data.sh"

# run CODE [NAME=VALUE...] -- ARGUMENT...
run() {
    expected=$1
    shift
    weft "$@"
    check "$*: exit code $code, not $expected" test "$code" -eq "$expected"
    check "$*: not one error" one_error
    check "$*: objects" balanced
}

# used: the run before this one had the device at work, so that its balance means something
used() {
    for kind in context queue program kernel memory; do
        check "no $kind was made" test "$(made $kind)" -gt 0
    done
}

# The layer counts every call that Weft and CLBlast may make.
clblast=$(ldd "$program" | awk '/libclblast/ { print $3 }')
check 'no CLBlast' test -n "$clblast"
for symbol in $(nm -D --undefined-only "$program" "$clblast" | grep -o ' cl[A-Z][A-Za-z]*' | sort -u); do
    check "the layer does not know $symbol" grep -qw "layer_$symbol\|$symbol" \
        "$source/tests/opencl/opencl_layer.c"
done

few='--epochs 2 --device opencl'

# ---- what ends well

run 0 -- train --preset xor $few -o xor
used
run 0 -- train --data folder --hidden 4 --holdout 0.25 --l1 0.01 --l2 0.01 $few --gemm clblast
used
check 'CLBlast made no event' test "$(made event)" -gt 0
run 0 -- train --data folder --hidden 4 --holdout 0.25 --l1 0.01 --l2 0.01 $few --log log -o model \
    --gemm own
used
run 0 -- train --data folder --preset article --batches 3 $few
used
run 0 -- evaluate --model model --data folder --device opencl
used
run 0 -- predict --model model --data folder --device opencl --json
used
run 0 -- bench --data folder --hidden 4 --device opencl --profile -q # of this process; its children end at once
used
run 0 -- devices
run 0 -- devices --json

# A device that cannot be described hides no other: of PoCL's two here, each in its turn.
listed() {
    grep -o '"index":[0-9]*' out | tr -d '\n'
}
export POCL_DEVICES='basic pthread'
run 0 -- devices --json
check 'no two devices' test "$(listed)" = '"index":0"index":1'
calls=$(awk '$1 == "calls" { print $2 }' report)
left_out=''
call=1
while [ $call -le "$calls" ]; do
    weft WEFT_LAYER_FAIL=$call -- devices --json
    for device in 0 1; do
        if grep -q "^note: OpenCL device $device is left out: ..*" err; then
            left_out="$left_out $device"
            check "call $call: exit code $code" test $code -eq 0
            check "call $call: the other device" test "$(listed)" = "\"index\":$((1 - device))"
        fi
    done
    call=$((call + 1))
done
unset POCL_DEVICES
check "left out were:$left_out" test "$(echo $left_out | tr ' ' '\n' | sort -u | tr -d '\n')" = 01

# ---- an epoch more makes no buffer, no view and, by Weft's own kernels, no kernel object

# more NAME: calls by which the last of the two runs of `longer` differs
more() {
    echo $(($(called "$1" report) - $(called "$1" shorter)))
}
called() {
    awk -v name="$1" '$1 == "called" && $2 == name { n = $3 } END { print n + 0 }' "$2"
}
# longer OPTION...: a training of two epochs, and one of three
longer() {
    run 0 -- train --device opencl --epochs 2 "$@"
    mv report shorter
    run 0 -- train --device opencl --epochs 3 "$@"
    check "$*: kernels that run" test "$(more clEnqueueNDRangeKernel)" -gt 0
    check "$*: clCreateBuffer in each epoch" test "$(more clCreateBuffer)" -eq 0
}
ln -s "$source/data/fashion-sample" sample
longer --data sample --preset article --batch-size 64 --gemm clblast
# own OTHERS OPTION...: with Weft's own kernels, an epoch more sets at most one argument for each of its
# launches, and OTHERS more
own() {
    others=$1
    shift
    longer "$@" --gemm own
    check "$*: kernel objects in each epoch" test "$(more clCreateKernel)" -eq 0
    check "$*: $(more clSetKernelArg) arguments of $(more clEnqueueNDRangeKernel) launches set" \
        test "$(more clSetKernelArg)" -le $(($(more clEnqueueNDRangeKernel) + others))
}
own 0 --data folder --preset article --batch-size 4
own 1 --data folder --hidden 3,4,5 --batch-size 4 --optimizer adam --dropout 0.1 # the epoch of dropout

# ---- a step by operation has at most 3 L + 4 launches for L layers, and a constant for the rest

# step_launches MOST OPTION...: one training step has at most MOST launches. With half the batch size,
# an epoch has three steps more.
step_launches() {
    most=$1
    shift
    longer --data sample --gemm own --batch-size 50 "$@"
    launches=$(more clEnqueueNDRangeKernel)
    longer --data sample --gemm own --batch-size 100 "$@"
    launches=$((launches - $(more clEnqueueNDRangeKernel)))
    check "$*: $launches launches in three steps" test $launches -gt 0
    check "$*: $launches launches in three steps" test $launches -le $((3 * most))
}
layers=3
step_launches $((3 * layers + 4)) --preset default
step_launches $((3 * layers + 4 + 2 + 1)) --preset default --clip-norm 1 --ema 0.9
layers=7
step_launches $((3 * layers + 4)) --hidden 128,128,128,128,128,128
layers=4
step_launches $((3 * layers + 4 + 3 * 9)) --hidden 64,128,64 --batch-norm --dropout 0.2
step_launches $((3 * layers + 4 + 3 * 9 + 1)) --preset best # augmentation
layers=3
step_launches $((3 * layers + 4 + 2 * 9 + 1)) --preset best-plain # dropout of the features

# ---- a fused step has at most 7 launches, however many layers, and one each for targets that are no
# labels and for another optimizer

step_launches 7 --hidden 50 --activation sigmoid --optimizer sgd --dropout 0
step_launches 8 --hidden 128 # AdamW, dropout and smoothed labels
step_launches 8 --hidden 20,20,20,20,20 --activation gelu
step_launches $((8 + 2 + 1)) --hidden 128 --clip-norm 1 --ema 0.9

# ---- a small network on a GPU has at most 8 launches a step, and one each for targets that are no
# labels and for another optimizer

export WEFT_DEVICE_SHAPE=gpu
step_launches 8 --hidden 50 --activation sigmoid --optimizer sgd --dropout 0
step_launches 9 --hidden 128 # AdamW, dropout and smoothed labels
step_launches 9 --hidden 20,20,20,20,20 --activation gelu
step_launches $((9 + 2 + 1)) --hidden 128 --clip-norm 1 --ema 0.9

# Larger networks run by operation, as on CPUs. Each product whose sum is cut into slices takes one more
# launch: here the forward products of 784 features and of 256 units.
step_launches $((3 * layers + 4 + 2)) --preset default
step_launches $((3 * layers + 4 + 2 + 2 + 1)) --preset default --clip-norm 1 --ema 0.9
layers=7
step_launches $((3 * layers + 4 + 1)) --hidden 64,64,64,64,64,64 --dropout 0.2 --label-smoothing 0.1
layers=4
step_launches $((3 * layers + 4 + 1 + 3 * 9)) --hidden 64,128,64 --batch-norm --dropout 0.2
unset WEFT_DEVICE_SHAPE

# ---- what does not (bad options and bad data are refused before any OpenCL call)

run 5 -- train --preset xor $few -o /dev/full
used
run 6 -- train --preset xor --epochs 2 --device 77
run 9 -- train --data folder --head identity --learning-rate 1e30 $few -o diverged
used

# Kernels that are wrong, that do not build, and that are not there
mkdir wrong broken missing
sed 's/p\[i\] = clamp(z\[i\], 0.0f, 1.0f);/p[i] = clamp(z[i], 0.0f, 1.0f) + 0.01f;/' \
    "$source/kernels/activation.cl" >wrong/activation.cl
check 'nothing was made wrong' test "$(diff "$source/kernels/activation.cl" wrong/activation.cl |
    grep -c '^>')" -eq 1
run 10 WEFT_KERNEL_DIR=wrong -- train --preset xor $few -o xor
used
echo 'this is no kernel' >broken/activation.cl
run 7 WEFT_KERNEL_DIR=broken -- train --preset xor $few -o xor
check 'the file is not named' grep -q 'kernels/activation.cl' err
sed 's/softmax_rows/soft_max_rows/' "$source/kernels/losses.cl" >missing/losses.cl
run 7 WEFT_KERNEL_DIR=missing -- train --preset xor $few -o xor
check 'the kernel is not named' grep -q 'softmax_rows' err
run 7 WEFT_KERNEL_DIR=broken -- predict --model model --data folder --device opencl

# A signal in the middle of a training
rm -f report log
OPENCL_LAYERS="$layer" WEFT_LAYER_REPORT="$PWD/report" env --default-signal=INT "$program" train \
    --data folder --epochs 100000000 --device opencl --log log -o stopped >out 2>err &
tries=0
while [ ! -s log ] && [ $tries -lt 600 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
kill -INT $!
wait $!
code=$?
check "SIGINT: exit code $code" test $code -eq 130
check 'SIGINT: objects' balanced
used

finish
