# Tests data sets that do not fit into a device: they are streamed, that is said, and every result
# has the same bytes.

rows_of_nine 10000 >many.csv
many='--data many.csv --target class --hidden 5,3 --batch-size 200'

# trains_alike DEVICE SIZE OPTION...: with a limit of SIZE, the model has the same bytes
trains_alike() {
    device=$1
    size=$2
    shift 2
    weft 0 train $many --epochs 2 --device "$device" -o resident "$@"
    check "$device, $*: something is streamed" test "$(grep -c streamed err)" -eq 0
    weft 0 train $many --epochs 2 --device "$device" -o streamed --device-memory "$size" "$@"
    says '^note: the .*set.* will be streamed'
    check "$device, $*: other bytes" cmp resident streamed
}

for device in opencl:450KiB cpu:300KiB; do
    size=${device#*:}
    device=${device%:*}
    trains_alike $device $size
    trains_alike $device $size --batch-norm --dropout 0.2 --no-shuffle --holdout 0.1 --ema 0.9

    # What a model says about the samples. The limit is too small for all of them.
    for command in evaluate predict; do
        weft 0 $command --model streamed --data many.csv --device $device
        mv out "$command"
        weft 0 $command --model streamed --data many.csv --device $device --device-memory $size
        check "$device: $command" cmp "$command" out
    done

    # A checkpoint goes on with any limit, and without one.
    weft 0 train $many --epochs 2 --device $device -q -o whole
    weft 0 train $many --epochs 2 --device $device -q --checkpoint run.ck --checkpoint-every 7batches --device-memory $size
    cp run.ck resident.ck
    weft 0 train --resume run.ck --device-memory 1GiB -o resumed
    check "$device: resumed with more memory" cmp whole resumed
    weft 0 train --resume resident.ck -o resumed
    check "$device: resumed with the same memory" cmp whole resumed
    rm -f run.ck resident.ck
done

# What is said beforehand
weft 0 train $many --epochs 2 --device opencl --device-memory 450KiB --dry-run
prints '^available .* 450.0 KiB$'
prints '^streamed: the training set; two batches take [0-9.]* KiB on the device and [0-9.]* KiB on the host$'
prints '^[0-9.]* KiB are copied per epoch while the device computes; that costs no time if the host and memory manage more than [0-9.e+-]* GB/s for each 1000 GFLOP/s of the device$'
weft 0 train $many --epochs 2 --device opencl --device-memory 450KiB --dry-run --json
prints '"streamed":\["train"\],"staging_bytes":{"host":[0-9]*,"device":[0-9]*},"epoch_copied_bytes":360000,"needed_bytes_per_second":null}$' # 10000 samples of 9 numbers
weft 0 train $many --epochs 2 --device opencl --device-memory 450KiB -v
says '^plan: streamed: two batches take '
weft 0 train $many --epochs 2 --device opencl --device-memory 450KiB --json -q
prints '"streamed":\["train"\],"staging_bytes":{'
check 'a note with -q' test "$(grep -c '^note: the .*streamed' err)" -eq 0
weft 0 train $many --epochs 2 --device cpu --device-memory 300KiB --dry-run
prints '^streamed: the training set; the CPU backend keeps no copy of it and standardizes each batch when it is needed$'
weft 0 train $many --holdout 0.4 --epochs 2 --device cpu --device-memory 195KiB --dry-run
prints '^streamed: the training and validation sets; the CPU backend keeps no copy of them and '
weft 0 train $many --holdout 0.4 --epochs 2 --device opencl --device-memory 375KiB --dry-run
prints '^streamed: the training and validation sets; two batches of each take '

# A record of the speed tells the rate that hides the copies.
weft 0 bench $many --device opencl -q
weft 0 train $many --epochs 2 --device opencl --device-memory 450KiB --dry-run
prints 'manage more than [0-9.e+-]* GB/s$'

# What does not fit even so
weft 7 train $many --epochs 2 --device opencl --device-memory 10KiB
says 'device memory for the training: need [0-9]* bytes ([0-9.]* KiB), available 10240 bytes (10.0 KiB); '
weft 7 train $many --epochs 2 --device cpu --device-memory 10KiB
says 'memory of the CPU backend for the training: need [0-9]* bytes ([0-9.]* KiB), available 10240 bytes (10.0 KiB); '

# Blocks for scores that do not fit are named, and the advice is only what makes them smaller.
{
    bytes 0 0 8 3 0 0 8 0 0 0 0 28 0 0 0 28
    seq 1 1000000 | head -c 1605632
} >images
{
    bytes 0 0 8 1 0 0 8 0
    seq 1 10000 | tr '0-9\n' '\0\1\0\1\0\1\0\1\0\1\0' | head -c 2048
} >labels
weft 7 train --images images --labels labels --hidden 1 --batch-size 4 --device opencl --device-memory 3MiB
says 'need [0-9]* bytes ([0-9.]* MiB), available 3145728 bytes (3.0 MiB); blocks of 1024 samples for scores alone need [0-9]* bytes ([0-9.]* MiB), so no batch size fits; try fewer features, or --device cpu$'
weft 7 train --images images --labels labels --hidden 5000 --batch-size 4 --device opencl --device-memory 3MiB
says ', so no batch size fits; try fewer features and narrower --hidden layers, or --device cpu$'
weft 7 train --images images --labels labels --hidden 5000 --batch-size 4 --device opencl --device-memory 16MiB
says '; blocks of 1024 samples .*; try fewer or narrower --hidden layers, or --device cpu$'
weft 7 train --images images --labels labels --hidden 1 --batch-size 4 --device cpu --device-memory 2MiB
says '; blocks of 1024 samples .*; try fewer features$'

# Sizes
for size in '' 0 -1 1e3 2G 2XB 3.GiBs nan 0x10 10TiBB 99999999999TiB; do
    weft 2 train $many --epochs 2 --device cpu --device-memory "$size"
    says "^weft: --device-memory \"$size\": need a size such as 512MiB or 2GiB$"
done
for size in 1TiB 0.5gib 1000000 1000000B 1.5GB 64MB; do
    weft 0 train $many --epochs 2 --device cpu --device-memory $size --dry-run
done
