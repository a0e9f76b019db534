# Tests texts from a model file that anybody may have written. None of their control characters may
# reach stdout or stderr, so that no text can control a terminal or forge a line.

weft 0 train --data folder --hidden 4 --epochs 5 --device cpu -q -o honest
size=$(od -An -t u8 -N8 honest | tr -d ' ')
tail -c +9 honest | head -c "$size" >header
tail -c +$((9 + size)) honest >tensors

# hostile SED: makes the model `hostile`, with a header changed by SED
hostile() {
    sed "$1" header >changed
    check 'nothing is changed' test "$(cmp -s header changed && echo same)" = ''
    size=$(wc -c <changed)
    { bytes $((size % 256)) $((size / 256)) 0 0 0 0 0 0 && cat changed tensors; } >hostile
}

# plain FILE: checks that the file has only lines of printable characters
plain() {
    check "control characters in $1" test -z "$(LC_ALL=C tr -d '\n\040-\176\200-\377' <"$1")"
    check "C1 in $1" test "$(LC_ALL=C grep -c "$(printf '\302[\200-\237]')" "$1")" -eq 0
}

# The preset contains an escape sequence, DEL and the C1 character CSI. A class name contains a
# title, a forged line, a quote and a comma.
name='a\\\\u001b]0;title\\\\u0007\\\\r\\\\nweft: forged\\\\u009b2J,\\\\\\"q\\\\\\"\\\\u007f'
hostile 's/"preset":"default"/"preset":"\\u001b[31mred\\u009bx\\u007f"/; s/\\"0\\"/\\"'"$name"'\\"/'
weft 0 evaluate --model hostile --data folder --device cpu
plain out
plain err
prints 'preset ?\[31mred?x?, seed'
prints '  a?]0;title???weft: forged?2J,"q"?$'
weft 0 predict --model hostile --data folder --device cpu
plain out
prints '^[0-9]*,0,"a?]0;title???weft: forged?2J,""q""?",'
check 'not a line for each sample' test "$(wc -l <out)" -eq 31
weft 0 predict --model hostile --data folder --device cpu --proba
plain out
# JSON keeps them all, escaped.
weft 0 predict --model hostile --data folder --device cpu --json
plain out
shape '{"index":"integer","label":"integer","name":"string","probability":"number"}'
prints '"name":"a\\u001B\]0;title\\u0007\\r\\nweft: forged\\u009B2J,\\"q\\"\\u007F"'
weft 0 evaluate --model hostile --data folder --device cpu --json
plain out
prints '\\u009B2J'
# Several labels have one column each.
hostile 's/"head":"softmax"/"head":"sigmoid","task":"multilabel"/; s/\\"0\\"/\\"'"$name"'\\"/'
weft 0 predict --model hostile --data folder --device cpu
plain out
prints '^index,"a?]0;title???weft: forged?2J,""q""?",1,2$'

# Messages name what they reject.
hostile 's/"head":"[a-z]*"/"head":"\\u001b[2J\\u009b\\nweft: forged"/'
weft 4 evaluate --model hostile --data folder --device cpu
plain err
silent_but_one_line
hostile 's/"layers\.0\.bias"/"\\u001b\\u009b\\nlayers"/'
weft 4 evaluate --model hostile --data folder --device cpu
plain err
silent_but_one_line

# File names may be anything, too.
odd=$(printf 'odd\033[31m\302\233\rname')
cp honest "$odd"
weft 0 evaluate --model "$odd" --data folder --device cpu
head -c 40 honest >"$odd"
weft 4 evaluate --model "$odd" --data folder --device cpu
plain err
silent_but_one_line
weft 0 train --preset xor --epochs 1 --device cpu -q -o "$odd"
plain out
prints '^saved as odd?\[31m??name$'
head -c 20 folder/train-images-idx3-ubyte >"$odd"
weft 3 predict --model honest --images "$odd" --device cpu
plain err
silent_but_one_line
weft 4 check --replay "$odd" --device cpu
plain err
