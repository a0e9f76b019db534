#!/bin/sh
# Drivers that end the program where they should return an error, and platforms without devices:
#
#     driver_end.sh PROGRAM LAYER SOURCE
#
# LAYER is libopencl_layer.so, which calls abort() or exit() in the place of a driver. A real one
# does, too: PoCL where it finds no linker.
# shellcheck disable=SC2086,SC2317 # options are words; checks are called by name

program=$(realpath "$1") || exit 1
layer=$(realpath "$2") || exit 1
source=$(realpath "$3") || exit 1
# shellcheck source=tests/opencl/common.sh
. "$source/tests/opencl/common.sh"

# Small work takes a device only if its shape is set.
export WEFT_DEVICE_SHAPE=cpu
train='train --preset xor --epochs 3 -q --json'

# told PATTERN: the one error line names the device and the driver, and holds the pattern
told() {
    [ "$code" -eq 7 ] && one_error && grep -q "^weft: .*(driver [^)]*): .*$1" err
}

# restarted: the run went on with the CPU backend, said so, and printed its result once
restarted() {
    [ "$code" -eq 0 ] && one_error && grep -q '^note: .*starting again with --device cpu' err &&
        [ "$(grep -c '"backend": *"cpu"' out)" -eq 1 ]
}

opening() {
    [ "$code" -eq 7 ] && one_error && grep -q '^weft: --device opencl: the driver ended' err
}

# Calls of an open device, in its known-answer test and in training.
weft -- $train --device opencl
calls=$(awk '$1 == "calls" { print $2 }' report)
for end in abort exit; do
    for call in $((calls / 2)) $((calls * 3 / 4)) $((calls - 20)); do
        weft WEFT_LAYER_END=$end WEFT_LAYER_FAIL=$call -- $train --device opencl
        check "$end at call $call of $calls: code $code" told 'the driver ended the program'
        weft WEFT_LAYER_END=$end WEFT_LAYER_FAIL=$call -- $train
        check "$end at call $call, auto: code $code" restarted
    done
    weft WEFT_LAYER_END=$end WEFT_LAYER_FAIL=2 -- $train --device opencl
    check "$end while it is opened: code $code" opening
    weft WEFT_LAYER_END=$end WEFT_LAYER_FAIL=2 -- check --preset xor
    check "$end in check: code $code" test "$code" -eq 7
    weft WEFT_LAYER_END=$end WEFT_LAYER_FAIL=2 -- devices
    check "$end in devices: code $code" test "$code" -eq 7
    weft WEFT_LAYER_END=$end WEFT_LAYER_FAIL=2 -- bench --preset xor --device opencl
    check "$end in bench: code $code" test "$code" -eq 7
done

# What has begun to be printed is not printed twice.
weft -- train --preset xor --epochs 3 -q --device cpu -o model
weft -- predict --data xor --model model
calls=$(awk '$1 == "calls" { print $2 }' report)
weft WEFT_LAYER_END=abort WEFT_LAYER_FAIL="$calls" -- predict --data xor --model model
check "predict, auto: code $code" told 'the driver ended the program'
check 'predictions of five lines' test "$(wc -l <out)" -eq 5

# PoCL compiles a kernel when it is first launched, and aborts without a linker.
mkdir empty
pocl_without_linker() {
    rm -rf kcache
    POCL_CACHE_DIR=$PWD/kcache PATH=$PWD/empty "$program" "$@" >out 2>err </dev/null
    code=$?
}
if "$program" devices | grep -q 'Portable Computing Language'; then
    pocl_without_linker $train --device opencl
    check "no linker: code $code" told 'PoCL needs the linker ld in PATH'
    pocl_without_linker $train
    check "no linker, auto: code $code" restarted

    # Its platform is there, and has no device where it cannot make its cache.
    for home in "HOME=/dev/null XDG_CACHE_HOME=/dev/null/x" POCL_CACHE_DIR=/dev/null/x; do
        env -u POCL_CACHE_DIR $home "$program" $train --device opencl >out 2>err
        code=$?
        check "$home: code $code" test "$code" -eq 6
        check "$home: not named" grep -q 'Portable Computing Language has no device.*POCL_CACHE_DIR' err
        env -u POCL_CACHE_DIR $home "$program" $train >out 2>err
        check "$home, auto: not named" grep -q '^device: .*POCL_CACHE_DIR.*using the CPU backend' err
        env -u POCL_CACHE_DIR $home "$program" devices >out 2>err
        check "$home, devices: not named" grep -q '^note: .*POCL_CACHE_DIR' err
    done
fi

finish
