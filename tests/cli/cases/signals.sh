# Tests SIGINT, SIGTERM and SIGHUP. The model is saved, results are printed, and the exit codes are
# 130, 143 and 129. No signal replaces a model by less than a complete epoch. A closed pipe loses
# nothing.

endless='--data folder --hidden 8 --epochs 100000000 --device cpu'

# background ARGUMENT...: runs in the background. A shell without job control would let it ignore
# SIGINT.
background() {
    : >err # callers may look at it before the new program empties it
    env --default-signal=INT,QUIT "$program" "$@" >out 2>err &
    pid=$!
}

# start ARGUMENT...: runs in the background and waits for the first complete epoch
start() {
    : >log
    background train $endless --log log "$@"
    await test -s log
}

start -o stopped --json
kill -INT $pid
wait $pid
outcome 130 $? 'SIGINT'
check 'results so far' "$json_shape" '{"command":"=train","backend":"string","device":"string",
    "preset":"string","seed":"integer","epochs":"integer","seconds":"number",
    "epoch_seconds":{"median":"number","min":"number","max":"number"},"check_seconds":"number",
    "train":{"accuracy":"number","error":"number"},"validation":"number?",
    "test":{"accuracy":"number","error":"number"},"model":"=stopped"}' <out
says '^Interrupted after epoch [0-9]* of 100000000\. The model is saved as stopped\. Resume with: weft train --resume stopped\.checkpoint$'
weft 0 evaluate --model stopped --data folder --device cpu

start -o stopped_too
kill -TERM $pid
wait $pid
outcome 143 $? 'SIGTERM'
weft 0 evaluate --model stopped_too --data folder --device cpu

# A terminal that closes sends the signal twice. The model is saved all the same.
start -o hung_up
kill -HUP $pid
kill -HUP $pid
wait $pid
outcome 129 $? 'SIGHUP'
weft 0 evaluate --model hung_up --data folder --device cpu

# Saving waits if the model goes to a pipe whose reader does not read yet. The state in which a
# signal arrives is then certain. The model is larger than the buffer of a pipe.
rm -f pipe && mkfifo pipe
# begin SIGNAL SECONDS: starts a training and ends it with SIGNAL; it then waits in its last write
begin() {
    rm -f go through
    {
        while [ ! -e go ]; do sleep 0.1; done
        cat
    } <pipe >through &
    reader=$!
    start --hidden 300,300 -q -o pipe
    kill -"$1" $pid
    sleep "$2"
}

# arrives CODE WHAT: checks that the program still runs and that its reader gets a complete model
arrives() {
    sleep 0.5
    check "$2: it has ended" kill -0 $pid
    : >go
    wait $pid
    outcome "$1" $? "$2"
    wait $reader
    weft 0 evaluate --model through --data folder --device cpu
}

# timeout(1) signals its child and then the whole group at once. That counts as one signal, not two.
begin TERM 0.02
kill -TERM $pid
arrives 143 'one SIGTERM that comes twice'
# A terminal that closes meanwhile does not end the program either.
begin INT 0.5
kill -HUP $pid
arrives 130 'SIGINT, then SIGHUP'
# A second request does end it at once.
begin INT 0.5
kill -TERM $pid
wait $pid
outcome 143 $? 'two signals'
: >go
wait $reader
check 'two signals: the whole model' test "$(wc -c <through)" -lt 300000
rm pipe

# A signal that was ignored when the program began stays ignored, as under nohup.
for signal in HUP INT TERM; do
    other=TERM code=143
    [ $signal != TERM ] || other=HUP code=129
    : >log
    env --default-signal=INT,QUIT --ignore-signal=$signal "$program" train $endless --log log -q -o "no$signal" >out 2>err &
    pid=$!
    while [ ! -s log ]; do sleep 0.1; done
    kill -$signal $pid
    sleep 0.5
    check "an ignored SIG$signal ends it" kill -0 $pid
    kill -$other $pid
    wait $pid
    outcome $code $? "SIG$other where SIG$signal is ignored"
    weft 0 evaluate --model "no$signal" --data folder --device cpu
done

# Before the first epoch ends, nothing is saved and an older model stays. The reference runs beside
# each of the 1000 batches, so that the epoch takes seconds on any machine.
{
    bytes 0 0 8 1 0 0 195 80
    head -c 25000 /dev/zero
    head -c 25000 /dev/zero | tr '\0' '\1'
} >many_labels
first='--images many --labels many_labels --hidden 200,200 --batch-size 50 --check-every 1 --device cpu -q'
# first_epoch FILE ARGUMENT...: sends a signal in the first epoch, with -o FILE
first_epoch() {
    file=$1
    shift
    printf 'of an earlier run\n' >log
    background train $first --log log -o "$file" "$@"
    while ! grep -q '^device: ' err; do sleep 0.1; done
    sleep 0.2
    kill -INT $pid
    wait $pid
    outcome 130 $? "SIGINT in the first epoch: $*"
    check 'the log is emptied' test "$(cat log)" = 'of an earlier run'
}
weft 0 train --images many --labels many_labels --hidden 200,200 --batches 10 --epochs 1 --device cpu -q -o older
cp older stays
for how in '--epochs 100' '--ensemble 3' '--holdout 0.5 --patience 3' '--init-model older'; do
    first_epoch older $how
    says '^Interrupted before the first epoch ended\. No model was saved; older is unchanged\. Resume with: weft train --resume older\.checkpoint$'
    check "$how: the older model is replaced" cmp -s older stays
done
first_epoch unborn --epochs 100 --json
says '^Interrupted before the first epoch ended\. No model was saved\. Resume with: weft train --resume unborn\.checkpoint$'
prints '"epochs":0,.*"model":null'
check 'a model of no epoch' test ! -e unborn

# An ensemble keeps its complete members, or the state of the first one.
background train --data folder --hidden 8 --epochs 2 --ensemble 100 --device cpu --log log -q -o members
while ! grep -q '"member":3' log 2>err; do sleep 0.02; done
kill -INT $pid
wait $pid
outcome 130 $? 'SIGINT in an ensemble'
says '^Interrupted after member [0-9]* of 100\. The model is saved as members\.\( Resume with: weft train --resume members\.checkpoint\)\?$'
weft 0 evaluate --model members --data folder --device cpu
prints 'the first of [0-9]* members$'
start --ensemble 3 -o first_member
kill -INT $pid
wait $pid
outcome 130 $? 'SIGINT in the first member'
says '^Interrupted after epoch [0-9]* of 100000000 of the first member\. The model is saved as first_member\. Resume with: weft train --resume first_member\.checkpoint$'

# If nobody reads a pipe any more, the training continues, saves, and reports that its results are
# lost.
# gone ARGUMENT...: runs a training with both streams in such a pipe
gone() {
    {
        "$program" train --data folder --hidden 8 --epochs 20000 --device cpu -o "$@" 2>&1
        echo $? >code
    } | head -n 1 >out
    check "$*: exit code $(cat code), not 5" test "$(cat code)" -eq 5
    weft 0 evaluate --model "$1" --data folder --device cpu
}
gone both_streams
gone the_log --log /dev/stdout
gone json --json
rm -f pipe && mkfifo pipe
head -n 1 <pipe >out &
"$program" train --data folder --hidden 8 --epochs 20000 --device cpu -o no_progress 2>pipe >results
check 'stderr alone is closed' test $? -eq 0
check 'no results' grep -q '^saved as no_progress$' results
# Commands that keep nothing are filters.
for command in "evaluate --model stopped --data folder --device cpu" "devices" "check --preset xor --device cpu"; do
    {
        sleep 0.3
        "$program" $command 2>err
        echo $? >code
    } | true
    check "$command: exit code $(cat code), not 141" test "$(cat code)" -eq 141
done

# Without a terminal, there is at most one line of progress per second, and none with -q.
start
sleep 2.5
kill -INT $pid
wait $pid
lines=$(grep -c '^epoch ' err)
check "$lines lines of progress in about 2.5 seconds" test "$lines" -ge 1
check "$lines lines of progress in about 2.5 seconds" test "$lines" -le 4
check 'escapes in a file' test "$(grep -c "$(printf '\033')" err)" -eq 0
start -q
sleep 1.5
kill -INT $pid
wait $pid
check 'progress in spite of -q' test "$(grep -c '^epoch ' err)" -eq 0

# On a wide terminal there is a bar, in color unless NO_COLOR is set. Some build environments have no
# pseudo-terminals.
if ! script -qec true terminal >/dev/null 2>&1 </dev/null; then
    echo 'signals: no pseudo-terminal here: the bar is left out'
else
    long="stty cols 160; $program train --data folder --hidden 8 --epochs 50000 --device cpu"
    TERM=xterm script -qec "$long" terminal >/dev/null </dev/null
    check 'no bar' grep -q '\[##*\.*\]\|\[\.\.*\]\|#\.' terminal
    check 'no color' grep -q "$(printf '\033')\[32m" terminal
    NO_COLOR=1 TERM=xterm script -qec "$long" terminal >/dev/null </dev/null
    check 'no bar' grep -q '\[[#.]*\]' terminal
    check 'color in spite of NO_COLOR' test "$(grep -c "$(printf '\033')\[32m" terminal)" -eq 0
fi

# A signal that arrives before training begins also ends the program. SIGINT could be lost here:
# shells make background programs ignore it until the program installs its handler.
"$program" train $endless >out 2>err &
pid=$!
kill -TERM $pid
wait $pid
outcome 143 $? 'SIGTERM at once'

# ---- maps

background embed --data folder --iterations 1000000 --device cpu -o map.csv
await grep -q '^iteration ' err
kill -INT $pid
wait $pid
outcome 130 $? 'SIGINT of a map'
says '^Interrupted after iteration [0-9]* of 1000000\. The map so far is saved\.$'
check 'the map so far' test "$(wc -l <map.csv)" -eq 31
