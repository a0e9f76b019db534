#!/bin/sh
# One driver, alone: checks and a training on it. What it computes wrong has to be repaired.
#
#     driver.sh PROGRAM LAYER SOURCE LIBRARY PLATFORM [NAME=VALUE]...
#
# LIBRARY is what an ICD file names; the settings are the driver's. LAYER is not used.

program=$(realpath "$1") || exit 1
layer=$2
source=$(realpath "$3") || exit 1
library=$4
platform=$5
shift 5
# shellcheck source=tests/opencl/common.sh
. "$source/tests/opencl/common.sh"

mkdir vendors
printf '%s\n' "$library" >vendors/driver.icd

# run WORDS NAME=VALUE...: weft WORDS with this driver and these settings; leaves code, out and err
run() {
    words=$1
    shift
    # shellcheck disable=SC2086 # no argument has a blank
    env OCL_ICD_VENDORS="$PWD/vendors/" "$@" "$program" $words >out 2>err </dev/null
    code=$?
}

# The accuracy on the training set, in thousandths.
accuracy() {
    sed -n 's/.*"train":{"accuracy":\(0\.[0-9]*\|1\.0\).*/\1/p' "$1" | awk '{ print int(1000 * $1) }'
}

run 'devices --json' "$@"
check "$platform: not the only platform" \
    test "$(grep -o '"platform":"[^"]*"' out | sort -u)" = "\"platform\":\"$platform\""

for preset in article default; do
    run "check --device 0 --preset $preset" "$@"
    tail -n 1 out
    grep 'computed wrong' err
    check "$preset: code $code, $(tail -n 1 err)" test "$code" -eq 0
done

# 300 pictures, which a right device learns as the CPU backend does, to two of them.
train="train --data $source/data/fashion-sample --epochs 15 --batch-size 50 --hidden 20 -q --json"
run "$train --device cpu" "$@"
mv out expected

run "$train --device 0" "$@"
printf 'accuracy %s of 1000, on the CPU backend %s\n' "$(accuracy out)" "$(accuracy expected)"
check "training: code $code, $(tail -n 1 err)" test "$code" -eq 0
check 'another backend' grep -q '"backend":"opencl"' out
check 'accuracy' test "$(($(accuracy out) + 7))" -ge "$(accuracy expected)"
check 'accuracy of the CPU backend' test "$(accuracy expected)" -ge 800

finish
