# Tests weft plot: every kind of picture from what the other commands write, in every format, and
# bad input.

weft 0 train --data folder --hidden 6 --epochs 5 --holdout 0.2 --device cpu -q --log run.jsonl \
    -o m.safetensors
weft 0 train --data folder --hidden 6 --epochs 3 --holdout 0.2 --ensemble 2 --device cpu -q \
    --log members.jsonl
weft 0 train --data folder --hidden 6 --epochs 3 --holdout 0.2 --ensemble 2 --device cpu -q \
    -o members.safetensors
weft 0 train --data folder --hidden 6 --epochs 60 --device cpu -q -o good.safetensors
weft 0 evaluate --model m.safetensors --data folder --device cpu --json
mv out evaluation.json
weft 0 bench --samples 200 --features 4 --hidden 3 --device cpu --json
mv out bench.json
weft 0 bench --samples 200 --features 4 --sweep batch=8,32,hidden=3,5 --device cpu --json
mv out sweep.json
weft 0 train --preset xor --epochs 10 --device cpu -q -o xor.safetensors
weft 0 train --data folder --hidden 6 --epochs 1 --scale none --device cpu -q -o raw.safetensors
printf 'x,y,label,size\n1,2,a,3.5\n2,1,b,4\n3,,a,5\n,4,,6\n' >points.csv

# drawn TEXT KIND ARGUMENT...: expects a picture in each format; the SVG has a line like TEXT
drawn() {
    text=$1
    kind=$2
    shift 2
    weft 0 plot "$kind" "$@" -o picture.svg
    check "results of plot $kind" test ! -s out
    check "$kind: no picture" grep -q '^<svg .*role="img"' picture.svg
    check "$kind: the picture has no end" test "$(tail -n 1 picture.svg)" = '</svg>'
    check "$kind lacks $text" grep -q -e "$text" picture.svg
    check "$kind: no description" grep -q '^<title>.*' picture.svg
    for format in png pdf; do
        $with_cairo || continue
        weft 0 plot "$kind" "$@" -o "picture.$format"
        check "$kind: no $format" test -s "picture.$format"
    done
}

weft 0 --version
with_cairo=false
grep -q 'by cairo' out && with_cairo=true
if ! $with_cairo; then
    weft 2 plot curve --log run.jsonl -o picture.png
    says 'libcairo2-dev'
fi

drawn '>Validation accuracy \(peaks at epoch [1-4]: .*\|reaches .* in epoch 5\)<' curve --log run.jsonl
drawn '>mean of 3 runs; bands span all of them<' curve --log run.jsonl --log members.jsonl
drawn '>Validation accuracy \(peaks at epoch [1-4]: .*\|reaches .* in epoch 5\)<' curve --model m.safetensors
drawn '>Training accuracy \(peaks at epoch\|reaches\) ' curve --model good.safetensors
drawn '>mean of 2 runs; bands span all of them<' curve --model members.safetensors
drawn '>two &lt;b&gt;<' curve --log run.jsonl --log members.jsonl --names 'one,two <b>'
check 'both logs have a line' grep -q '>one</text>' picture.svg
drawn '>A &lt;b&gt; title<' curve --log run.jsonl --title 'A <b> title'
drawn '>predicted<' confusion --results evaluation.json --neighbors
drawn '>predicted<' confusion --model m.safetensors --data folder --device cpu
drawn '>calibration error ' calibration --results evaluation.json
drawn '>calibration error ' calibration --model m.safetensors --data folder --device cpu
drawn '>4-6-3: [0-9]* parameters<' network --model m.safetensors
drawn '>all 6 units' weights --model m.safetensors
drawn '>2 of 6 units' weights --model m.safetensors --count 2
drawn '>seconds per epoch<' bench --results bench.json
drawn '>batch size<' bench --results sweep.json
drawn 'the first 4 of each class<' samples --data folder --count 4
drawn '>Raw pixels<' pixels --data folder
check 'without a model: raw only' test "$(grep -c '>Standardized' picture.svg)" -eq 0
drawn '>Standardized: minus the mean of each pixel' pixels --data folder --model m.safetensors \
    --sample 3 --count 1
drawn ' of 4 samples are on the right side<' decision --model xor.safetensors --data xor --device cpu
drawn '>30 of 30 predictions are right<' predictions --model good.safetensors --data folder \
    --count 100 --device cpu
drawn '>4 rows, 3 columns of numbers; the percentage is the highest share of a class<' columns --data points.csv --target label
drawn '>4 rows, 1 of 2 columns of numbers; the percentage' columns --data points.csv --count 1 --ignore size
# Each value has a bin of its own, and rounding errors must not put two into one.
awk 'BEGIN { print "a"; for (i = 21; i < 41; i++) printf "%d.%d\n", i / 5, i * 2 % 10 }' >even.csv
drawn '>5\.0[^<]*%<' columns --data even.csv
drawn '>4 samples of 2 classes<' embedding --data points.csv
drawn '>4 samples of 4 classes<' embedding --data points.csv --target size

# Confusions from both sources are the same picture.
weft 0 plot confusion --results evaluation.json -o one.svg
weft 0 plot confusion --model m.safetensors --data folder --device cpu -o two.svg
check 'two confusions' cmp -s one.svg two.svg

# The curve of a model is the one of its log, rounded to float: its best epoch and its extremes.
weft 0 plot curve --log run.jsonl -o one.svg
weft 0 plot curve --model m.safetensors -o two.svg
grep '^<title>\|^<desc>' one.svg >one
grep '^<title>\|^<desc>' two.svg >two
check 'no texts of the curve' grep -q 'The error is between [0-9.]* and [0-9.]*[.]<' one
check 'two curves' cmp -s one two
weft 0 inspect m.safetensors
prints '^  curve           error [0-9.]* in epoch 1, [0-9.]* in epoch 5; best validation [0-9.]* % in'
weft 0 inspect good.safetensors
prints '^  curve           error [0-9.]* in epoch 1, [0-9.]* in epoch 60$'
weft 0 inspect members.safetensors --json
prints '"curves":\[{"epoch":\[1,2,3\],"error":\[[0-9.]*,.*},{"epoch":\[1,2,3\],"error":'
prints '"validation_r2":\[null,null,null\]'

# Themes.
for theme in auto light dark; do
    weft 0 plot network --model m.safetensors --theme $theme -o $theme.svg
done
check 'auto has two themes' grep -q prefers-color-scheme auto.svg
check 'light has one theme' test "$(grep -c prefers-color-scheme light.svg)" -eq 0
check 'dark has one theme' test "$(grep -c 'prefers-color-scheme\|#ffffff' dark.svg)" -eq 0

# ---- bad input

# bad CODE TEXT ARGUMENT...: expects one line, and no picture
bad() {
    expected=$1
    text=$2
    shift 2
    rm -f new.svg
    weft "$expected" plot "$@" -o new.svg
    says "$text"
    check "a picture of bad input: $*" test ! -e new.svg
}

bad 2 '^weft: picture: missing; need curve, confusion'
bad 2 '^weft: curv: unknown picture; did you mean curve?' curv
bad 2 '^weft: qqqqqq: unknown picture; need curve, ' qqqqqq
bad 2 '^weft: --log: missing' curve
bad 2 '^weft: --log: cannot be combined with --model' curve --model m.safetensors --log run.jsonl
bad 2 '^weft: --results: missing' confusion
bad 2 '^weft: --results: missing' bench
bad 2 '^weft: --model: missing' network
bad 2 '^weft: --data: missing' columns
bad 2 '^weft: --theme pink: unknown value; need auto, light or dark$' network --model m.safetensors --theme pink
bad 2 '^weft: --part tset: unknown value; did you mean test? Known: train, test$' samples --data folder --part tset
bad 2 '^weft: --count 0: ' weights --model m.safetensors --count 0
bad 2 '^weft: --results: cannot be combined with --model' confusion --results evaluation.json --model m.safetensors
bad 2 'give --image-size WxH' weights --model m.safetensors --image-size 3x1
bad 2 'no column is called "price"' columns --data points.csv --target price
bad 2 '--names one: got 1, need 2: a name' curve --log run.jsonl --log members.jsonl --names one
bad 2 '--names a,b: got 2, need 1' curve --log run.jsonl --names a,b
bad 2 '^weft: --names: needs --log' curve --names a
bad 2 '^weft: --names: needs --log' curve --names a --model m.safetensors
bad 2 'raw.safetensors: the model does not scale' pixels --model raw.safetensors --data folder
bad 2 '^weft: --sample 30: ' pixels --data folder --sample 30
bad 2 'the model has 4 features, need 2' decision --model m.safetensors --data folder
awk 'BEGIN { print "a,b,kind"; for (i = 0; i < 90; i++) print i % 9 "," i "," "k" i % 9 }' >nine.csv
weft 0 train --data nine.csv --target kind --hidden 3 --epochs 1 --device cpu -q -o nine.safetensors
bad 2 'the model has 9 classes, need 2 to 8$' decision --model nine.safetensors --data nine.csv
weft 2 plot curve --log run.jsonl -o curve.gif
says 'must end in .svg, .png or .pdf'
weft 2 plot curve --log run.jsonl
says '^weft: --output: missing'
cp run.jsonl copy.svg
weft 2 plot curve --log copy.svg -o copy.svg
says 'this run reads this file (--log copy.svg)'
check 'the log is touched' cmp -s run.jsonl copy.svg
weft 5 plot curve --log run.jsonl -o nowhere/curve.svg
bad 5 '^weft: missing.jsonl: ' curve --log missing.jsonl
bad 5 '^weft: folder: ' curve --log folder
bad 4 '^weft: run.jsonl: ' network --model run.jsonl
bad 4 '^weft: run.jsonl: ' curve --model run.jsonl
bad 5 '^weft: folder: ' curve --model folder
bad 5 '^weft: missing: ' curve --model missing
old=$(ls "$here"/../golden/models/*.safetensors | head -n 1) # from before models had curves
bad 4 "^weft: $old: the model has no curve: an earlier version wrote it" curve --model "$old"
head -c 700 m.safetensors >cut.safetensors
bad 4 '^weft: cut.safetensors: ' curve --model cut.safetensors
sed 's/"curve_epoch":"1,2/"curve_epoch":"2,1/' m.safetensors >swapped.safetensors
bad 4 '^weft: swapped.safetensors: curve_epoch: got "2,1,3,4,5", need' \
    curve --model swapped.safetensors

head -c 300 run.jsonl >cut.jsonl
bad 3 '^weft: cut.jsonl:[23]: the line is cut off' curve --log cut.jsonl
: >empty.jsonl
bad 3 '^weft: empty.jsonl: the log contains no epoch' curve --log empty.jsonl
cat run.jsonl run.jsonl >twice.jsonl
bad 3 '^weft: twice.jsonl:6: epoch 1 follows epoch 5' curve --log twice.jsonl
bad 3 '^weft: points.csv:1: not JSON' curve --log points.csv
printf '{"epoch":1,"error":null}\n' >null.jsonl
bad 3 '^weft: null.jsonl: no epoch has a finite number' curve --log null.jsonl
printf '{"epoch":0}\n' >zero.jsonl
bad 3 '^weft: zero.jsonl:1: "epoch": got 0' curve --log zero.jsonl
printf '{"epoch":1,"error":"low"}\n' >text.jsonl
bad 3 '^weft: text.jsonl:1: "error": neither' curve --log text.jsonl

bad 3 '^weft: bench.json: confusion: missing' confusion --results bench.json
bad 3 '^weft: evaluation.json: sides: got 0' bench --results evaluation.json
bad 3 '^weft: run.jsonl:2: not JSON' confusion --results run.jsonl
printf '[]\n' >list.json
bad 3 '^weft: list.json:1: not a JSON object' confusion --results list.json
printf '{"confusion":[[1,2],[3]]}\n' >ragged.json
bad 3 'row 1 has 1 counts, need 2' confusion --results ragged.json
printf '{"confusion":[[-1]]}\n' >negative.json
bad 3 'row 0, column 0: not a count' confusion --results negative.json
printf '{"confusion":[[1]]}\n' >no_bins.json
bad 3 'calibration: missing' calibration --results no_bins.json
printf 'a,b\n1,2\n' >no_x.csv
bad 3 'column "x": missing, or no numbers' embedding --data no_x.csv
printf 'a,b\nu,v\n' >words.csv
bad 3 'no column has numbers' columns --data words.csv
weft 3 plot mistakes --model good.safetensors --data folder --device cpu -o new.svg
says 'there are no mistakes to draw'
weft 3 plot pixels --data points.csv --target size -o new.svg
says 'the samples are not gray images'
weft 3 plot samples --data points.csv --target size -o new.svg
says 'the samples are not images'

# ---- what is no input of a picture at all

printf '\177ELF\2\1\1\n\0\0' >binary
bad 3 '^weft: binary:1: not JSON' curve --log binary
bad 3 '^weft: binary:1: not JSON' confusion --results binary
bad 4 '^weft: binary: ' curve --model binary
bad 3 '^weft: binary' columns --data binary
bad 5 '^weft: folder: ' confusion --results folder
bad 5 '^weft: folder: ' columns --data folder
bad 3 '^weft: empty.jsonl:1: not JSON' bench --results empty.jsonl
bad 3 '^weft: empty.jsonl: ' columns --data empty.jsonl
bad 4 '^weft: empty.jsonl: ' network --model empty.jsonl
head -c 200 evaluation.json >cut.json
bad 3 '^weft: cut.json:1: not JSON' confusion --results cut.json
bad 3 '^weft: cut.json:1: not JSON' calibration --results cut.json
head -c 200 sweep.json >cut.json
bad 3 '^weft: cut.json:1: not JSON' bench --results cut.json

# Data that are not the model's
for kind in confusion calibration predictions mistakes; do
    bad 3 '^weft: points.csv:2: column "label": got "a"' $kind --model m.safetensors --data points.csv --device cpu
done
seq 30 | awk 'BEGIN { print "a,b" } { print $1 "," 2 * $1 + 0.5 }' >line.csv
weft 0 train --data line.csv --target b --task regress --hidden 3 --epochs 2 --device cpu -q -o line
for kind in confusion calibration predictions; do
    bad 2 "^weft: $kind: needs a model with classes" $kind --model line --data line.csv --device cpu
done

# Numbers without a place on any axis leave gaps; the picture is whole.
printf '%s\n' '{"epoch":1,"error":1e308,"train_accuracy":null,"validation_accuracy":0.5}' \
    '{"epoch":2,"error":-1e308,"train_accuracy":1e308,"validation_accuracy":-1e300}' \
    '{"epoch":3,"error":null,"train_accuracy":0.5,"validation_accuracy":0.6,"learning_rate":1e-308}' \
    >huge.jsonl
drawn '>Validation accuracy reaches 60.0' curve --log huge.jsonl
check 'a line leaves the picture' test "$(grep -c '[ML -][0-9]\{5,\}' picture.svg)" -eq 0
printf 'x,y,label\n1e308,1,a\n-1e308,2,b\n3,inf,c\n4,nan,c\n5,6,c\n' >huge.csv
drawn '>5 samples of 3 classes<' embedding --data huge.csv
drawn '>5 rows, 2 columns of numbers; the percentage' columns --data huge.csv --target label

# Outputs
for name in picture picture.gif picture.svg.txt; do
    weft 2 plot network --model m.safetensors -o $name
    says "^weft: $name: a picture's name must end in .svg, .png or .pdf$"
done
for format in svg png pdf; do
    if [ $format != svg ]; then $with_cairo || continue; fi
    mkdir taken.$format
    weft 5 plot network --model m.safetensors -o taken.$format
    says "^weft: taken.$format: got a folder, need a file$"
    ln -s /dev/full full.$format
    weft 5 plot network --model m.safetensors -o full.$format
    says "^weft: full.$format: "
done
