# Tests weft check and shadow training: the table, the JSON, the exit codes. Both must name wrong
# kernels.

check_json='{"device":"string","driver":"string","ok":"boolean","seconds":"number","results":[{"name":"string","shape":"string",
    "worst":"number?","bound":"number","unit":"=ratio","ok":"boolean","array":"string","element":"integer",
    "got":"number?","want":"number?","allowed":"number?"}]}'
small='--hidden 5 --batch-size 16'
weft 0 check --device cpu $small
prints '^operation  *shape  *worst  *bound  *verdict$'
prints '^sigmoid_forward  *93x17, extreme values  .*  ok$'
prints '^product_forward  *16x5x784  '
prints '^weight_gradient  *layer 1: 10x5  '
prints '^[0-9]* results, 0 wrong, .*: computes correct results$'
check 'fewer than 60 results' test "$(grep -c '  ok$' out)" -ge 60
weft 0 check --device cpu $small --json
shape "$check_json"
prints '"ok":true'
weft 0 check --device opencl $small --data folder --head identity --no-bias
prints '^product_forward  *16x5x4  '
weft 0 check --device cpu --preset xor
weft 0 check --device cpu --hidden none --batches 1 --data folder

# the check of a model
weft 0 train --data folder --hidden 4 --epochs 2 --device cpu -q -o checked.model
weft 0 check --device cpu --model checked.model --data folder --batch-size 8
prints '^dense_forward  *layer 0: 8x4  '
weft 0 check --device cpu --model checked.model
weft 2 check --device cpu --model checked.model --hidden 4
says '^weft: --hidden: cannot be combined with --model'
weft 2 check --device cpu --model checked.model --preset article
says '^weft: --preset: cannot be combined with --model$'
weft 3 check --device cpu --model checked.model --data xor
weft 4 check --device cpu --model folder/train-labels-idx1-ubyte
weft 5 check --device cpu --model missing
weft 2 check --devise cpu
says '^weft: --devise: .*--device'
weft 2 check --replay x --hidden 5
says '^weft: --hidden: cannot be combined with --replay'
weft 2 check --replay x --dropout 0.1
says '^weft: --dropout: cannot be combined with --replay'
weft 4 check --device cpu --replay checked.model
says '^weft: checked.model: not a bundle'
weft 5 check --device cpu --replay missing
weft 6 check --device no-such-name
"$program" check --device cpu $small >/dev/full 2>err
outcome 5 $? 'weft check >/dev/full'

# ---- without OpenCL
export OCL_ICD_VENDORS=/nonexistent
weft 6 check $small
says 'OpenCL'
weft 0 check --device cpu $small
unset OCL_ICD_VENDORS

# ---- shadow training
watched='--data folder --hidden 4 --epochs 3 --batch-size 16 -q'
weft 0 train $watched --device cpu --check-every 2
check 'a bundle of a device that is right' test ! -e weft-bundle.safetensors
weft 2 train $watched --device cpu --bundle b
says '^weft: --bundle: needs --check-every'
weft 2 train $watched --device cpu --check-every 0
weft 2 train $watched --device cpu --check-every -1
weft 2 train $watched --device cpu --check-every often
weft 2 train $watched --device cpu --check-every 1 --bundle new.model -o new.model
says '^weft: --bundle new.model: this run writes -o new.model to this file'
weft 5 train $watched --device cpu --check-every 1 --bundle no-such-folder/b
silent_but_one_line
weft 9 train --data folder --hidden 4 --epochs 3 --device cpu -q --learning-rate 1e38 --l2 1 --check-every 100
says 'epoch [0-9]*, batch [0-9]*: .*no longer finite, and the reference agrees'

# ---- faulty kernels: weft check names each of them, and each stops a training

# mistake OPERATION FILE SED-EXPRESSION OPTION...: installs a kernel with a mistake in OPERATION. A
# training with the options runs that kernel.
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
mistake penalty_gradient update.cl 's/if (i >= n)/if (i > n)/' --l2 0.1
# a bias is missing
mistake bias_add activation.cl 's/ += b\[b_offset + c\];/ += 0.0f;/'
# a stride is wrong
mistake gather_rows data.cl 's/x\[sample \* columns + c\]/x[sample * (columns - 1) + c]/'
# a sign is wrong
mistake parameters_update update.cl 's/w\[i\] -= learning_rate/w[i] += learning_rate/' --optimizer sgd
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
sed 's/(p.x, q.x, r.x, s.x)/(p.x, q.x, s.x, r.x)/' "$kernels/product_blocked.cl" \
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
