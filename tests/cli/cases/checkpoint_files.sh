# Tests whose file a checkpoint is: one run at a time has it, nothing of the user's is replaced, and
# each message after a failure names the checkpoint that resumes the training.

steady='--data folder --hidden 16,8 --batch-size 4 --device cpu -q'
training="$steady --epochs 100000000 --log log"

# start ARGUMENT...: a training in the background, once it has an epoch
start() {
    rm -f log
    : >err
    env --default-signal=INT,TERM,HUP,USR1 "$program" train "$@" >out 2>err &
    pid=$!
    await test -s log
    cp err first_lines
}

# interrupt: ends the training as a user does
interrupt() {
    kill -INT $pid
    wait $pid
    outcome 130 $? 'SIGINT'
}

# ---- beside the model

# Without --checkpoint, one training at a time has the name of the model, too.
start $training -o 'my model.safetensors'
mv err err_of_first
weft 12 train $steady --epochs 1 -o 'my model.safetensors'
says '^weft: -o my model\.safetensors: another training run uses this name, and its checkpoint is my model\.checkpoint$'
mv err_of_first err
interrupt
says "Resume with: weft train --resume 'my model\.checkpoint'$"
check 'the lock stays' test ! -e 'my model.checkpoint.lock'
cp 'my model.checkpoint' earlier

# What an earlier training left is replaced, and that is said before.
start $training -o 'my model.safetensors' --seed 7
cp 'my model.checkpoint' then
interrupt
check 'an earlier checkpoint is replaced in silence' grep -q \
    '^note: my model\.checkpoint holds an earlier training run, which --resume continues; .* replaces the file$' first_lines
check 'the earlier checkpoint is gone too soon' cmp -s then earlier
check 'the earlier checkpoint stays' test "$(cmp -s 'my model.checkpoint' earlier && echo same)" = ''
weft 4 train --resume 'my model.checkpoint' --seed 42

# Nothing else is replaced.
echo 'my notes' >notes.checkpoint
mkdir full.checkpoint
for name in notes full; do
    start $training -o $name.safetensors
    interrupt
    check "$name: that no checkpoint will be left is not said" grep -q \
        "^note: if this run is interrupted, it leaves no checkpoint without --checkpoint: $name\.checkpoint: ..*$" first_lines
    check "$name: a checkpoint is promised" test "$(grep -c Resume err)" -eq 0
done
check 'a foreign file is replaced' test "$(cat notes.checkpoint)" = 'my notes'

# Nor what has appeared since the training began.
start $training -o late.safetensors
echo 'my notes' >late.checkpoint
interrupt
check 'a late foreign file is replaced' test "$(cat late.checkpoint)" = 'my notes'
says '^note: late\.checkpoint: .*; no checkpoint is written$'

# SIGUSR1 writes the same file, and says so if there is none.
start $training -o asked.safetensors
kill -USR1 $pid
await test -s asked.checkpoint
check 'SIGUSR1: no checkpoint' test -s asked.checkpoint
interrupt
start $training
kill -USR1 $pid
sleep 0.2
interrupt
says '^note: SIGUSR1 needs -o or --checkpoint; no checkpoint is written$'

# ---- named by the user

for name in folder /dev/null /dev/full; do
    weft 2 train $steady --epochs 1 --checkpoint $name
    says "^weft: --checkpoint $name: need a regular file$"
done
weft 5 train $steady --epochs 1 --checkpoint nowhere/run.ck
says '^weft: nowhere/run\.ck: cannot create its lock: '
# An option that a checkpoint cannot hold costs hours if only the first checkpoint tells.
weft 2 train $steady --epochs 1 -o "$(bytes 109 233)" --checkpoint run.ck
says '^weft: --checkpoint run\.ck: the options of this command must be UTF-8$'
for time in 0 0s -5s 1 1.5h '' 99999999999h; do
    weft 2 train $steady --epochs 1 --time-limit "$time"
    says '^weft: --time-limit ".*": need a time, such as 90s or 2h$'
done
weft 4 predict --model asked.checkpoint --data folder
says '^weft: asked\.checkpoint: this is a checkpoint: weft train --resume continues it, and its -o is the model$'
weft 4 train $steady --epochs 1 --init-model asked.checkpoint
says 'asked\.checkpoint: this is a checkpoint'

# ---- failures name the checkpoint

regular='--checkpoint run.ck --checkpoint-every 1batch'
weft 9 train $steady --epochs 2 --optimizer sgd --l2 1 --learning-rate 1000 -o diverged $regular
says '; resuming from run\.ck would diverge again$'
weft 9 train --resume run.ck
says '; resuming from run\.ck would diverge again$'
rm run.ck
weft 5 train $steady --epochs 2 -o /dev/full $regular
says '^weft: /dev/full: .*; resume with: weft train --resume run\.ck$'
weft 0 train --resume run.ck -o rescued
weft 0 evaluate --model rescued --data folder --device cpu

# A kernel that is wrong once the learning rate has fallen: the third epoch is resumed elsewhere. Batch
# norm keeps the kernel in use.
kernels=$(dirname "$(dirname "$here")")/kernels
mkdir wrong
sed 's/w\[i\] -= learning_rate/w[i] -= (learning_rate < 0.03f ? 1.1f : 1.0f) * learning_rate/' \
    "$kernels/update.cl" >wrong/update.cl
check 'no mistake' test "$(cmp "$kernels/update.cl" wrong/update.cl | wc -l)" -eq 1
rm run.ck
export WEFT_KERNEL_DIR=wrong
weft 10 train --data folder --hidden 4 --batch-norm --batch-size 16 --epochs 5 --optimizer sgd --schedule step --rate-every 1 \
    --rate-factor 0.5 --learning-rate 0.1 --check-every 1 --bundle bundle --device opencl --gemm own -q -o moved_on \
    --checkpoint run.ck --checkpoint-every 1epoch
says 'epoch 3, batch 1: update .*; resume on another device with: weft train --resume run\.ck --device cpu$'
weft 0 train --resume run.ck --device cpu
says '^note: the checkpoint was written with another device'
unset WEFT_KERNEL_DIR
rm -rf wrong bundle moved_on

# ---- the log of a resumed training

rm -f run.ck
weft 0 train $steady --epochs 3 --log log $regular
cp run.ck last.ck
seq 1000 | tr -d '\n' >other
weft 0 train --resume run.ck --log other
says '^note: other: this is not the log up to the checkpoint: the log begins anew$'
check 'two logs in one file' test "$(grep -c '^{"epoch":' other)" -eq "$(wc -l <other)"
cp last.ck run.ck
cp log moved
weft 0 train --resume run.ck --log moved
check 'a log in another place does not go on' test "$(wc -l <moved)" -eq 3
rm -rf *.ck other moved ./*.checkpoint ./*.safetensors run.ck earlier then rescued first_lines log
