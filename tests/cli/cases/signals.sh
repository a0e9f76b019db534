# SIGINT and SIGTERM: the model is saved, results are printed, 130 and 143.

endless='--data folder --hidden 8 --epochs 100000000 --device cpu'

# start ARGUMENT...: in the background, until it has trained an epoch
start() {
    : >log
    "$program" train $endless --log log "$@" >out 2>err &
    pid=$!
    tries=0
    while [ ! -s log ] && [ $tries -lt 300 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
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
weft 0 evaluate --model stopped --data folder --device cpu

start -o stopped_too
kill -TERM $pid
wait $pid
outcome 143 $? 'SIGTERM'
weft 0 evaluate --model stopped_too --data folder --device cpu

start -o twice
kill -INT $pid
kill -INT $pid
wait $pid
check 'two signals: the program ends with 130' test $? -eq 130

# Progress that nobody watches on a terminal: at most a line a second, and none with -q
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

# On a terminal a bar, in color unless NO_COLOR is set. Some build roots have no pseudo-terminals.
if ! script -qec true terminal >/dev/null 2>&1 </dev/null; then
    echo 'signals: no pseudo-terminal here: the bar is left out'
else
    long="$program train --data folder --hidden 8 --epochs 50000 --device cpu"
    TERM=xterm script -qec "$long" terminal >/dev/null </dev/null
    check 'no bar' grep -q '\[##*\.*\]\|\[\.\.*\]\|#\.' terminal
    check 'no color' grep -q "$(printf '\033')\[32m" terminal
    NO_COLOR=1 TERM=xterm script -qec "$long" terminal >/dev/null </dev/null
    check 'no bar' grep -q '\[[#.]*\]' terminal
    check 'color in spite of NO_COLOR' test "$(grep -c "$(printf '\033')\[32m" terminal)" -eq 0
fi

# A signal that comes before training has begun ends the program all the same. (SIGINT could be lost
# here: until the program has its handler it is ignored, as the shell wants of what runs behind it.)
"$program" train $endless >out 2>err &
pid=$!
kill -TERM $pid
wait $pid
outcome 143 $? 'SIGTERM at once'
