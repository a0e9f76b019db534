# Tests weft report and weft train --report: the sections of each task, hostile names, bad input, and
# pages that are written whole or not at all. tests/page looks at such pages in a browser.

weft 0 train --data folder --hidden 6 --epochs 5 --holdout 0.2 --device cpu -q --log run.jsonl \
    --report train.html -o m.safetensors
weft 0 bench --samples 200 --features 4 --hidden 3 --device cpu --json
mv out bench.json

# sections FILE NAME...: the page is whole and has these sections in this order, and no others
sections() {
    file=$1
    shift
    check "$file begins" test "$(head -n 1 "$file")" = '<!DOCTYPE html>'
    check "$file ends" test "$(tail -n 1 "$file")" = '</html>'
    found=$(sed -n 's/^<section id="\([a-z]*\)".*/\1/p' "$file" | tr '\n' ' ')
    check "sections of $file: $found" test "$found" = "$* "
    check "$file: a script" test "$(grep -c '<script' "$file")" -eq 0
    check "$file: a picture without a name" test "$(grep -c '<svg xmlns' "$file")" -eq \
        "$(grep -c '<svg xmlns.* role="img" aria-label="[^"]' "$file")"
    check "$file: an undefined number" test "$(grep -v 'data:image' "$file" | grep -ciw nan)" -eq 0
}

# shows TEXT [FILE]: the page has it
shows() {
    check "${2:-report.html} lacks $1" grep -q -e "$1" "${2:-report.html}"
}

# ---- images

sections train.html trust curves scores confusion calibration samples predictions mistakes network \
    repeat
shows 'm.safetensors.* on .*folder.*</title>' train.html
shows 'trained for 5 epochs on 48 samples' train.html
shows 'training time' train.html
shows '^    --holdout 0.2 \\$' train.html
shows 'Known-answer test' train.html

weft 0 report -o report.html --model m.safetensors --data folder --device cpu -q --log run.jsonl \
    --bench bench.json --embedding 12
check 'results of report' test ! -s out
sections report.html trust curves scores confusion calibration samples predictions mistakes \
    embedding network speed repeat
shows 'of <bdi>.*</bdi>.</p>'
shows 'download="speed.csv"'
shows '>weft train \\$'
shows '^    --hidden 6 \\$'
shows '^    --epochs 5 \\$'
shows '^weft report \\$'
shows '^    --embedding 12 \\$'
shows 'of 30 predictions\|The most confident of'
weft 0 report -o again.html --model m.safetensors --data folder --device cpu --log run.jsonl \
    --bench bench.json --embedding 12 -q
sed 's/again.html/report.html/' again.html >renamed.html
check 'a report repeats itself' cmp -s report.html renamed.html

weft 0 report -o plain.html --model m.safetensors --data folder --device cpu
sections plain.html trust curves scores confusion calibration samples predictions mistakes network repeat
shows 'epochs of training' plain.html

# Training without a test set, without -o, interrupted before it began to count.
weft 0 train $pair --hidden 3 --epochs 2 --device cpu --report none.html -q
sections none.html trust curves scores confusion calibration samples predictions mistakes network \
    repeat
shows 'measured on the training samples' none.html
weft 0 train --data folder --hidden 3 --epochs 3 --ensemble 2 --device cpu --report members.html -q
shows 'ensemble of 2 networks' members.html
shows 'mean of 2 runs' members.html

# ---- tables, with names that mean something to a browser, a shell or a spreadsheet

evil='</title><script>alert(1)</script>'
{
    printf 'size,"a ""<b>"" & '"'"'c'"'"'",kind\n'
    i=0
    while [ $i -lt 60 ]; do
        printf '%d,%d,%s\n' $((i % 3 * 10 + i % 7)) $((i * 7 % 5)) \
            "$(case $((i % 3)) in 0) echo "$evil" ;; 1) echo '=1+1&amp;' ;; 2) printf '\327\251\327\234' ;; esac)"
        i=$((i + 1))
    done
} >evil.csv
weft 0 train --data evil.csv --target kind --hidden 4 --epochs 20 --device cpu -q -o "it's.safetensors" \
    --report evil.html
sections evil.html trust curves scores confusion calibration columns predictions mistakes network \
    repeat
check 'quotes for a shell' grep -qF "    --output 'it'\\''s.safetensors' \\" evil.html
shows '<bdi>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</bdi>' evil.html
shows '<bdi>=1+1&amp;amp;</bdi>' evil.html
shows "$(printf '<bdi>\327\251\327\234</bdi>')" evil.html
shows 'a &quot;&lt;b&gt;&quot; &amp; ' evil.html
weft 0 report -o report.html --model "it's.safetensors" --data evil.csv --device cpu
shows 'This data has no test set'
shows '^    --target kind \\$'
weft 0 report -o report.html --model "it's.safetensors" --data evil.csv --test evil.csv --device cpu
check 'a test set is one' test "$(grep -c 'no test set' report.html)" -eq 0

weft 0 train --data evil.csv --target size --ignore kind --hidden 4 --epochs 5 --device cpu -q \
    --task regress --holdout 0.3 --report regress.html -o r.safetensors
sections regress.html trust curves scores predictions columns network repeat
shows 'predicts no better\|explains [0-9]' regress.html
shows 'The largest errors of' regress.html
shows 'bootstrap' regress.html

{
    echo 'x,y,a,b'
    i=0
    while [ $i -lt 40 ]; do
        echo "$i,$((i * 3 % 7)),$((i % 2)),$((i / 20))"
        i=$((i + 1))
    done
} >labels.csv
weft 0 train --data labels.csv --target a,b --hidden 4 --epochs 5 --device cpu -q \
    --report labels.html -o l.safetensors
sections labels.html trust curves scores columns network repeat
shows 'all 2 labels right' labels.html
shows 'Scores of each label' labels.html

# ---- bad input

# bad CODE TEXT ARGUMENT...: expects one line, and the old page
echo old >new.html
bad() {
    expected=$1
    text=$2
    shift 2
    weft "$expected" report -o new.html --device cpu "$@"
    says "$text"
    check "a page of bad input: $*" test "$(cat new.html)" = old
}

ok='--model m.safetensors --data folder'
head -c 300 run.jsonl >cut.jsonl
bad 3 '^weft: cut.jsonl:[23]: the line is cut off' $ok --log cut.jsonl
bad 5 '^weft: missing.jsonl: ' $ok --log missing.jsonl
bad 3 '^weft: run.jsonl:2: not JSON' $ok --bench run.jsonl
echo {} >empty.json
bad 3 "sides: got 0" $ok --bench empty.json
bad 2 '^weft: --model: missing' --data folder
bad 2 '^weft: --data: missing' --model m.safetensors
bad 4 '^weft: run.jsonl: ' --model run.jsonl --data folder
bad 3 '^weft: ' --model m.safetensors --data evil.csv
bad 3 '^weft: ' --model "it's.safetensors" --data folder
bad 2 '^weft: --embedding 5: ' $ok --embedding 5
bad 2 '^weft: --embedding 31: folder.* has 30 samples' $ok --embedding 31
bad 5 '^weft: "nowhere": unknown data' --model m.safetensors --data nowhere
weft 2 report $ok
says '^weft: --output: missing'
weft 5 report -o nowhere/page.html $ok --device cpu
weft 2 report -o page.txt $ok --device cpu
says '^weft: page.txt: a report is a page; need a name that ends in .html$'
weft 2 train --data folder --epochs 1 --device cpu --report page.pdf
says '^weft: page.pdf: a report is a page; need a name that ends in .html$'
weft 2 report -o m.safetensors $ok --device cpu
says 'this run reads this file (--model m.safetensors)'
weft 2 report -o run.jsonl $ok --device cpu --log run.jsonl
says 'this run reads this file (--log run.jsonl)'
weft 2 train --data folder -o same --report same
says 'need another name'
weft 5 train --data folder --hidden 3 --epochs 2 --device cpu --report nowhere/page.html -o n.safetensors
check 'a training whose page cannot be written' test ! -e n.safetensors
weft 5 report -o /dev/full $ok --device cpu
