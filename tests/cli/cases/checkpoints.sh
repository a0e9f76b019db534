# Tests checkpoints: a training that is interrupted, killed or out of time and then resumed saves
# the same model and the same log as one that was not. Nothing is lost when a write fails, and
# nothing is resumed that does not fit.

steady='--data folder --hidden 16,8 --dropout 0.2 --ema 0.9 --holdout 0.2 --batch-size 4 --seed 5 --device cpu -q'
training="$steady --epochs 400"

# plain LOG: the log without what may differ
plain() {
    sed 's/,"seconds":[^,}]*//' "$1"
}

# same FILE LOG WHAT: they are those of the training that was not interrupted
same() {
    check "$3: the model differs" cmp -s "$1" whole
    plain "$2" >plain_log
    check "$3: the log differs" cmp -s plain_log whole_log
}

# in_background ARGUMENT...: as `background` of signals.sh
in_background() {
    : >err
    env --default-signal=INT,QUIT "$program" "$@" >out 2>err &
    pid=$!
}

weft 0 train $training -o whole --log log
plain log >whole_log

# Signals leave a checkpoint beside the model, and the message has the command that resumes.
for signal in INT TERM HUP; do
    rm -f log
    in_background train $training -o model.safetensors --log log
    await test -s log
    kill -$signal $pid
    wait $pid
    check "SIG$signal: exit code $?" test "$(sed -n 's/^Interrupted .* Resume with: weft train --resume //p' err)" = model.checkpoint
    weft 0 train --resume model.checkpoint --report page.html
    same model.safetensors log "SIG$signal"
    rm model.checkpoint
done
check 'a report repeats another training' grep -q -e '--epochs 400' page.html

# kill -9 at any moment loses what came after the last checkpoint, and nothing else.
for moment in 0 0.1 0.2 0.4; do
    rm -f log run.ck
    in_background train $training -o model --log log --checkpoint run.ck --checkpoint-every 50batches
    await test -s run.ck
    sleep $moment
    kill -9 $pid 2>/dev/null
    wait $pid
    weft 0 train --resume run.ck
    same model log "killed after $moment s"
done
check 'a temporary file is left' test "$(find . -name '.weft-*.tmp' | wc -l)" -le 8
find . -name '.weft-*.tmp' -exec rm {} +

# Every member of an ensemble is resumed where it was.
several="$steady --epochs 60 --ensemble 3"
weft 0 train $several -o whole --log log
plain log >whole_log
for member in 1 2 3; do
    rm -f log run.ck
    in_background train $several -o model --log log --checkpoint run.ck --checkpoint-every 40batches
    await grep -q "\"member\":$member" log
    await test -s run.ck
    kill -9 $pid 2>/dev/null
    wait $pid
    weft 0 train --resume run.ck
    same model log "member $member"
done
weft 0 train $training -o whole --log log
plain log >whole_log

# Each system call on the file of a checkpoint fails, or the program is killed in it.
short="$steady --epochs 3"
weft 0 train $short -o whole --log log
plain log >whole_log
under_strace() {
    rm -rf target
    mkdir target
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=0 strace -y -o trace "$@" \
        "$program" train $short -o target/model --log target/log --checkpoint target/run.ck \
        --checkpoint-every 10batches >out 2>err </dev/null
}

# goes_on WHAT: the checkpoint that is there is whole, and the training resumes from it
goes_on() {
    [ -e target/run.ck ] || return 0
    weft 0 train --resume target/run.ck
    same target/model target/log "$1"
    resumed=$((resumed + 1))
}
under_strace -e trace='write,fsync,?rename,?renameat,?renameat2'
outcome 0 $? 'checkpoints under strace'
cp trace all
rename=$(sed -n 's/^\(rename[a-z0-9]*\)(.*target\/run.ck.*/\1/p' all | head -n 1)
resumed=0
for call in write fsync $rename; do
    for n in $(awk -v name="$call" 'index($0, name "(") == 1 { n++; if ($0 ~ "target(/.weft-|>|/run.ck)") print n }' all); do
        under_strace -e trace="$call" -e inject="$call:signal=KILL:when=$n"
        check "$call $n: not killed" test $? -eq 137
        goes_on "killed in $call $n"
        under_strace -e trace="$call" -e inject="$call:error=ENOSPC:when=$n"
        outcome 5 $? "$call $n: no space"
        says '^weft: target/\(model\|log\|run\.ck\)'
        goes_on "no space in $call $n"
    done
done
check "only $resumed trainings resumed" test "$resumed" -ge 10
weft 0 train $training -o whole --log log
plain log >whole_log

# SIGUSR1 writes a checkpoint, and the training goes on.
rm -f log run.ck
in_background train $steady --epochs 100000000 -o model --log log --checkpoint run.ck
await test -s log
kill -USR1 $pid
await test -s run.ck
check 'no checkpoint after SIGUSR1' test -s run.ck
check 'SIGUSR1 ends it' kill -0 $pid

# One process writes a checkpoint.
weft 12 train --resume run.ck
says 'run\.ck: another process is writing this file$'
kill -9 $pid
wait $pid

# A time limit ends the training before it is over.
rm -f run.ck
weft 0 train $steady --epochs 100000000 -o model --checkpoint run.ck --time-limit 2s
says '^Stopped by the time limit after epoch [0-9]* of 100000000\. The model is saved as model\. Resume with: weft train --resume run\.ck$'

# What does not fit is refused, with what differs, and the checkpoint stays.
cp run.ck kept
weft 4 train --resume run.ck --learning-rate 0.5
says 'run\.ck: --learning-rate: got 0\.5, the checkpoint has none$'
weft 4 train --resume run.ck --seed 6
says 'run\.ck: --seed: got 6, the checkpoint has 5$'
weft 4 train --resume run.ck --images folder/t10k-images-idx3-ubyte --labels folder/t10k-labels-idx1-ubyte
weft 4 train --resume run.ck --ensemble 3
says 'run\.ck: --ensemble: got 3, the checkpoint has none$'
cp -r folder fewer
images 59 >fewer/train-images-idx3-ubyte
labels 59 >fewer/train-labels-idx1-ubyte
weft 4 train --resume run.ck --data fewer
says 'run\.ck: the training set differs from that of the checkpoint'
weft 4 train --resume whole
says 'whole: not a checkpoint'
weft 5 train --resume missing
for name in - ''; do
    weft 2 train --resume "$name"
    says '^weft: --resume.*: got .*, need a file'
done
weft 4 evaluate --model run.ck --data folder --device cpu
head -c 1000 run.ck >cut
weft 4 train --resume cut
says 'cut: .*truncated'
check 'a refusal changes the checkpoint' cmp -s run.ck kept

# Usage
weft 2 train $training --checkpoint run.ck
says -- '--checkpoint run\.ck: the file exists; continue with --resume run\.ck'
weft 2 train $training --checkpoint new.ck --checkpoint-every 5
says 'need a time, epochs or batches'
weft 2 train $training --checkpoint new.ck --checkpoint-every 0m
weft 2 train $training --checkpoint-every 5m
weft 2 train $training --time-limit 3epochs
weft 2 train $training --checkpoint folder/train-images-idx3-ubyte
weft 2 train $training -o same.ck --checkpoint same.ck
check 'a refused run leaves a checkpoint' test ! -e new.ck

# A full disk costs a checkpoint, not the training, and that is said.
mkdir small
rm -f log
(
    ulimit -f 4 # blocks of 512 bytes, too few for a checkpoint
    "$program" train $training -o small/model --checkpoint small/run.ck --checkpoint-every 100batches >out 2>err
)
check 'a write that failed is not told' test \
    "$(grep -c '^note: small/run\.ck: cannot write.*; no checkpoint is written$' err)" -eq 1
check 'a half-written checkpoint' test ! -e small/run.ck
rm -rf small target fewer kept cut all trace log plain_log whole_log whole model model.safetensors \
    same.ck run.ck page.html ./*.checkpoint ./*.lock
find . -name '.weft-*.tmp' -exec rm {} +
