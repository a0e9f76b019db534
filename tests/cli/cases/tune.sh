# Tests tuning: the form of the results, what is kept, signals, no OpenCL, options. Times are not
# tested.

use='--data folder --hidden 18 --batch-size 32'

weft 0 train $use --device opencl --epochs 1 -v
says '^note: matrix products not tuned: weft tune --device [0-9]* finds'
weft 0 tune $use --time 50 --json
shape '{"command":"=tune","device":"string","complete":"boolean","setting":"string",
    "seconds":"number","candidates":[{"product":"string","shape":"string","candidate":"string",
    "gflops":"number?","right":"boolean","winner":"boolean","verdict":"string"}]}'
prints '"product":"forward","shape":"32x18x4","candidate":"plain",'
prints '"winner":true'
says '^device: .*, OpenCL device 0 '
check 'nothing is kept' grep -q '"tuning"' "$XDG_CACHE_HOME"/weft/*.json
weft 0 train $use --device opencl --epochs 1 -v
says '^note: matrix products tuned on 20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]$'
weft 0 train $use --device opencl --epochs 1
check 'tuning is told without -v' test "$(grep -c tuned err)" -eq 0

# If nobody reads the pipe, tuning still ends and reports that its results are lost.
{
    "$program" tune $use --time 1 2>err
    echo $? >code
} | true
check "a closed pipe: exit code $(cat code), not 5" test "$(cat code)" -eq 5

# After a signal, nothing is kept.
rm "$XDG_CACHE_HOME"/weft/*.json
: >err
env --default-signal=INT "$program" tune --hidden 500 >out 2>err &
pid=$!
await test -s err
kill -INT $pid
wait $pid
outcome 130 $? 'SIGINT'
says '^note: stopped by a signal: nothing was saved$'
check 'something is kept' test -z "$(ls "$XDG_CACHE_HOME/weft" | grep json)"

weft 2 tune --device cpu
silent_but_one_line
says 'nothing to tune'
weft 2 tune --time 0
says 'the number must be between 1 and'
weft 2 tune --model model --hidden 5
for device in 'no such device' 9; do
    weft 6 tune --device "$device"
    silent_but_one_line
done
export OCL_ICD_VENDORS=/nonexistent
weft 6 tune -q
silent_but_one_line
says 'no OpenCL'
unset OCL_ICD_VENDORS
