# Help, and everything that is refused because it makes no sense: 2, one line, before any work.

weft 0 --help
prints '^  train '
weft 0 -h
prints '^Usage: weft COMMAND'
weft 0 --version
prints '^weft [0-9]'
prints 'CLBlast'
for command in train evaluate predict devices; do
    weft 0 $command --help
    prints "^Usage: weft $command"
    prints "^  weft $command"
    check "help of $command on stderr" test ! -s err
done
weft 0 train --help
prints '^  epochs  *[0-9]'

refused() {
    weft 2 "$@"
    silent_but_one_line
    check "results of a refused command" test ! -s out
}

refused
refused trian
says 'nearest: train$'
refused nonsense
says 'need train, evaluate, predict or devices'
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
for wrong in '--epochs abc' '--epochs 0' '--epochs -1' '--epochs 99999999999999999999' \
    '--epochs 5x' '--learning-rate nan' '--learning-rate 0,1' '--l2 -1' '--hidden 5,,3' \
    '--head softmx' '--scale standart' '--seed -1' '--seed 9223372036854775808' '--batch-size 0' '--products magic'; do
    refused train --preset xor $wrong
    says "^weft: ${wrong%% *}: "
done
refused train --preset xor --batches 2 --batch-size 2
for wrong in 0 1 -0.5 nan x 0.2x; do
    refused train --preset xor --holdout $wrong
    says '^weft: --holdout: '
done

refused train
says '^weft: --data: missing'
refused train --test folder
refused train --images folder/train-images-idx3-ubyte
says 'needs --labels'
refused train --labels folder/train-labels-idx1-ubyte
says 'needs --images'
refused train --data xor $pair
refused train --preset xor -o same --log same
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
