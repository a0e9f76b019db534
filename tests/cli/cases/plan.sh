# Tests the plan of a training: --dry-run prints it and writes nothing, and what does not fit is
# refused before anything is allocated, with both numbers and what would help. Also tests that other
# programs can follow a log.

layers='[{"inputs":"integer","outputs":"integer","activation":"string","dropout":"number","bias":"boolean","batch_norm":"boolean","parameters":"integer"}]'
kinds='"samples":"integer","parameters":"integer","optimizer_state":"integer","gradient":"integer","activations":"integer","workspace":"integer","total":"integer","available":"integer?","largest":"integer","largest_possible":"integer?"'
streaming='"sets":[{"name":"string","bytes":"integer","mapped":"boolean","streamed":"boolean"}],"streamed":["string"],"staging_bytes":{"host":"integer","device":"integer"},"epoch_read_bytes":"integer","reads_at_random":"boolean",
    "epoch_copied_bytes":"integer","needed_bytes_per_second":"number?"'
plan="{\"command\":\"string\",\"dry_run\":\"boolean\",\"backend\":\"string\",\"device\":\"string\",\"preset\":\"string\",\"seed\":\"integer\",\"epochs\":\"integer\",\"batches\":\"integer\",\"batch_size\":\"integer\",\"members\":\"integer\",\"samples\":{\"train\":\"integer\",\"validation\":\"integer\",\"test\":\"integer\"},\"layers\":$layers,\"parameters\":\"integer\",\"epoch_gflop\":\"number\",\"host_bytes\":{$kinds},\"device_bytes\":DEVICE,\"gflops\":\"number?\",\"expected_epoch_seconds\":\"number?\",\"expected_seconds\":\"number?\",\"fits\":\"boolean\",\"refusal\":\"string?\",$streaming}"

mkdir unborn
weft 0 train --data folder --hidden 5,3 --batch-norm --holdout 0.2 --device cpu --dry-run \
    -o unborn/model --log unborn/log --checkpoint unborn/run.ck --report unborn/page.html
check 'a dry run writes' test -z "$(ls -A unborn)"
prints '^    1 .* 5  relu  *0.2  yes '
prints '^total  *'
prints '^samples  *[0-9.]* [KM]*i*B$'
prints '^expected time: unknown; '
prints '^nothing was trained or written: --dry-run$'
weft 0 train --data folder --hidden 5,3 --device cpu --dry-run --json
shape "$(printf '%s' "$plan" | sed 's/DEVICE/"string?"/')"
prints '"device_bytes":null,.*"fits":true,"refusal":null,"sets":\[{"name":"train","bytes":[0-9]*,"mapped":true,"streamed":false}.*\],"epoch_read_bytes":0,"reads_at_random":false,"streamed":\[\],"staging_bytes":{"host":0,"device":0},"epoch_copied_bytes":0,"needed_bytes_per_second":null}$'
weft 0 train --data folder --hidden 5,3 --ensemble 3 --device opencl --dry-run --json
shape "$(printf '%s' "$plan" | sed "s/DEVICE/{$kinds}/")"
prints '"members":3,'
weft 0 train --preset xor --epochs 2 --device cpu -v
says '^plan: 9 parameters; host [0-9.]* KiB; [0-9.e-]* GFLOP per epoch; time unknown'
check 'a plan without -v' test "$("$program" train --preset xor --epochs 2 --device cpu 2>&1 | grep -c '^plan:')" -eq 0

# The time of a plan follows from a benchmark of the same network in the same batches.
weft 0 bench --data folder --hidden 5,3 --device cpu -q
weft 0 train --data folder --hidden 5,3 --device cpu --dry-run
prints '^expected time: about [0-9.e-]* s, [0-9.e-]* s per epoch at [0-9.e-]* GFLOP/s, as measured on this device$'
weft 0 train --data folder --hidden 5,3 --device cpu --dry-run --json
prints '"gflops":[0-9.e-]*,"expected_epoch_seconds":[0-9.e-]*,"expected_seconds":[0-9.e-]*,"fits":true'
weft 0 train --data folder --hidden 5,4 --device cpu --dry-run
prints '^expected time: unknown; '

# With times for both sides, the fastest device is taken, and the command says why.
weft 0 bench --data folder --hidden 5,3 --device opencl -q
weft 0 train --data folder --hidden 5,3 --epochs 1000000 --dry-run --json
says '^device: .* (measured [0-9.e-]* s an epoch; \(CPU backend\|OpenCL device 0\) [0-9.e-]* s)'
prints '"device_reason":"measured '
weft 0 train --data folder --hidden 5,4 --epochs 1000000 --dry-run --json
check 'a reason without times' test "$(grep -c device_reason out)" -eq 0

# A checkpoint goes on without --dry-run, which is not kept, and is not locked by it.
weft 0 train --data folder --hidden 4 --epochs 4 --device cpu -q --checkpoint run.ck --checkpoint-every 1epochs
weft 0 train --resume run.ck --dry-run
weft 0 train --resume run.ck

# What does not fit. The largest group of numbers would take terabytes.
weft 8 train --data folder --hidden 1000000,1000000 --device cpu -o unborn/model
says '^weft: host memory for the training: need [0-9]* bytes ([0-9.]* TiB), available [0-9]* bytes'
says '; no batch size fits; try fewer or narrower --hidden layers$'
silent_but_one_line
weft 8 train --data folder --hidden 1000000,1000000 --device cpu --dry-run
prints '^    2 .* 1000000 .* 1000001000000$'
# One byte less than 1 MiB: the message and the table round alike.
weft 8 train --data folder --hidden 1000,1000 --memory 1048575 --device cpu --dry-run
says 'available 1048575 bytes (1.0 MiB)'
prints '^available  *1.0 MiB$'
weft 8 train --data folder --memory 1000 --device cpu --dry-run
says 'available 1000 bytes; '
# A build with a sanitizer maps terabytes.
if ! grep -q '__asan_init\|__tsan_init' "$program"; then
    (ulimit -v 3000000 && "$program" train --data folder --hidden 20000,20000 --device cpu --dry-run >out 2>err)
    outcome 8 $? 'a limit of address space'
    says 'available 3072000000 bytes (2.9 GiB)'
    prints '^available  *2.9 GiB$'
fi
# PoCL takes the limit in GiB.
export POCL_MEMORY_LIMIT=1
weft 7 train --data folder --hidden 9000,9000 --device opencl -o unborn/model
says ': device memory for the training: need [0-9]* bytes ([0-9.]* GiB), available 1073741824 bytes (1.0 GiB); no batch size fits; try fewer or narrower --hidden layers, or --device cpu$'
weft 7 train --data folder --hidden 9000,9000 --device opencl --dry-run --json
prints '"fits":false,"refusal":".*device memory for the training: need '
unset POCL_MEMORY_LIMIT
OCL_ICD_VENDORS=/nonexistent
export OCL_ICD_VENDORS
weft 0 train --data folder --hidden 4 --dry-run
prints ' on the cpu backend: '
weft 6 train --data folder --hidden 4 --dry-run --device opencl
unset OCL_ICD_VENDORS
check 'something was written' test -z "$(ls -A unborn)"

# Each write to a log is a line, so that a program that reads behind it sees whole lines alone.
ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=write -y "$program" train --data folder --hidden 4 --epochs 20 \
    --device cpu -q --log follow.jsonl >out 2>err
outcome 0 $? 'a log under strace'
check 'a write to the log for each epoch' test "$(grep -c 'write([0-9]*<[^>]*/follow.jsonl>' trace)" -eq 20
check 'a write to the log that is no line' test "$(grep 'write([0-9]*<[^>]*/follow.jsonl>' trace |
    grep -vc 'write([0-9]*<[^>]*>, "{.*, [0-9]*) = [0-9]*$')" -eq 0
check 'lines of the log' test "$(wc -l <follow.jsonl)" -eq 20
