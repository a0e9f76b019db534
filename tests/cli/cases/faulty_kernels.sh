# Tests kernels with a mistake: weft check names each of them, and each stops a training. Wrong matrix
# products are repaired.

small='--hidden 5 --batch-size 16'
watched='--data folder --hidden 4 --epochs 3 --batch-size 16 -q'

# mistake OPERATION FILE SED-EXPRESSION OPTION...: installs a kernel with a mistake in OPERATION. A
# training with the options runs that kernel. With batch norm, steps run by operation.
mistake() {
    rm -rf wrong-kernels
    mkdir wrong-kernels
    operation=$1
    sed "$3" "$kernels/$2" >wrong-kernels/"$2"
    check "$2: $3 changes nothing" test "$(cmp "$kernels/$2" wrong-kernels/"$2" | wc -l)" -eq 1
    export WEFT_KERNEL_DIR=wrong-kernels
    weft 10 check --device opencl $small
    says "^weft: .*: $operation .*this device computes wrong results"
    prints "^$operation .*  WRONG$"
    shift 3
    weft 10 train $watched --device opencl "$@"
    says "^weft: .*: $operation "
    unset WEFT_KERNEL_DIR
}
kernels=$(dirname "$(dirname "$here")")/kernels
# exp is off by 0.1 %
mistake sigmoid_forward common.cl 's/const float e = exp(/const float e = 1.001f * exp(/' --head sigmoid
# the guard of the tail is wrong
mistake penalty_gradient update.cl 's/if (i >= n)/if (i > n)/' --l2 0.1 --batch-norm
# a bias is missing
mistake bias_add activation.cl 's/ += b\[b_offset + c\];/ += 0.0f;/'
# a stride is wrong
mistake gather_rows data.cl 's/x + sample \* columns + c/x + sample * (columns - 1) + c/'
# a sign is wrong
mistake parameters_update update.cl 's/w\[i\] -= learning_rate/w[i] += learning_rate/' --optimizer sgd --batch-norm
# a constant is off by 0.1 %
mistake identity_squared_error losses.cl 's/half_weight = 0.5f \*/half_weight = 0.5005f */' \
    --head identity
# only networks as narrow as this one run this kernel
mkdir narrow-kernels
sed '/^SEPARATE void step_narrow_gradient/,/^}/s/r = slice.begin \* LANES;/r = slice.begin * LANES + 1;/' "$kernels/step.cl" >narrow-kernels/step.cl
export WEFT_KERNEL_DIR=narrow-kernels
weft 0 train --preset xor --epochs 2 --gemm own --device opencl -q
says '^note: fused step computed wrong; using steps by operation .*: weight_gradient layer 0: 3x2: dw'
unset WEFT_KERNEL_DIR

# ---- wrong matrix products are repaired, and then the device is right
mkdir wrong
sed 's/left.s0145, 0/left.s0154, 0/' "$kernels/product_blocked.cl" \
    >wrong/product_blocked.cl
export WEFT_KERNEL_DIR=wrong
for gemm in own clblast; do
    weft 0 check --device opencl --hidden 20 --batch-size 32 --gemm $gemm
    says 'blocked products.* computed wrong; using CLBlast setting'
    prints '^[0-9]* results, 0 wrong'
    rm -r "$XDG_CACHE_HOME/weft"
done
weft 0 train --data folder --hidden 20,20 --epochs 2 --device opencl -q
says 'blocked products.* computed wrong; using CLBlast setting'
weft 0 train --data folder --hidden 20,20 --epochs 2 --device opencl -q
says '^device: .*blocked products.* computed wrong; using CLBlast setting'
unset WEFT_KERNEL_DIR
