#!/bin/sh
# Which devices ranks take, and what does not run on several ranks. PoCL shows its device twice.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"
POCL_DEVICES="pthread pthread"
export POCL_DEVICES
sample=$source/data/fashion-sample

# run CODE COMMAND...: leaves out and err
run()
{
    code=$1
    shift
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$code" ] || fault "$*: exit code $got, need $code: $(cat err)"
}

# says TEXT WHAT
says()
{
    grep -qF -- "$1" err || fault "$2: $(cat err)"
}

train="train --data $sample --epochs 2 --hidden 9 --quiet"
# shellcheck disable=SC2086 # $train is several words
{
    run 0 "$weft" $train --device 0 --slices 8 -o one.st
    run 0 "$weft" $train --device 0,1 -o two.st
    same one.st two.st "--device 0,1"
    run 0 mpirun -n 3 "$weft" $train --device opencl -o three.st
    same one.st three.st "three ranks take two devices"

    # A mix of devices repeats its bytes, and says which slices ran where.
    run 0 "$weft" $train --device 0,cpu --json -o mix.st
    says "rank 0: slices 0 to 3 of each batch on" "a mix of devices"
    says "rank 1: slices 4 to 7 of each batch on CPU" "a mix of devices"
    grep -q '"devices":\[{"first_slice":0,"last_slice":3,' out || fault "no devices: $(cat out)"
    run 0 "$weft" $train --device 0,cpu --json -o again.st
    same mix.st again.st "a mix of devices"
    run 0 "$weft" inspect mix.st
    grep -qE '^  devices +slices 0-3: .*; slices 4-7: CPU' out || fault "inspect: $(cat out)"
    run 0 "$weft" inspect one.st
    ! grep -q '^  devices' out || fault "one kind of device is recorded: $(cat out)"

    # All ranks have the parameters of the rank that updates them, so a checkpoint changes nothing.
    run 0 "$weft" $train --device 0,cpu --hidden 40 --optimizer adam --ema 0.9 --batch-size 20 \
        -o whole.st --checkpoint run.checkpoint --checkpoint-every 7batches
    run 0 "$weft" $train --device 0,cpu --hidden 40 --optimizer adam --ema 0.9 --batch-size 20 \
        -o plain.st
    same whole.st plain.st "a mix of devices with checkpoints"
    run 0 "$weft" train --resume run.checkpoint --quiet -o resumed.st
    same whole.st resumed.st "a mix of devices is resumed"
    rm -f run.checkpoint

    for list in "0," "cpu,nonsense" ",gpu"; do
        run 2 "$weft" $train --device "$list"
        says "in a list, need auto, cpu, opencl, gpu, an index or P:D" "--device $list"
    done
    for seconds in abc 1 30s ""; do
        WEFT_RANK_SECONDS=$seconds run 2 mpirun -n 2 "$weft" $train --device cpu
        says "WEFT_RANK_SECONDS: got \"$seconds\", need a number from 2" "WEFT_RANK_SECONDS"
    done
    run 2 mpirun -n 2 "$weft" $train --device cpu --check-every 5
    says "weft: --check-every: works with a single rank, got 2 ranks" "--check-every"

    run 6 "$weft" $train --device 0,7
    says "rank 1 on" "a device that is absent"
    PATH=/nonexistent run 2 "$weft" $train --device 0,1
    says "install mpi-default-bin" "no mpirun"
    run 2 mpirun -n 3 "$weft" $train --slices 2
    says "need at least one slice for each rank" "more ranks than slices"

    # A dry run says how many ranks there are, and the JSON of a run how many slices.
    run 0 mpirun -n 2 "$weft" $train --device cpu --dry-run
    grep -q '^2 ranks, 8 slices of each batch; memory and device of rank 0$' out ||
        fault "a dry run: $(cat out)"
    run 0 mpirun -n 2 "$weft" $train --device cpu --dry-run --json
    grep -q '"ranks":2,"slices":8' out || fault "a dry run as JSON: $(cat out)"
    run 0 mpirun -n 2 "$weft" $train --device cpu --json
    grep -q '"slices":8' out || fault "JSON without slices: $(cat out)"

    # A launcher gives even a single rank slices.
    run 0 mpirun -n 1 "$weft" $train --device cpu -o one.st
    run 0 mpirun -n 2 "$weft" $train --device cpu -o two.st
    same one.st two.st "mpirun -n 1"

    # Without --slices, there are as many as fit a batch, and a single process resumes with as many.
    run 0 "$weft" train --preset xor --epochs 5 --slices 4 --device cpu --quiet -o one.st
    run 0 mpirun -n 3 "$weft" train --preset xor --epochs 5 --device cpu --quiet -o two.st
    same one.st two.st "3 ranks and the 4 samples of xor"
    run 2 mpirun -n 5 "$weft" train --preset xor --device cpu --quiet
    says "mpirun: got 5 ranks, need at most the 4 samples of a batch" "more ranks than samples"
    run 0 mpirun -n 2 "$weft" $train --device cpu -o two.st \
        --checkpoint run.checkpoint --checkpoint-every 1epochs
    run 0 "$weft" train --resume run.checkpoint --quiet -o resumed.st
    same two.st resumed.st "resumed without MPI"

    # A checkpoint of several devices is resumed on them.
    rm -f run.checkpoint
    run 0 "$weft" $train --device cpu,cpu -o two.st \
        --checkpoint run.checkpoint --checkpoint-every 1epochs
    run 0 "$weft" train --resume run.checkpoint --json -o resumed.st
    same two.st resumed.st "resumed on several devices"

    run 2 mpirun -n 2 "$weft" $train --data - --device cpu
    says "weft: --data -: every rank reads the data" "standard input"
    run 7 mpirun -n 2 "$weft" $train --device cpu --device-memory 1KiB
    says "no batch size fits" "memory that suffices for no batch"
    run 2 mpirun -n 2 "$weft" evaluate --model one.st --data "$sample"
    [ "$(grep -c '^weft: evaluate: runs as one process' err)" -eq 1 ] || fault "evaluate: $(cat err)"
}

exit "$failed"
