# Help, and everything that is refused because it makes no sense: 2, one line, before any work.

weft 0 --help
prints '^  train '
weft 0 -h
prints '^Usage: weft COMMAND'
weft 0 --version
prints '^weft [0-9]'
prints 'CLBlast'
for command in train evaluate predict devices bench; do
    weft 0 $command --help
    prints "^Usage: weft $command"
    prints "^  weft $command"
    check "help of $command on stderr" test ! -s err
    # A long list behind an option's = would leave its neighbors a column of one word.
    check "help of $command is wide" test -z "$(awk 'length($0) > 84' out)"
done
weft 0 train --help
prints '^  epochs  *[0-9]'
prints '^  initialization  *uniform-one'
prints '^  rise  *0.3 '
prints '^  rate-every  *10 '

refused() {
    weft 2 "$@"
    silent_but_one_line
    check "results of a refused command" test ! -s out
}

refused
refused --help extra
says '^weft: extra: unexpected; --help stands alone'
refused --version --help
says '^weft: --help: unexpected; --version stands alone'
refused trian
says 'nearest: train$'
refused nonsense
says 'need train, evaluate, predict, devices, check, bench or tune'
refused train --epohcs 5
says '^weft: --epohcs: .*nearest: --epochs'
refused train --epohcs=5
says '^weft: --epohcs: .*nearest: --epochs'
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
says '^weft: --preset: .*article'
refused train --preset Best
says 'did you mean best?'
refused train --preset best_plain
says 'did you mean best-plain?'
refused train --preset xor --epochs Auto
says '^weft: --epochs: "Auto" .* or auto$'
refused train --preset xor --batch-size AUTO
says '^weft: --batch-size: "AUTO" .* or auto$'
refused train --preset xor --dropout 0.1,
says '^weft: --dropout: "0.1,": number 2 is missing'
refused train --preset xor --schedule step --rate-factor 0
says '^weft: --rate-factor: "0" is out of range: need a number above 0, 1 at most$'
refused train --preset xor --optimizer adam --beta2 0
says '^weft: --beta2: "0" is out of range: need a number above 0 and below 1$'
refused train --preset xor --optimizer momentum --momentum -1
says '^weft: --momentum: "-1" is out of range: need a number of 0 to below 1$'
for wrong in '--epochs abc' '--epochs 0' '--epochs -1' '--epochs 99999999999999999999' \
    '--epochs 5x' '--learning-rate nan' '--learning-rate 0,1' '--l2 -1' '--hidden 5,,3' \
    '--head softmx' '--scale standart' '--batch-size 0' '--gemm magic' '--optimizer adan' \
    '--momentum 1' '--beta1 x' '--epsilon 0' '--weight-decay -1' '--clip-norm inf' \
    '--label-smoothing 1' '--class-weight 0,0' '--shift -1' '--erase x' '--mixup -1' \
    '--ensemble 0'; do
    refused train --preset xor $wrong
    says "^weft: ${wrong%% *}: "
done
for idle in '--momentum 0.5' '--beta1 0.5 --optimizer rmsprop' '--beta2 0.5' '--epsilon 1' \
    '--weight-decay 0.1 --optimizer adam'; do
    refused train --preset xor $idle
    says "^weft: ${idle%% *}: needs --optimizer "
done
refused train --preset xor --patience 3
says '^weft: --patience: needs --holdout$'
refused train --preset xor --monitor accuracy
says '^weft: --monitor: needs --patience$'
for idle in '--rate-factor 0.5' '--rate-every 3 --schedule cosine' '--min-rate 0.1' '--rise 0.5'; do
    refused train --preset xor $idle
    says "^weft: ${idle%% *}: needs --schedule "
done
weft 0 train --preset xor --epochs 4 --device cpu --schedule cosine --warmup 1 --ema 0.9 --log log
check 'rates in the log' grep -q '"epoch":4,.*"learning_rate":0.025,' log
weft 0 train --preset xor --epochs 2 --device cpu --optimizer adamw --weight-decay 0.1 --clip-norm 1
for wrong in -1 x 1.5 9223372036854775808 18446744073709551615 99999999999999999999; do
    refused train --preset xor --seed $wrong
    says "^weft: --seed: got \"$wrong\", need a whole number of 0 to 9223372036854775807\$"
done
weft 0 train --preset xor --epochs 1 --device cpu --json --seed 9223372036854775807
prints '"seed":9223372036854775807,'
refused train --preset xor --batches 2 --batch-size 2
for wrong in 0 1 -0.5 nan x 0.2x ' 0.2' 0x1p-1 0,5 . e-1 5e 5e- 1e-999 ''; do
    refused train --preset xor --holdout "$wrong"
    says '^weft: --holdout: got .* need a number between 0 and 1$'
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

# one file for the model and the log, under two names
printf 'old\n' >model
ln -s model link
ln model hard
ln -s "$work" here
ln -s unborn link_to_unborn
ln -s link_to_unborn link_to_link
# same_file MODEL LOG
same_file() {
    refused train --preset xor --epochs 1 --device cpu -o "$1" --log "$2"
    says "^weft: --log: $2 is the file of -o $1, need another"
    check 'the old model is touched' test "$(cat model)" = old
    check 'something was made' test ! -e unborn
}
for name in model ./model "$work/model" folder/../model here/model link ./link hard; do
    same_file model "$name"
    same_file "$name" model
done
for name in unborn ./unborn "$work/unborn" here/unborn link_to_unborn here/link_to_link; do
    same_file unborn "$name"
    same_file "$name" unborn
done
refused train --preset xor --init-model model --log link
says '^weft: --log: link is the file of --init-model model'
refused train --images folder/train-images-idx3-ubyte --labels hard --log model
says '^weft: --log: model is the file of --labels hard'
# ... and names that only look alike
weft 0 train --preset xor --epochs 1 --device cpu -o folder/model --log model
weft 0 train --preset xor --epochs 1 --device cpu -o unborn --log folder/unborn
rm -f model link hard here link_to_unborn link_to_link unborn folder/model folder/unborn

refused evaluate --data xor
says '^weft: --model: missing'
refused predict --data xor
refused devices --epochs 3

# popt would take aliases from here
printf 'weft alias --epohcs --epochs\n' >.popt
home=$HOME
export HOME="$work"
refused train --preset xor --epohcs 5
export HOME="$home"
