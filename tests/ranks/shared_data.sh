#!/bin/sh
# The ranks of a machine read their data once and share it: the others read none of the file, nothing
# is left in the temporary folder, and on a full disk each rank reads by itself. Files that are mapped
# anyway are not copied.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/ranks/outcome.sh
. "$source/tests/ranks/outcome.sh"

mkdir temporary
folder=$work/temporary # for the ranks alone: MPI has files of its own
awk 'BEGIN {
    for (d = 0; d < 50; d++) printf "f%d,", d
    print "y"
    for (i = 0; i < 20000; i++) {
        for (d = 0; d < 50; d++) printf "%d.%d,", (i * 37 + d * 11) % 97, (i * d) % 10
        print (i * 37 % 97 > 48 ? "up" : "down")
    }
}' >table.csv
size=$(wc -c <table.csv)

# train RANKS OPTION...: in the background; its mpirun is $job
train()
{
    ranks=$1
    shift
    WEFT_JOB=$work mpirun -n "$ranks" env "TMPDIR=$folder" "$weft" train --data table.csv \
        --target y --device cpu --slices 4 --hidden 9 --holdout 0.2 --batch-size 100 --quiet -o model.st "$@" >out 2>err &
    job=$!
}

# read_bytes RANK: what this rank has read from files since it began
read_bytes()
{
    sed -n 's/^rchar: //p' "/proc/$(process_of "$1")/io"
}

train 2 --epochs 100000 --log run.log
for _ in $(seq 300); do
    [ ! -s run.log ] || break
    sleep 0.1
done
[ "$(read_bytes 0)" -ge "$size" ] || fault "rank 0 has read $(read_bytes 0) of $size bytes"
[ "$(read_bytes 1)" -lt "$size" ] || fault "rank 1 has read $(read_bytes 1) of $size bytes"
for rank in 0 1; do
    grep -q "$folder/.*(deleted)" "/proc/$(process_of "$rank")/maps" || fault "rank $rank maps no file"
done
[ -z "$(ls -A temporary)" ] || fault "files in the temporary folder: $(ls -A temporary)"
kill -KILL "$(process_of 1)"
wait "$job"
[ -z "$(ls -A temporary)" ] || fault "files are left: $(ls -A temporary)"

# The same bytes, whatever the kind of data: regression, weights, a test set, images.
for options in "--target f3" "--target y --weight f0 --ignore f1" "--target y --test table.csv"; do
    # shellcheck disable=SC2086 # several options
    set -- --data table.csv $options --epochs 1 --slices 4 --device cpu --hidden 9 --quiet
    "$weft" train "$@" -o alone.st >alone 2>err || fault "$options: $(cat err)"
    mpirun -n 3 "$weft" train "$@" -o together.st >together 2>err || fault "$options: $(cat err)"
    same alone.st together.st "$options"
    sed -i '/^median epoch/d; /^saved as/d' alone together
    same alone together "$options: scores"
done

# refused WHAT CODE LINE COMMAND...: the job ends with this code and one line
refused()
{
    what=$1
    code=$2
    line=$3
    shift 3
    mpirun -n 2 env "TMPDIR=$folder" "$@" train --data table.csv --target y --epochs 1 --device cpu \
        --quiet >out 2>err
    got=$?
    [ "$got" -eq "$code" ] || fault "$what: exit code $got, need $code: $(cat err)"
    grep '^weft: ' err >lines
    [ "$(grep -cE "$line" lines)" -eq 1 ] || fault "$what: $(cat err)"
    [ "$(wc -l <lines)" -eq 1 ] || fault "$what, several lines: $(cat err)"
}

# trained WHAT NOTES COMMAND...: the ranks make the model of a single process, and say in so many
# notes that they read by themselves. The data are $data.
trained()
{
    what=$1
    notes=$2
    shift 2
    # shellcheck disable=SC2086 # several options
    set -- "$@" train $data --epochs 1 --slices 4 --device cpu --hidden 9 --quiet
    # shellcheck disable=SC2086
    "$weft" train $data --epochs 1 --slices 4 --device cpu --hidden 9 --quiet -o alone.st >out 2>err ||
        fault "$what, alone: $(cat err)"
    mpirun -n 2 env "TMPDIR=$folder" "$@" -o together.st >out 2>err || fault "$what: $(cat err)"
    same alone.st together.st "$what"
    got=$(grep -cE "^note: $folder: cannot write a copy of the data .*by itself\$" err)
    [ "$got" -eq "$notes" ] || fault "$what: $got notes, need $notes: $(cat err)"
}

# The limit would keep MPICH from starting. Its packed test set is larger than the limit.
head -100 table.csv >small.csv
"$weft" pack --data small.csv --target y -o small.pack >out 2>err || fault "$(cat err)"
"$weft" pack --data table.csv --schema-from small.pack -o test.pack >out 2>err || fault "$(cat err)"
if [ -z "$stay" ]; then
    # shellcheck disable=SC2016 # the inner shell expands
    set -- sh -c 'ulimit -f 100; exec "$0" "$@"' "$weft"
    data="--data table.csv --target y --test small.csv"
    trained "a full disk" 1 "$@"
    data="--data small.csv --target y --test test.pack"
    trained "a packed test set" 0 "$@"
fi
"$weft" pack --data table.csv --target y -o table.pack >out 2>err || fault "$(cat err)"
data="--data table.pack --test small.csv"
trained "packed training data" 0 "$weft"
folder=$work/absent
trained "packed training data, no temporary folder" 1 "$weft"
data="--data small.pack --test test.pack"
trained "packed data, no temporary folder" 0 "$weft"
data="--data table.csv --target y --holdout 0.2"
trained "no temporary folder" 1 "$weft"
folder=$work/temporary

sed '100s/,/,x/' table.csv >broken.csv
mv broken.csv table.csv
refused "damaged data" 3 "^weft: table.csv:100: " "$weft"

exit "$failed"
