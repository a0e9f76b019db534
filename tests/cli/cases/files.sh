# Tests the files of a run. It writes no file that it reads, and no file twice. Other tests cover
# names without meaning, pipes, and a log that keeps its contents until this run completes an epoch.

short='--epochs 1 --device cpu -q'

# refused PATTERN ARGUMENT...: expects exit code 2 before anything is read or written
refused() {
    pattern=$1
    shift
    weft 2 "$@"
    silent_but_one_line
    says "^weft: $pattern"
    check 'results of a refused command' test ! -s out
}

# ---- one file under two names, for two outputs

printf 'old\n' >model
ln -s model link
ln model hard
ln -s "$work" here
ln -s unborn link_to_unborn
ln -s link_to_unborn link_to_link
# same_file MODEL LOG: expects that both names are recognized as one file
same_file() {
    refused "--log $2: this run writes -o $1 to this file; need another name\$" \
        train --preset xor $short -o "$1" --log "$2"
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
bundle='--check-every 5 --bundle'
refused '--bundle link: this run writes -o model to' train --preset xor $short -o model $bundle link
refused '--bundle hard: this run writes --log model to' train --preset xor $short --log model $bundle hard
refused '--bundle weft-bundle.safetensors: this run writes -o ./weft-b' \
    train --preset xor $short --check-every 5 -o ./weft-bundle.safetensors

# These names only look alike.
weft 0 train --preset xor $short -o folder/model --log other
weft 0 train --preset xor $short -o unborn --log folder/unborn
rm -f other unborn folder/model folder/unborn

# ---- an output that is also an input

cp -r folder given
cp folder/train-images-idx3-ubyte images
cp folder/train-labels-idx1-ubyte labels
ln -s given given_link
ln -s labels labels_link
ln labels labels_hard
ln -s given/t10k-labels-idx1-ubyte test_link
mkdir packed
gzip -c images >packed/train-images-idx3-ubyte.gz
gzip -c labels >packed/train-labels-idx1-ubyte.gz
mkdir -p root/fashion-mnist
cp folder/* root/fashion-mnist
weft 0 train --data folder --hidden 4 $short -o init
cp init init_before
cp -r given given_before

# is_input INPUT OPTIONS FILE: checks that no output may be FILE, which a run with OPTIONS reads for
# INPUT
is_input() {
    input=$1 options=$2 file=$3
    sum=$(cksum "$file")
    for output in '-o' '--log' "$bundle"; do
        refused "${output##* } $file: this run reads this file ($input" train $options $short $output "$file"
        check "$file is touched" test "$(cksum "$file")" = "$sum"
    done
}
pair='--images images --labels labels'
for name in images ./images "$work/images"; do is_input --images "$pair" "$name"; done
for name in labels labels_link labels_hard here/labels; do is_input --labels "$pair" "$name"; done
for name in given given/ ./given given_link; do
    is_input --data "--data $name" given/train-labels-idx1-ubyte
    is_input --data "--data $name" given_link/t10k-images-idx3-ubyte
    is_input --data "--data $name" test_link
done
is_input --test "$pair --test given" given/t10k-labels-idx1-ubyte
cp images tested
is_input --test "$pair --test tested" tested
is_input --data '--data packed' packed/train-images-idx3-ubyte.gz
export WEFT_DATA="$work/root"
is_input --data '--data fashion-mnist' root/fashion-mnist/train-images-idx3-ubyte
unset WEFT_DATA
for output in '--log' "$bundle"; do
    refused "${output##* } init: this run reads this file (--init-model init)" \
        train --data folder --hidden 4 $short --init-model init $output init
done
check 'an input is touched' diff -r given given_before
check 'the initial model is touched' cmp -s init init_before

# The model may be written to its own file, and a file beside the data is not an input.
ln -s init init_link
weft 0 train --data folder --hidden 4 $short --init-model init -o init_link
check 'the model went nowhere' test "$(cmp -s init init_before && echo same)" = ''
weft 0 train --data given $short -o given/model --log given/train-labels-idx1-ubyte.log
pair='--images folder/train-images-idx3-ubyte --labels folder/train-labels-idx1-ubyte'

# ---- names

for output in '-o' '--log' "$bundle"; do
    refused "${output##* }: got an empty name, need a file" train --preset xor $short $output ''
    refused "${output##* } -: got \"-\", need a file; use /dev/stdout" train --preset xor $short $output -
done
for input in --data --test --images --init-model; do
    refused "$input: got an empty name, need a file" train $short $input ''
done
refused '--init-model -: got "-", need a file; only data can come from standard input' train $short --init-model -
refused '--labels: got an empty name' train --images images --labels '' $short
refused '--model: got an empty name' predict --model '' --data folder
refused '--replay: got an empty name' check --replay ''
check 'a file of the name -' test ! -e -
weft 0 train --preset xor $short -o ./-
weft 0 evaluate --model ./- --data xor --device cpu
rm ./-

# ---- pipes: rejected at once if nobody reads them; a reader gets complete data

rm -f pipe && mkfifo pipe
for output in '-o' '--log' "$bundle"; do
    weft 5 train --preset xor --epochs 1 --device cpu $output pipe
    silent_but_one_line
    says '^weft: pipe: no process reads from this pipe; start its reader first$'
done
weft 0 train --preset xor $short -o straight
cat pipe >through &
reader=$!
sleep 0.3
weft 0 train --preset xor $short -o pipe
wait $reader
check 'another model went through the pipe' cmp -s straight through
cat pipe >through &
reader=$!
sleep 0.3
weft 0 train --preset xor --epochs 3 --device cpu --log pipe
wait $reader
check 'not three lines went through the pipe' test "$(wc -l <through)" -eq 3

# ---- a log keeps the lines of an earlier run until this run completes an epoch

printf 'of an earlier run\n' >kept
# keeps_log CODE ARGUMENT...: runs a command that is rejected or ends before the first epoch
keeps_log() {
    code=$1
    shift
    weft "$code" "$@" --device cpu --log kept
    check "$*: the log is touched" test "$(cat kept)" = 'of an earlier run'
    weft "$code" "$@" --device cpu --log unborn
    check "$*: a log of nothing" test ! -e unborn
}
keeps_log 2 train --data folder --class-weight 1,2
keeps_log 2 train --preset xor --shift 1
keeps_log 2 train --preset xor --erase 1
keeps_log 2 train --preset xor --flip
keeps_log 2 train --preset xor --patience 2
keeps_log 2 train --preset xor --dropout 0.1,0.2
keeps_log 2 train --preset xor --check-every 0.5
keeps_log 3 train --data folder --test xor
keeps_log 3 train --data folder --task multilabel
keeps_log 4 train --data folder --hidden 5 --init-model init
keeps_log 5 train --data folder -o no-such-folder/model
keeps_log 9 train --data folder --learning-rate 1e38 --l2 1 --batch-size 2
weft 6 train --preset xor --device 99 --log kept
check 'a device that is not there: the log is touched' test "$(cat kept)" = 'of an earlier run'
weft 0 train --preset xor --epochs 2 --device cpu --log kept
check 'not two lines' test "$(wc -l <kept)" -eq 2
ln -s kept kept_link
weft 0 train --preset xor $short --log kept_link
check 'a log does not go through its link' test "$(wc -l <kept)" -eq 1

# Standard output or standard error under another name continues at its current position.
"$program" train --preset xor --epochs 3 --device cpu -q --json --log /dev/stdout >out 2>err
outcome 0 $? '--log /dev/stdout'
check 'three epochs and the results' test "$(wc -l <out)" -eq 4
check 'the results are not last' test "$(grep -n '"command"' out | cut -d: -f1)" = 4
printf 'before\n' >out
"$program" train --preset xor --epochs 3 --device cpu --json --log out >>out 2>err
outcome 0 $? '--log is standard output'
check 'what was there, three epochs, the results' test "$(wc -l <out)" -eq 5
check 'what was there' test "$(head -n 1 out)" = before

"$program" train --preset xor --epochs 3 --device cpu --log /dev/null >&- 2>err
outcome 5 $? '--log /dev/null where standard output is closed'
says '^weft: standard output: '

rm -f model link hard here link_to_unborn link_to_link pipe init_link
