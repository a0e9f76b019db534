# Tests bad data, bad models, files that cannot be written, and diverging trainings. The program
# must print one line and return the right code, and old files must not change.

few='--epochs 2 --device cpu'
weft 0 train --data folder --hidden 4 --epochs 20 --device cpu -o good

# exit code 3: bad data
weft 3 train --images folder/train-images-idx3-ubyte --labels folder/t10k-labels-idx1-ubyte $few
silent_but_one_line
says '60'
says '30'
head -c 100 folder/train-images-idx3-ubyte >short
weft 3 train --images short --labels folder/train-labels-idx1-ubyte $few
silent_but_one_line
says '^weft: short: '
printf '' >empty
weft 3 predict --model good --images empty --device cpu
silent_but_one_line
weft 3 evaluate --model good --data xor --device cpu
silent_but_one_line
says 'got 2, .* needs* 4'
weft 3 predict --model good --data xor --device cpu
silent_but_one_line
weft 3 evaluate --model good --data folder/t10k-images-idx3-ubyte --device cpu
silent_but_one_line
says 'labels'
weft 3 train --data folder/t10k-images-idx3-ubyte $few
silent_but_one_line
{
    bytes 0 0 8 1 0 0 0 30
    head -c 29 /dev/zero
    bytes 9
} >nine
weft 0 evaluate --model good --images folder/t10k-images-idx3-ubyte --labels nine --device cpu
says 'such as "9"; they count as wrong$'

# A bad test set is reported before a device is opened, which would print `device: `.
weft 3 train --data folder --test xor --epochs 2
silent_but_one_line
says '^weft: xor: features of a sample: got 2, the model needs 4'
weft 3 train --data folder --test folder/t10k-images-idx3-ubyte --epochs 2
silent_but_one_line
says 'labels: got none, need one for each sample'
mkdir strange
cp folder/* strange
labels 30 | tr '\002' '\003' >strange/t10k-labels-idx1-ubyte
weft 0 train --data folder --test strange --epochs 2 --device cpu -q
says '^note: strange/t10k-labels-idx1-ubyte: 10 of 30 samples belong to classes that training never saw, such as "3"'

# exit code 4: bad models
head -c 100 good >cut
weft 4 evaluate --model cut --data folder --device cpu
silent_but_one_line
says '^weft: cut: '
weft 4 predict --model short --data folder --device cpu
silent_but_one_line
weft 4 train --data folder --init-model good --hidden 5 $few
silent_but_one_line

# exit code 5: files
weft 5 train --data no-such-data $few
silent_but_one_line
says 'fashion-mnist'
weft 5 train --images missing --labels missing $few
silent_but_one_line
weft 5 evaluate --model missing --data folder --device cpu
silent_but_one_line
weft 5 evaluate --model folder --data folder --device cpu
silent_but_one_line
mkdir empty-folder
weft 5 train --data empty-folder $few
silent_but_one_line
weft 5 train --data folder $few -o no-such-folder/model
silent_but_one_line
weft 5 train --data folder $few -o folder
silent_but_one_line
weft 5 train --data folder $few --log no-such-folder/log -o unsaved
check 'trained without its log' test ! -e unsaved
weft 5 train --data folder $few -o /dev/full
weft 5 train --data folder $few --log /dev/full -o saved
says '^weft: /dev/full: '
weft 0 evaluate --model saved --data folder --device cpu

# A file grows beyond `ulimit -f`. The limit is one or two kilobytes, and the model needs more. A
# coverage build would truncate its count files, so these go elsewhere.
export GCOV_PREFIX="$work/counts"
cp good limited
mkdir limits
cp good limits/old
(
    ulimit -f 2
    "$program" train --data folder --hidden 500 $few -o limits/old >out 2>err
)
outcome 5 $? 'a model beyond the limit of file sizes'
says '^weft: limits/old: .*File too large'
check 'the old model is touched' cmp -s limited limits/old
check 'something is left' test "$(ls -A limits)" = old
(
    ulimit -f 1
    "$program" train --data folder --hidden 4 --epochs 100 --device cpu -q --log limits/log >out 2>err
)
outcome 5 $? 'a log beyond the limit of file sizes'
says '^weft: limits/log: .*File too large'
unset GCOV_PREFIX

# full_output CODE ARGUMENT...: runs with stdout on a full disk
full_output() {
    code=$1
    shift
    "$program" "$@" >/dev/full 2>err
    outcome $code $? "weft $* >/dev/full"
    says 'standard output'
}
full_output 5 --help
full_output 5 train --help
full_output 5 devices --json
full_output 5 evaluate --model good --data folder --device cpu
full_output 5 predict --model good --data folder --device cpu
full_output 5 predict --model good --images many --device cpu --json
full_output 5 train --data folder $few -o after_full
check 'the model before the results' test -s after_full

"$program" predict --model good --data folder --device cpu >&- 2>err
outcome 5 $? 'closed stdout'
{
    "$program" predict --model good --images many --device cpu 2>err
    echo $? >code
} | head -n 1 >out
check 'a closed pipe ends the filter by SIGPIPE' test "$(cat code)" -eq 141
prints '^index,label,name,probability'

# exit code 9: the penalty multiplies the weights by -2999 in each step, and the last good epoch is
# kept
weft 9 train --data folder --optimizer sgd --schedule constant --learning-rate 3 --l2 1000 --batches 1 --epochs 50 --device cpu -o diverged
says 'last good model, of epoch [1-9][0-9]*, is saved as diverged$'
says 'epoch [0-9]*, batch 1 of 1: .* no longer finite, .*weight'
weft 0 evaluate --model diverged --data folder --device cpu
# If not even the first epoch is good, nothing replaces an older model.
cp diverged before
weft 9 train --data folder --learning-rate 1e38 --l2 1 --batch-size 2 --device cpu -o diverged
says 'epoch 1, batch.*; nothing was saved; diverged is unchanged$'
check 'the older model is untouched' cmp -s before diverged
weft 9 train --data folder --learning-rate 1e38 --l2 1 --batch-size 2 --device cpu -o unborn
says 'epoch 1, batch.*; nothing was saved$'
check 'a model of no epoch' test ! -e unborn
weft 9 train --data folder --learning-rate 1e38 --l2 1 --epochs 20 --device cpu
# With early stopping the best epoch is kept. It is the first, because the weights only grow after
# it.
weft 9 train --data folder --optimizer sgd --schedule constant --learning-rate 3 --l2 1000 --batches 1 --epochs 50 --device cpu \
    --holdout 0.2 --patience 50 -o diverged
says '; the best model, of epoch 1, is saved as diverged$'
# An ensemble keeps the members before the one that fails. The loss is half the squares of up to
# 2.4e19 times 0.3, 0.41 and 1.32 with seeds 121, 122 and 123. Only the first two fit into a float.
huge='--preset xor --hidden none --head identity --init uniform --initial-range 2.4e19 --learning-rate 0 --epochs 1
    --batches 1 --device cpu'
weft 9 train $huge --seed 121 --ensemble 4 -o diverged
says '^weft: member 3 of 4, seed 123: training diverged in epoch 1, .*; the ensemble of the 2 members before it is saved as diverged$'
weft 0 evaluate --model diverged --data xor --device cpu
prints 'seed 121, .*, the first of 2 members'
weft 9 train $huge --seed 122 --ensemble 4 -o diverged
says '^weft: member 2 of 4, seed 123: .*; the member before it is saved as diverged$'
weft 0 evaluate --model diverged --data xor --device cpu
prints 'seed 122, 1 epochs of sgd, constant$'
cp diverged before
weft 9 train $huge --seed 123 --ensemble 4 -o diverged
says '^weft: member 1 of 4, seed 123: training diverged .*standard.*; nothing was saved; diverged is unchanged$'
check 'the older model is untouched' cmp -s before diverged
