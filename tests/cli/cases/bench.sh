# Tests benchmarks: the form of the results, sides that disagree, no OpenCL, options. Times are not
# tested.

side='{"backend":"string","device":"string","startup_seconds":{"platform":"number?",
    "build_cold":"number?","build_warm":"number?","check":"number","upload":"number"},
    "first_epoch_seconds":"number","epoch_seconds":{"median":"number","min":"number","max":"number"},
    "samples_per_second":"number","gflops":"number","ceiling_gflops":"number",
    "ceiling_share":"number","error":"number","host_bytes":"integer?","device_bytes":"integer?",
    "speedup":"number?","break_even_epochs":{"cold":"number?","warm":"number?"},
    "operations":[{"name":"string","seconds":"number"}]}'
mkdir temporary
export TMPDIR="$work/temporary"

# bench_keys PRESET NETWORK: prints the shape of a benchmark in JSON
bench_keys() {
    printf '{"command":"=bench","preset":"=%s","network":"=%s","samples":"integer",
        "batches":"integer","batch_size":"integer","epoch_gflop":"number","rounds":"integer",
        "disagreement":"number?","disagreement_limit":"number","sides":[%s],"speedup":"number?"}' \
        "$1" "$2" "$side"
}

# Both sides run on real data and do the same work, so there is a speed-up.
few='--data folder --hidden 8'
weft 0 bench $few --json
shape "$(bench_keys default 4-8-3)"
prints '"sides":\[{"backend":"opencl",.*{"backend":"cpu",'
prints '"speedup":[0-9.e+-]*}$'
says '^device: .*, OpenCL device 0 '
says '^device: .*, CPU backend'
check 'something is left in the temporary folder' test -z "$(find "$TMPDIR" -name 'weft-*')"

# the CPU alone, with synthetic samples
weft 0 bench --device cpu --samples 700 --hidden 5 --json --profile
shape "$(bench_keys default 784-5-10)"
prints '"samples":700,'
prints '"operations":\[{"name":"order",.*"name":"forward 2",.*"name":"backward 1",.*"name":"update"'
prints '"speedup":null}$'
weft 0 bench --device cpu --samples 700 --features 12 --hidden 5
prints '^preset default, 12-5-10, 700 samples in 44 batches of up to 16, '
weft 0 bench --device cpu --samples 700 --hidden 5
prints '^preset default, 784-5-10, 700 samples in 44 batches of up to 16, '
prints '^no speed-up: there is only one side$'
weft 0 bench --device cpu --preset xor --json
shape "$(bench_keys xor 2-3-1)"
prints '"samples":4,'

# These variables slow OpenBLAS down. If a machine sets them, its BLAS may need them.
held() {
    weft 0 bench --device cpu --samples 64 --hidden 5 --batch-size 64
    check 'notes about the BLAS' test "$(grep -c '^note: .*OPENBLAS' err)" -eq "$1"
}
had_core=${OPENBLAS_CORETYPE-} had_cache=${OPENBLAS_L2_SIZE-}
if [ -z "$had_core$had_cache" ]; then
    held 0
    export OPENBLAS_L2_SIZE=1024
    held 1
    says '^note: OPENBLAS_L2_SIZE is set: OpenBLAS may be slower than this CPU allows$'
    unset OPENBLAS_L2_SIZE
fi
export OPENBLAS_CORETYPE="${had_core:-Haswell}"
[ -n "$had_cache" ] || held 1
[ -n "$had_cache" ] || says '^note: OPENBLAS_CORETYPE is set: '
export OPENBLAS_L2_SIZE="${had_cache:-1024}"
held 1
says '^note: OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are set: '
[ -n "$had_core" ] || unset OPENBLAS_CORETYPE
[ -n "$had_cache" ] || unset OPENBLAS_L2_SIZE

# a model, whose weights and recipe are used
weft 0 train $few --device cpu --preset article -o model
weft 0 bench --device cpu --model model --data folder --json
shape "$(bench_keys article 4-8-3)"
weft 0 bench --device cpu --model model --samples 50 --json
prints '"samples":50,'
weft 4 bench --device cpu --model folder/train-labels-idx1-ubyte

# Synthetic samples with a square number of features are images, which recipes may shift.
weft 0 bench --device cpu --preset best --samples 60 --features 16 --hidden 4
weft 2 bench --device cpu --preset best --samples 60 --features 15 --hidden 4
says 'samples are not images'

# sweeps
weft 0 bench --device cpu --samples 300 --sweep batch=64,8,hidden=5,4x3 --json
shape "{\"command\":\"=bench\",\"preset\":\"=default\",\"sweep\":[$(bench_keys default '%s' |
    sed 's/"=%s"/"string"/')],\"pays_from\":[{\"network\":\"string\",\"batch_size\":\"integer?\"}]}"
prints '784-5-10.*"batch_size":8,.*784-5-10.*"batch_size":64,.*784-4-3-10.*"batch_size":8,'
weft 0 bench --device cpu --samples 300 --sweep batch=64,8
check 'rows of the sweep' test "$(grep -c '^784-256-128-10' out)" -eq 2

# a machine without OpenCL
export OCL_ICD_VENDORS=/nonexistent
weft 0 bench $few --json
shape "$(bench_keys default 4-8-3)"
prints '"sides":\[{"backend":"cpu",'
prints '"speedup":null}$'
says 'no OpenCL'
weft 6 bench $few --device opencl -q
silent_but_one_line
unset OCL_ICD_VENDORS

# A kernel that is wrong only beyond the 91283 parameters of the widest network of the known-answer
# test. (cli_faulty_kernels has mistakes that this test sees.) Smoothed labels keep the kernel in use.
mkdir kernels
sed 's/w\[i\] -= learning_rate \* (clip/w[i] -= (i >= 100000 ? 1.05f : 1.0f) * learning_rate * (clip/' \
    "$(dirname "$(dirname "$here")")/kernels/update.cl" >kernels/update.cl
check 'the mistake is there' grep -q '1.05f' kernels/update.cl
export WEFT_KERNEL_DIR=kernels
sgd='--optimizer sgd --learning-rate 0.3 --schedule constant --label-smoothing 0.05'
weft 0 bench --data folder --hidden 512,512 $sgd --json -q
prints '"speedup":null}$'
check 'agreed' test "$(grep -c '"speedup":[0-9]' out)" -eq 0
says '^note: no speed-up: the sides have not done the same work'
unset WEFT_KERNEL_DIR
rm -rf kernels

# rejected options
# refused_bench PATTERN ARGUMENT...: checks for exit code 2 and a line that contains PATTERN
refused_bench() {
    expected=$1
    shift
    weft 2 bench "$@"
    silent_but_one_line
    says "$expected"
}
for rounds in 4 0 -5 x 5x 100001 99999999999999999999; do
    refused_bench "^weft: --rounds $rounds: .*between 5 and 100000\$" \
        --rounds "$rounds"
done
refused_bench '^weft: --samples 0: the number must be between 1 and' --samples 0 --device cpu
refused_bench '^weft: --samples: cannot be combined with --data$' --samples 9 --data folder
refused_bench '^weft: --features 0: the number must be between 1 and' --features 0 --device cpu
refused_bench '^weft: --data: cannot be combined with --features$' --features 9 --data folder
refused_bench '^weft: --features: cannot be combined with --model$' --features 9 --model model
refused_bench '^weft: --hidden: cannot be combined with --model, which contains the network$' --model model --hidden 5
refused_bench '^weft: --dropout: cannot be combined with --model, which contains the network$' --model model --dropout 0.1
refused_bench '^weft: --sweep: cannot be combined with --hidden$' --sweep hidden=5 --hidden 5
refused_bench '^weft: --sweep: cannot be combined with --batches$' --sweep batch=5 --batches 5
refused_bench '^weft: --profile: cannot be combined with --sweep$' --sweep batch=5 --profile
for sweep in '' batch 5 batch= batch=0 batch=5,,6 batch=5x hidden= batch=5,hidden size=5; do
    refused_bench '^weft: --sweep: ' --sweep "$sweep"
done
refused_bench '^weft: --sweep: hidden a: not a whole number' --device cpu --samples 9 --sweep hidden=a
refused_bench '--round: unknown option; did you mean --rounds?' --round 5
refused_bench '--epochs: unknown option' --epochs 5

# SIGINT ends the benchmark, and nothing is left behind.
env --default-signal=INT "$program" bench --device cpu --rounds 100000 --samples 3000 >out 2>err &
pid=$!
await grep -q '^epochs' err
kill -INT $pid
wait $pid
outcome 130 $? 'SIGINT'
check 'results of half a benchmark' test ! -s out
# The same holds while a child process runs.
env --default-signal=INT "$program" bench --device cpu --rounds 5 --samples 200000 >out 2>err &
pid=$!
sleep 2
kill -INT $pid
wait $pid
outcome 130 $? 'SIGINT at the start'
check 'something is left in the temporary folder' test -z "$(find "$TMPDIR" -name 'weft-*')"
unset TMPDIR
