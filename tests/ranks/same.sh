#!/bin/sh
# Training runs under the same --slices give the same model, log and scores for 1, 2, 3, 5 and 8
# ranks and without MPI: every optimizer, task and kind of network. WEFT_RANKS_ALL=1 trains each of
# them with all numbers of ranks, and on OpenCL too; otherwise each gets one. A packed file that does
# not fit gives the same bytes, too.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"

sample=$source/data/fashion-sample
penguins=$source/data/penguins/train.csv

# train RANKS NAME OPTION...: leaves NAME.st, NAME.log and NAME.json; 0 ranks mean without MPI
train()
{
    ranks=$1
    name=$2
    shift 2
    if [ "$ranks" -eq 0 ]; then
        set -- "$weft" train "$@"
    else
        set -- mpirun -n "$ranks" "$weft" train "$@"
    fi
    "$@" -o "$name.st" --log "$name.log" --json >"$name.json" 2>"$name.err" ||
        fault "$* ends with $?: $(grep '^weft' "$name.err")"
    # Times differ, the name of the model, the ranks, and what rank 0 copies to its device.
    for file in "$name.json" "$name.log"; do
        sed -E "s/,\"ranks\":\[[^]]*\]//; s/\"epoch_copied_bytes\":[0-9]*//; s/\"[a-z_]*seconds\":(\{[^}]*\}|[^,}]*)//g; s/$name//" "$file" >"$file.same"
    done
}

# ranks_agree LIST OPTION...: training runs with these numbers of ranks equal the one without MPI
ranks_agree()
{
    list=$1
    shift
    [ -z "${WEFT_RANKS_ALL-}" ] || list="1 2 3 5 8"
    these_agree "$list" "$@"
}

# these_agree LIST OPTION...: the same, with no other numbers
these_agree()
{
    list=$1
    shift
    train 0 alone "$@"
    for ranks in $list; do
        train "$ranks" together "$@"
        [ "$(grep -o '"rank":' together.json | wc -l)" -eq "$((ranks > 1 ? ranks : 0))" ] ||
            fault "$ranks ranks: $(cat together.json)"
        for ending in st log.same json.same; do
            same alone.$ending together.$ending "$ranks ranks, $*: $ending"
        done
    done
}

for device in cpu ${WEFT_RANKS_ALL:+opencl}; do
    set -- --data "$sample" --epochs 2 --slices 8 --device "$device" --batch-size 100
    ranks_agree "1 2 3 5 8" "$@" --hidden 24,12 --holdout 0.2 --shift 1 --l2 0.001 --ema 0.9
    for optimizer in sgd momentum nesterov rmsprop adam; do
        ranks_agree 3 "$@" --hidden 9 --optimizer "$optimizer"
    done
    ranks_agree 2 "$@" --hidden 9 --mixup 0.3 --clip-norm 0.5 --class-weight balanced
    ranks_agree 5 "$@" --hidden 9 --head sigmoid --no-shuffle --ensemble 2
    set -- --data "$penguins" --epochs 3 --slices 8 --device "$device" --batch-size 37
    ranks_agree 3 "$@" --target species --holdout 0.2 --patience 2
    ranks_agree 2 "$@" --target body_mass_g
done

# A packed file, mapped: in memory, streamed from the host, and streamed to a device. More ranks hold
# so little that they stream nothing.
streams()
{
    grep -q '^note: the training set will be streamed' "$1.err" || fault "$2: nothing is streamed"
}
{
    echo a,b,c,d,y
    awk 'BEGIN { for (i = 0; i < 20000; i++) {
        a = i * 37 % 101; b = i * 53 % 97
        print a "," b "," i % 7 "," i % 11 "," (a > b ? "up" : "down") } }'
} >many.csv
"$weft" pack --quiet --data many.csv --target y -o many.weft || fault "pack ends with $?"
set -- --data many.weft --epochs 2 --slices 8 --hidden 9 --batch-size 100
for order in --shuffle-blocks --shuffle --no-shuffle; do
    ranks_agree 3 "$@" --device cpu "$order"
done
cp alone.st resident.st
these_agree "2 3" "$@" --device cpu --no-shuffle --memory 390KiB
streams alone "one process, mapped"
streams together "3 ranks, mapped"
same resident.st alone.st "streamed from the mapped file"
these_agree "2 3" "$@" --device cpu --shuffle-blocks --memory 390KiB
these_agree "2 3" "$@" --device opencl --shuffle-blocks --device-memory 230KiB
streams alone "one process, OpenCL"
streams together "3 ranks, OpenCL"

exit "$failed"
