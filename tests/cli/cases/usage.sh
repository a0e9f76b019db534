# Tests help, and all commands that are rejected because they make no sense. They must end with exit
# code 2 and one line before any work.

weft 0 --help
prints '^  train '
weft 0 -h
prints '^Usage: weft COMMAND'
weft 0 --version
prints '^weft [0-9]'
prints 'CLBlast'
refused() {
    weft 2 "$@"
    silent_but_one_line
    check "results of a refused command" test ! -s out
}

# narrow FILE: checks that no line is wider than a terminal
narrow() {
    check "a line of $1 is over 80 columns" test -z "$(awk 'length($0) > 80' "$1")"
}

weft 0 --help
narrow out
for command in train evaluate predict devices check bench tune presets inspect plot embed report; do
    weft 0 $command --help
    prints "^Usage: weft $command"
    prints "^  weft $command"
    check "help of $command on stderr" test ! -s err
    check "help of $command is over 60 lines" test "$(wc -l <out)" -le 60
    narrow out
    mv out short
    weft 0 $command -h
    check "-h is not --help" cmp -s out short
    weft 0 $command --help-all
    narrow out
    check "--help-all of $command lacks lines of --help" \
        test -z "$(grep '^  *-' short | while read -r line; do grep -qxF "  $line" out || echo x; done)"
done
weft 0 train --help
prints '^  --hidden 256,128  *widths of the hidden layers, or the word none \[256,128\]$'
prints '^  --learning-rate RATE .*\[auto\]$'
prints "^'weft train --help-all' lists every option.$"
check '--gemm is no common option' test "$(grep -c gemm out)" -eq 0
weft 0 train --help-all
prints '^  --beta1 R  *decay rate of the running mean of the gradient (only$'
prints '^  *with --optimizer adam, adamw) \[0.9\]$'

# Every option of the library is in the long help of train, except those for programs. The option is
# also parsed: the error is about its value or the negated flag, not about its name.
weft 0 presets default
sed '1,2d; s/ .*//' out | grep -vxE 'single-output|reduction|article-quirks|warm-start' >names
check 'too few options' test "$(wc -l <names)" -gt 40
while read -r name; do
    weft 0 train --help-all
    prints "^  --\(\[no-\]\)*$name\( \|\$\)"
    if grep -q "^  --\[no-\]$name" out; then
        refused train "--$name" "--no-$name" --data nowhere
        says "^weft: --no-$name: cannot be combined with --$name\$"
    else
        refused train "--$name" '?' --data nowhere
        says "^weft: --$name ?: "
    fi
done <names
for option in $(weft 0 train --help-all && grep -o '^  \(-., \)*--\(\[no-\]\)*[a-z0-9-]*' out | sed 's/.*--//; s/\[no-\]//'); do
    "$program" train "--$option" >out 2>err </dev/null
    check "--$option is unknown" test -z "$(grep ': unknown option' err)"
done

# ---- presets

weft 0 presets
prints '^best  *The most accurate'
prints '^ *default  *best-plain  *best  *article  *xor$'
prints '^epochs  *auto  *50  *240  *300  *50000$'
check 'options that are everywhere the same' test "$(grep -c '^momentum' out)" -eq 0
narrow out
weft 0 presets best
prints '^best: '
prints '^epochs  *240 '
prints '^momentum  *0.9 '
weft 0 presets --json
prints '^{"command":"presets","presets":\[{"name":"default","summary":".*","options":{"hidden":"256,128",'
prints '"name":"xor"'
weft 0 presets xor --json
prints '"epochs":50000,'
prints '"shuffle":false'
prints '"hidden":3'
weft 2 presets besst
says '^weft: preset besst: unknown preset; did you mean best'
weft 2 presets best xor
says '^weft: xor: unexpected; '

# ---- renamed options

weft 2 train --preset xor --initialisation he
says '^weft: --initialisation: this option is now called --init$'
weft 2 train --preset xor --products auto
says '^weft: --products: this option is now called --gemm$'
weft 2 train --preset xor --gemm fused
says '^weft: --gemm fused: .*auto, clblast, own$'
printf x >weights
weft 2 train --preset xor --init weights
says '^weft: --init weights: .*--init-model'
weft 2 train --preset xor --init weight
says '^weft: --init weight: unknown initialization; known: auto, glorot'


refused
refused --help extra
says '^weft: extra: unexpected; --help takes nothing else'
refused --version --help
says '^weft: --help: unexpected; --version takes nothing else'
refused trian
says 'did you mean train? Known: train, evaluate, .*, pack, --help, --version$'
refused nonsense
says 'need train, evaluate, predict, devices, check, bench, tune, presets, inspect, plot, embed, report, pack, --help or --version'
refused train --epohcs 5
says '^weft: --epohcs: unknown option; did you mean --epochs?$'
refused train --epohcs=5
says '^weft: --epohcs: unknown option; did you mean --epochs?$'
refused train --qqqqqqqq
says 'weft train --help'
refused train -Z
refused train --epochs
says '^weft: --epochs: needs a value'
refused train --json=yes --preset xor
says '^weft: --json: takes no value'
refused train --preset xor leftover
says '^weft: leftover: '
refused train --preset artcle
says '^weft: --preset artcle: .*did you mean article?'
refused train --preset Best
says 'did you mean best?'
refused train --preset best_plain
says 'did you mean best-plain?'
refused train --preset xor --epochs Auto
says '^weft: --epochs Auto: not a whole number; .* or auto$'
refused train --preset xor --batch-size AUTO
says '^weft: --batch-size AUTO: not a whole number; .* or auto$'
refused train --preset xor --dropout 0.1,
says '^weft: --dropout 0.1,: value 2 is missing$'
refused train --preset xor --dropout 1.5
says '^weft: --dropout 1.5: the rate must be at least 0 and below 1$'
refused train --preset xor --schedule step --rate-factor 0
says '^weft: --rate-factor 0: the factor must be above 0 and at most 1, or auto$'
refused train --preset xor --optimizer adam --beta2 0
says '^weft: --beta2 0: the decay must be above 0 and below 1, or auto$'
refused train --preset xor --optimizer momentum --momentum -1
says '^weft: --momentum -1: the momentum must be at least 0 and below 1$'
for wrong in '--epochs abc' '--epochs 0' '--epochs -1' '--epochs 99999999999999999999' \
    '--epochs 5x' '--learning-rate nan' '--learning-rate 0,1' '--l2 -1' '--hidden 5,,3' \
    '--head softmx' '--scale standart' '--batch-size 0' '--gemm magic' '--optimizer adan' \
    '--momentum 1' '--beta1 x' '--epsilon 0' '--weight-decay -1' '--clip-norm inf' \
    '--label-smoothing 1' '--class-weight 0,0' '--shift -1' '--erase x' '--mixup -1' \
    '--ensemble 0'; do
    refused train --preset xor $wrong
    says "^weft: ${wrong%% *}[: ]"
done
for idle in '--momentum 0.5' '--beta1 0.5 --optimizer rmsprop' '--beta2 0.5' '--epsilon 1' \
    '--weight-decay 0.1 --optimizer adam'; do
    refused train --preset xor $idle
    says "^weft: ${idle%% *}: has no effect with optimizer "
done
refused train --preset xor --patience 3
says '^weft: --patience: needs --holdout$'
refused train --preset xor --monitor accuracy
says '^weft: --monitor: has no effect without patience, or schedule plateau$'
for idle in '--rate-factor 0.5' '--rate-every 3 --schedule cosine' '--min-rate 0.1' '--rise 0.5'; do
    refused train --preset xor $idle
    says "^weft: ${idle%% *}: has no effect with schedule "
done
weft 0 train --preset xor --epochs 4 --device cpu --schedule cosine --warmup 1 --ema 0.9 --log log
check 'rates in the log' grep -q '"epoch":4,.*"learning_rate":0.025,' log
weft 0 train --preset xor --epochs 2 --device cpu --optimizer adamw --weight-decay 0.1 --clip-norm 1
for wrong in -1 x 1.5 9223372036854775808 18446744073709551615 99999999999999999999; do
    refused train --preset xor --seed $wrong
    says "^weft: --seed $wrong: .*the seed must be between 0 and [0-9]*\$"
done
weft 0 train --preset xor --epochs 1 --device cpu --json --seed 9223372036854775807
prints '"seed":9223372036854775807,'
refused train --preset xor --batches 2 --batch-size 2
for wrong in 0 1 -0.5 nan x 0.2x ' 0.2' 0x1p-1 0,5 . e-1 5e 5e- 1e-999 ''; do
    refused train --preset xor --holdout "$wrong"
    says '^weft: --holdout .*: the fraction must be above 0 and below 1$'
done
for right in 0.5 .5 5e-1 50.E-2; do
    weft 0 train --preset xor --epochs 1 --device cpu --holdout $right
    prints '^validation  *2 '
done

refused train
says '^weft: --data: missing'
refused train --test folder
refused train --images folder/train-images-idx3-ubyte
says 'needs --labels'
refused train --labels folder/train-labels-idx1-ubyte
says 'needs --images'
refused train --data xor $pair

refused evaluate --data xor
says '^weft: --model: missing'
refused predict --data xor
refused devices --epochs 3

# popt would read aliases from this file.
printf 'weft alias --epohcs --epochs\n' >.popt
home=$HOME
export HOME="$work"
refused train --preset xor --epohcs 5
export HOME="$home"

# ---- combinations of options

weft 0 train --preset xor --epochs 1 --device CPU
check 'CPU is the word cpu' grep -q 'CPU backend' err
weft 2 train --preset xor --batches 5
says '^weft: --batches: got 5, need at most the 4 training samples$'
refused train --preset xor --schedule cosine --min-rate 1
says '^weft: --min-rate: got 1, need at most the learning rate 0.1$'
refused train --preset xor --clip-norm 1e-320
says '^weft: --clip-norm 1e-320: the norm is too small'
refused train --preset xor --warmup 50000
says '^weft: --warmup: got 50000 epochs, need fewer than the 50000 epochs of the run$'
refused train --preset xor --class-weight balanced,1
says '^weft: --class-weight balanced,1: need none, balanced, or a number for each class'
refused train --preset xor --hidden 3,99999999999
says '^weft: --hidden 99999999999: the width must be between 1 and 2147483647$'
weft 0 train --preset xor --epochs 1 --device cpu --hidden none --dropout 0
refused train --preset xor --hidden none --dropout 0.5
says '^weft: --dropout: has no effect without hidden layers$'
weft 0 train --preset xor --epochs 1 --device cpu -o saved
for excluded in '--preset best' '--hidden 3' '--no-bias' '--init he' '--init-model saved' '--task regress'; do
    for command in check bench tune; do
        refused $command --model saved $excluded
        says "^weft: --$(echo "${excluded%% *}" | sed 's/^--//; s/^no-//'): cannot be combined with --model"
    done
done
