# Tests what train and evaluate draw in a terminal: a curve, and a shaded matrix of confusion. Files
# and pipes get neither. Some build environments have no pseudo-terminals.

use='--data folder --hidden 6 --device cpu'
# As much as possible without a terminal.
LC_ALL=C.UTF-8 weft 0 train $use --epochs 5 --holdout 0.2 -o drawn.safetensors
check 'a curve in a pipe' test "$(grep -c '^ *accuracy$\|epoch 5$' err)" -eq 0
LC_ALL=C.UTF-8 weft 0 evaluate --model drawn.safetensors --data folder --device cpu
check 'shades in a pipe' test "$(grep -c "$(printf '\033')\|^shades: " out)" -eq 0
prints 'a column for each predicted one$'
weft 2 predict --model drawn.safetensors --data folder --no-plot

# in_terminal COLUMNS VARIABLES ARGUMENT...: runs weft there; `shown` is what a user sees
in_terminal() {
    columns=$1
    variables=$2
    shift 2
    script -qec "stty cols $columns && env LC_ALL= LC_CTYPE= $variables $program $*" terminal \
        >/dev/null </dev/null
    tr -d '\r' <terminal >shown
}

shows() {
    check "the terminal lacks: $1" grep -q -e "$1" shown
}

shows_no() {
    check "the terminal has: $1" test "$(grep -c -e "$1" shown)" -eq 0
}

train="train $use --epochs 5 --holdout 0.2"
if ! script -qec 'stty cols 80' terminal >/dev/null 2>&1 </dev/null; then
    echo 'terminal_charts: no pseudo-terminal here: the charts are left out'
else
    escape=$(printf '\033')
    braille=$(printf '\342\240\|\342\241\|\342\242\|\342\243')
    in_terminal 80 'TERM=xterm LANG=en_US.UTF-8' "$train"
    shows '^ *accuracy$'
    shows "^ *[0-9.]* % .*$braille"
    shows 'validation$'
    shows 'training$'
    shows '^  *1  *epoch 5$'
    shows "$escape\[36m"
    axis=$(printf '\342\224\244\|\342\224\202\|\342\224\224')
    check 'rows of the curve' test "$(grep -c "$axis" shown)" -eq 9

    in_terminal 80 'TERM=xterm NO_COLOR=1 LANG=en_US.UTF-8' "$train"
    shows "$braille"
    shows_no "$escape\[3[36]m"

    # Without UTF-8: stars and periods, and no byte above 127.
    in_terminal 80 'TERM=xterm NO_COLOR=1 LANG=C' "$train"
    shows '|.*\*.* validation$\|+.*\*.* validation$'
    check 'bytes that are not ASCII' test -z "$(LC_ALL=C tr -d '\000-\177' <shown)"
    for columns in 50 38; do
        in_terminal $columns 'TERM=xterm NO_COLOR=1 LANG=C' "$train"
        wide=$(grep '^.\{8\} [+|]\|epoch 5$' shown | awk -v most=$columns 'length > most')
        check "a chart wider than $columns columns" test -z "$wide"
        shows 'validation$'
    done
    in_terminal 20 'TERM=xterm LANG=C' "$train"
    shows_no '^ *accuracy$'

    for option in --no-plot -q; do
        in_terminal 80 'TERM=xterm LANG=C' "$train $option"
        shows 'validation  *12 ' # the table
        shows_no '^ *accuracy$'
    done
    in_terminal 80 'TERM=xterm LANG=C' "$train --epochs 1"
    shows_no '^ *accuracy$'
    in_terminal 80 'TERM=xterm LANG=C' "train $use --epochs 3"
    shows '^ *training accuracy$'
    in_terminal 80 'TERM=xterm LANG=C' "$train --ensemble 2"
    shows '^ *accuracy$'
    seq 40 | awk 'BEGIN { print "a,b" } { print $1 "," 2 * $1 + 0.5 }' >line.csv
    in_terminal 80 'TERM=xterm LANG=C' "train --data line.csv --target b --task regress --epochs 4 \
        --holdout 0.2 --device cpu"
    shows '^ *R^2 on the validation set$'
    in_terminal 80 'TERM=xterm LANG=C' "train --data line.csv --target b --task regress --epochs 4 \
        --device cpu"
    shows '^ *error$'
    # Only stderr counts: results may go to a file.
    in_terminal 80 'TERM=xterm LANG=C' "$train >results"
    shows '^ *accuracy$'
    check 'a curve in the results' test "$(grep -c '^ *accuracy$' results)" -eq 0
    in_terminal 80 'TERM=xterm LANG=C' "$train 2>messages"
    shows_no '^ *accuracy$'

    evaluate='evaluate --model drawn.safetensors --data folder --device cpu'
    in_terminal 80 'TERM=xterm LANG=C' "$evaluate"
    shows '^shades: errors as a share of their row, up to [0-9.]* %$'
    shows "^    0.*$escape\[48;5;250;38;5;16m *[1-9]"
    in_terminal 80 'TERM=xterm NO_COLOR=1 LANG=en_US.UTF-8' "$evaluate"
    shows '^shades: '
    shows_no "$escape\[48"
    for plain in 'TERM=xterm NO_COLOR=1 LANG=C' 'TERM=dumb LANG=C'; do
        in_terminal 80 "$plain" "$evaluate"
        shows 'a column for each predicted one$'
        shows_no '^shades: '
        shows_no "$escape\[48"
    done
    in_terminal 80 'TERM=xterm LANG=C' "$evaluate --no-plot"
    shows 'a column for each predicted one$'
    shows_no "$escape\[48"
    in_terminal 20 'TERM=xterm LANG=C' "$evaluate"
    shows_no '^shades: '
fi
