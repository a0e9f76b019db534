# Tests tables from file to prediction: what train, evaluate, predict and inspect make of columns, and
# what they refuse, in one line that names file, line and column.

# beans ROWS: a table whose third column tells the class. Sizes are in another unit for each color.
beans() {
    echo 'id,size,color,shade,weight,kind'
    i=0
    while [ $i -lt "$1" ]; do
        case $((i % 3)) in
        0) printf 'b%02d,1.%d,red,%d,1.5,soy\n' $i $((i % 7)) $((i % 5)) ;;
        1) printf 'b%02d,5.%d,green,%d,1.0,mung\n' $i $((i % 7)) $((i % 5)) ;;
        2) printf 'b%02d,9.%d,red,%d,2.0,"pinto, black"\n' $i $((i % 7)) $((i % 5)) ;;
        esac
        i=$((i + 1))
    done
}

beans 45 >beans.csv
beans 12 >more.csv
fast='--device cpu -q --hidden 8 --epochs 60 --batch-size 5 --learning-rate 0.02'
weft 0 train --data beans.csv --target kind --id id --ignore weight $fast -o beans
says '^note: task classify: target "kind": 3 classes; --task overrides this$'
prints '^train  *45  *100.00 % '

# ---- evaluate and predict

weft 0 evaluate --model beans --data more.csv --device cpu -q
prints '^accuracy 100.00 % .* on 12 samples'
weft 0 predict --model beans --data more.csv --device cpu -q
check 'the header of predictions' test "$(head -n 1 out)" = id,prediction,probability
prints '^b02,"pinto, black",[01][.0-9e-]*$'
check 'a row for each sample' test "$(wc -l <out)" -eq 13
weft 0 predict --model beans --data more.csv --device cpu -q --proba --keep color,5
check 'the header of kept columns' test "$(head -n 1 out)" = 'id,color,weight,prediction,mung,"pinto, black",soy'
prints '^b01,green,1.0,mung,'
weft 0 predict --model beans --data more.csv --device cpu -q --keep id,color
check 'the id is kept once' test "$(head -n 1 out)" = id,color,prediction,probability
weft 0 predict --model beans --data more.csv --device cpu -q --json --keep size
shape '{"index":"integer","id":"string","size":"string","prediction":"string","probability":"number"}'

# Columns are matched by name in any order, and need no target. Others are named once.
cut -d, -f2-4 more.csv | awk -F, -v OFS=, '{print $3, $2, NR, $1}' | sed '1s/1/extra/' >turned.csv
weft 0 predict --model beans --data turned.csv --device cpu -q
says '^note: turned.csv: the model does not use the column "extra"$'
prints '^1,mung,'
check 'the header without an id' test "$(head -n 1 out)" = index,prediction,probability

# Without a header, columns count by position, with the target or without it.
for columns in 1-6 1-5; do
    tail -n +2 more.csv | sed 's/"pinto, black"/pinto/' | cut -d, -f$columns |
        "$program" predict --model beans --data - --no-header --device cpu -q >out 2>err
    outcome 0 $? "predict of columns $columns"
    check 'the classes by position' test \
        "$(cut -d, -f2- out | sed 's/,[0-9.e-]*$//' | head -n 4 | tr '\n' ' ')" = 'prediction,probability soy mung "pinto, black" '
done
# A first row that counts 0, 1, 2 is a sample for a model of a table without names. In training, a
# note tells that it is read as names.
seq 0 39 | awk -v OFS=, '{print $1 * 7 % 40, $1 % 9, $1 * 3 % 31, $1 % 2}' | tail -n +2 >plain.csv
weft 0 train --data plain.csv --no-header --target 4 --task regress --device cpu --epochs 1 -q -o plain
check 'a note about values' test "$(grep -c 'counts 0' err)" -eq 0
{ echo 0,1,2 && cut -d, -f1-3 plain.csv; } >counts.csv
weft 0 predict --model plain --data counts.csv --device cpu -q
check 'a sample is read as names' test "$(wc -l <out)" -eq 41
says '^note: counts.csv: the first row counts 0, 1, 2, ...: read as values; remove it if it has names$'
{ echo 0,1,2,3 && cat plain.csv; } >counts.csv
weft 0 evaluate --model plain --data counts.csv --device cpu
prints '^R^2 .* on 40 samples'
weft 0 train --data counts.csv --target 3 --task regress --device cpu --epochs 1 -q -o named
says '^note: counts.csv: the first row counts 0, 1, 2, ...: read as names; --no-header reads it as values$'
weft 0 predict --model named --data counts.csv --device cpu -q
check 'names are read as a sample' test "$(wc -l <out)" -eq 40
printf 'a,b,y\n1,2,yes\n' >single_row.csv
weft 3 train --data single_row.csv --target y --device cpu -q
says '^weft: single_row.csv: no column remains as a feature: .*; all columns of a single row are constant$'
# If the rows below are of another kind, the first row is what pandas writes above columns without
# names, with an empty name above its index.
awk -F, -v OFS=, '{print $1 / 8, $2 / 16 - 0.25, $3 / 4, $4}' plain.csv >floats.csv
{ echo 0,1,2,3 && cat floats.csv; } >pandas.csv
{ echo ,0,1,2,3 && awk -v OFS=, '{print NR - 1, $0}' floats.csv; } >index.csv
weft 0 train --data floats.csv --no-header --target 4 --device cpu --epochs 1 -q -o plain
weft 0 evaluate --model plain --data floats.csv --device cpu --json
mv out without_names
for data in pandas.csv index.csv; do
    weft 0 evaluate --model plain --data $data --device cpu --json
    check "$data: scores as without the first row" cmp without_names out
    says "^note: $data: the first row counts 0, 1, 2, ...: read as names; --no-header reads it as values$"
    weft 0 predict --model plain --data $data --device cpu -q
    check "$data: a prediction for the first row" test "$(wc -l <out)" -eq 40
    weft 0 train --data floats.csv --test $data --target 4 --device cpu --epochs 1 -q
    prints '^test  *39 '
done
says '^note: index.csv: the model does not use the column "column 1"$'
# An index and the features have as many columns as the features and the target. An index that counts
# the rows is certain; it cannot be a feature, nor the last feature the target.
unclear='columns: got 4, of which the first has no name, and the model knows its columns by position; '
{ echo ,0,1,2,3 && awk -v OFS=, '{print NR - 1, $0}' plain.csv; } >whole.csv
{ echo ,0 && awk -F, -v OFS=, '{print NR - 1, $1}' plain.csv; } >one.csv
cut -d, -f1,4 plain.csv >pairs.csv
weft 0 train --data pairs.csv --no-header --target 2 --task regress --device cpu --epochs 1 -q -o pair
weft 0 train --data plain.csv --no-header --target 4 --task regress --device cpu --epochs 1 -q -o whole
for name in index:plain:1-4:1-3 whole:whole:1-4:1-3 one:pair:1-2:1; do
    IFS=: read -r data model columns features <<EOF
$name
EOF
    cut -d, -f"$columns" $data.csv >indexed.csv
    tail -n +2 $data.csv | cut -d, -f2- | cut -d, -f"$features" >features.csv
    weft 0 predict --model "$model" --data features.csv --no-header --device cpu -q
    check "$data: rows without the index" test "$(wc -l <out)" -eq 40
    mv out without_index
    weft 0 predict --model "$model" --data indexed.csv --device cpu -q
    says '^note: indexed.csv: the first row counts 0, 1, 2, ...: read as names; '
    check "$data: the predictions without the index" cmp without_index out
    weft 3 evaluate --model "$model" --data indexed.csv --device cpu -q
    says 'of which the first has no name, '
done
for data in index whole; do
    cut -d, -f1-4 $data.csv | sed '2,$s/^/1/' >unclear.csv
    weft 3 predict --model plain --data unclear.csv --device cpu -q
    says "$unclear"
done
weft 0 train --data floats.csv --no-header --test pandas.csv --target 4 --device cpu --epochs 1 -q
says '^note: pandas.csv: the first row counts 0, 1, 2, ...: read as values, because of --no-header$'
seq 0 99 | awk -v OFS=, '{print $1 % 2, 1, 2, 3, 4, 5, 6, 7, 8, $1 % 9}' >wide.csv
weft 0 train --data wide.csv --no-header --target 1 --device cpu --epochs 1 -q -o plain
{ seq -s, 0 9 && cat wide.csv; } >counts.csv
weft 0 predict --model plain --data counts.csv --device cpu -q
check 'ten numbers that count are names' test "$(wc -l <out)" -eq 101
echo 'x,5.0,green,1,1' | "$program" predict --model beans --data - --no-header --device cpu -q >out 2>err
outcome 0 $? 'predict a single sample'
prints '^x,mung,'
echo 'x,5.0,green,1,1' | "$program" predict --model beans --data - --no-header --device cpu -q --reject 0.9999999999 >out 2>err
outcome 0 $? 'predict without an answer'
prints '^x,,$'
weft 0 predict --model beans --data more.csv --device cpu -q --reject 0.9999999999 --json
shape '{"index":"integer","id":"string","prediction":"string?","probability":"number?"}'
prints '"prediction":null,"probability":null'
weft 2 predict --model beans --data more.csv --device cpu --threshold 0.3
says '^weft: --threshold: needs a model with two classes, or with labels$'

# An answer for two classes.
grep -v pinto beans.csv >two.csv
weft 0 train --data two.csv --target kind --ignore id $fast -o two
weft 0 predict --model two --data two.csv --device cpu -q --threshold 1e-30
check 'class 1 everywhere' test "$(cut -d, -f2 out | sort -u | tr '\n' ' ')" = 'prediction soy '

# ---- scores by the values of a column

{
    cat more.csv
    echo 'b90,1.1,red,1,1,lima'
    echo 'b91,1.1,,1,1,mung'
} >strange.csv
weft 0 evaluate --model beans --data strange.csv --device cpu -q --by color
says 'column "kind": 1 of 14 rows have classes that training never saw ("lima" 1 time); they count as wrong'
says 'column "color": 1 of 14 rows have categories that training never saw (missing values)'
prints '^accuracy 85.71 % .* on 14 samples'
prints '^  samples  accuracy  *color$'
prints '^        4  100.00 % .*  green$'
prints '^        8  100.00 % .*  red$'
prints '^        1  0.00 % .*  (missing)$'
weft 0 evaluate --model beans --data strange.csv --device cpu -q --by 3 --json
check 'groups as JSON' grep -q '"red"' out
weft 2 evaluate --model beans --data strange.csv --device cpu -q --by colour
says '^weft: --by colour: .*color'
weft 2 evaluate --model beans --data strange.csv --device cpu -q --by color,kind
says '^weft: --by color,kind: got several columns, need one$'
weft 3 evaluate --model beans --data strange.csv --device cpu -q --strict
says '^weft: strange.csv:15: column "color": got nothing, need a value that the training set had$'

# ---- training on, and tests beside

weft 0 train --data more.csv --init-model beans $fast --epochs 1 -o again
weft 0 evaluate --model again --data beans.csv --device cpu -q
prints '^accuracy 100.00 % '
weft 0 train --data beans.csv --target kind --id id --test more.csv --holdout 0.2 $fast -o beans
prints '^validation  *9 '
prints '^test  *12  *100.00 % '
weft 0 train --data beans.csv --target kind --id id --ignore weight --test strange.csv $fast
prints '^test  *14  *85.71 % '
weft 0 train --data beans.csv --target size --task regress --ignore id,kind --hidden 8 --device cpu -q -o sizes
weft 0 predict --model sizes --data more.csv --device cpu -q --keep kind
check 'the header of numbers' test "$(head -n 1 out)" = index,kind,size
weft 2 train --data beans.csv --target shade --task regres $fast
says '^weft: --task "*regres"*: .*regress'
weft 0 check --data beans.csv --target size --task regress --ignore id --hidden 4 --device cpu -q
weft 0 bench --data beans.csv --target kind --ignore id --hidden 4 --rounds 5 --device cpu -q

# ---- inspect

weft 0 inspect beans.csv --target kind --id id
prints '^beans.csv: 45 samples, 6 columns, 5 features$'
prints '^task classify: 3 classes$'
prints '^     15  pinto, black$'
prints '^column  *use  *features  *missing  *distinct  *values$'
prints '^id  *id  *0  *0  *45  *b00 (1), '
prints '^size  *number  *1  *0  *21  *1 to 9.6, mean 5'
prints '^color  *category  *2  *0  *2  *red (30), green (15)$'
prints '^kind  *target  *0  *0  *3  *soy (15), mung (15), pinto, black (15)$'
weft 0 inspect beans.csv --json
column='{"name":"string","kind":"string","use":"string?","reason":"string?","features":"integer","missing":"integer","distinct":"integer","min":"number?","max":"number?","mean":"number?","std":"number?","common":[{"value":"string","count":"integer"}]}'
shape '{"command":"=inspect","kind":"=data","name":"string","samples":"integer","test_samples":"integer","features":"integer","task":"string?","target_assumed":"boolean","obstacle":"string?","classes":[{"name":"string","samples":"integer?"}],"columns":['"$column"'],"image":["integer"]}'
weft 0 inspect beans.csv --target size --task regress --ignore id,kind
prints '^task regress: 1 number$'
prints '^id  *ignored '
weft 0 inspect folder
prints '^folder: 60 samples and 30 for tests, 4 features (images of 2 x 2 x 1) from '
prints '^     20  2$'
weft 0 inspect folder/train-images-idx3-ubyte
prints 'train-images-idx3-ubyte: 60 samples, 4 features'
weft 0 inspect "$here/../formats/keras.npz"
prints 'samples and 2 for tests'
weft 0 inspect beans
prints '^model$'
prints '^  task  *classify, head softmax$'
prints '^  network  *[0-9]*-8-3, '
prints '^  color  *category  *red, green$'
prints '^  kind  *target$'
weft 0 inspect beans --json
text='"string"'
model_column='{"name":"string?","use":"string","reason":"string?","features":"integer","fill":"number?","categories":["string"]}'
check 'a model as JSON' grep -q '^{"command":"inspect","kind":"model","task":"classify",' out
"$program" inspect beans --json | sed 's/"options":{[^}]*}/"options":{}/' >object
shape '{"command":"=inspect","kind":"=model","task":'$text',"head":'$text',"widths":["integer"],"activations":['$text'],"bias":"boolean","batch_norm":"boolean","parameters":"integer","members":"integer","scale":'$text',"classes":['$text'],"columns":['"$model_column"'],"preset":'$text',"seed":"integer","epochs":"integer","options":{},"train_accuracy":"number?","validation_accuracy":"number?","test_accuracy":"number?","curves":[{"epoch":["integer"],"error":["number?"],"train_accuracy":["number?"],"validation_accuracy":["number?"],"validation_r2":["number?"],"learning_rate":["number?"]}]}' object
weft 2 inspect
says '^weft: inspect: missing file; need weft inspect FILE$'
weft 5 inspect nowhere

# Times keep their digits, and long texts are cut.
{
    echo 'time,text,y'
    for i in 1 2 3 4 5 6 7 8; do
        echo "170000000000$i,the quick brown fox jumps over $i lazy dogs,$((i % 2))"
    done
} >times.csv
weft 0 inspect times.csv
prints '^time  *number  *1  *0  *8  *1700000000001 to 1700000000008, mean 170000000000[45]$'
prints ' the quick brown fox jumps over 1... (1), '

# What stands in the way of a training is said, and the columns are described all the same.
weft 0 inspect beans.csv --target shade --task multilabel
prints '^training would fail: beans.csv:4: column "shade": got 2, task multilabel needs 0 or 1$'
prints '^size  *-  *0  *0  *21  *1 to 9.6, mean 5'
printf 'x,note,empty,y\n1,one,,a\n,,,\n2,"t\033wo",,b\n' >gaps.csv
weft 0 inspect gaps.csv
prints '^gaps.csv: 3 samples, 4 columns$'
prints '^training would fail: gaps.csv:3: column "y": the target is missing in 1 of 3 rows'
prints '^x  *-  *0  *1  *2  *1 (1), 2 (1)$'
prints '^empty  *-  *0  *3  *0  *$'
prints 'one (1), t?wo (1)$'
prints '^Weft assumes that the last column is the target; --target names another one.$'
weft 0 inspect gaps.csv --json
prints '"obstacle":"gaps.csv:3: '
weft 0 inspect gaps.csv --target x --task regress --ignore empty
prints '^training would fail: gaps.csv:3: column "x"'
weft 2 inspect beans.csv --target shape
says '^weft: --target shape: beans.csv has no such column; did you mean shade?$'

# ---- bad tables: exit code 3, the place and the need, nothing written

# refuses PATTERN TEXT [OPTION...]: a training on a table of TEXT
refuses() {
    pattern=$1
    printf "$2" >bad.csv
    shift 2
    rm -f written
    weft 3 train --data bad.csv --target y --device cpu -q -o written "$@"
    says "^weft: bad.csv$pattern"
    check 'a model of bad data' test ! -e written
}

refuses ':3: wrong number of values: got 3, need 2 as in the first row$' 'x,y\n1,a\n2,b,c\n'
refuses ':3: column "y": the quote that opens here is not closed' 'x,y\n1,a\n2,"b\n'
refuses ':1: column "x": columns 1 and 2 have this name; rename one$' 'x,x,y\n1,1,a\n2,2,b\n'
refuses ': no rows: got a header alone, need at least one row$' 'x,y\n'
refuses ': byte 0: empty file: got 0 bytes, need data$' ''
refuses ':2: column "x": got a NUL byte, need UTF-8 text$' 'x,y\na\000b,1\n'
refuses ':2: column "x": the byte 0xFF is not UTF-8; convert the file' 'x,y\na\377b,1\n'
refuses ':2: column "x": all 2 values are missing; name the column in --ignore$' 'x,z,y\n,1,a\n,2,b\n'
refuses ':3: column "y": the target is missing' 'x,y\n1,a\n2,\n3,b\n'
refuses ': got only one class, need at least 2$' 'x,y\n1,a\n2,a\n'
refuses ':2: column "y": got "a", task regress needs a number' 'x,y\n1,a\n2,b\n' --task regress
refuses ':3: column "y": got 9007199254740994, need at most 9007199254740992, because larger labels may merge$' \
    'x,y\n1,9007199254740992\n2,9007199254740994\n' --task classify
refuses ':2: column "y": got "1,5", task regress needs a number; these are numbers with commas; --decimal , reads decimal commas$' \
    'x;y\n1;1,5\n2;2,5\n' --task regress
refuses ':3: column "x": got nothing, need a number, because the model replaces no missing ones$' \
    'x,y\n1,a\n,b\n2,a\n3,b\n' --impute none
refuses ':3: column "w": got -1, need a weight of 0 or more$' 'x,w,y\n1,1,a\n2,-1,b\n' --weight w
refuses ': sample weights: all are 0, need one above$' 'x,w,y\n1,0,a\n2,0,b\n' --weight w
refuses ':.*: column "x": got inf, need a number' 'x,y\n1,a\ninf,b\n'

printf 'x,y\n1,a\n2,b\n' >fine.csv
for wrong in '--target z' '--target 3' '--target 0' '--target y --ignore z' '--target y --id z' \
    '--target y --weight z' '--target y --categorical z' '--target y --ignore y' '--target y --id x --weight x'; do
    weft 2 train --data fine.csv $wrong --device cpu -q
    silent_but_one_line
done
says '^weft: --weight x: the column is already named as id$'
weft 2 train --data fine.csv --target z --device cpu -q
says '^weft: --target z: fine.csv has no such column; did you mean x or y?$'
weft 2 train --data fine.csv --device cpu -q
says '^weft: --target: '
weft 2 predict --model beans --data more.csv --keep nothing --device cpu -q
says '^weft: --keep nothing: more.csv has no such column'
weft 2 predict --model beans --data more.csv --id nothing --device cpu -q
says '^weft: --id nothing: more.csv has no such column'

# Tables that do not fit the model.
cut -d, -f1,4 more.csv >less.csv
weft 3 predict --model beans --data less.csv --device cpu -q
says '^weft: less.csv: 3 columns are missing that the model needs: "size", "color", "weight"$'
weft 3 evaluate --model beans --data turned.csv --device cpu -q
says '^weft: turned.csv: 2 columns are missing that the model needs: "weight", "kind"$\|^weft: turned.csv: 1 column is missing that the model needs: "kind"$'
printf 'a,b\n1,2\n' >other.csv
weft 3 predict --model beans --data other.csv --device cpu -q
says 'needs: .*"size".*; without a header, columns count by position: --no-header$'
weft 3 predict --model beans --data other.csv --no-header --device cpu -q
says '^weft: other.csv: columns: got 2, the model needs 6, or as many without the target$'
sed 's/^b05,[^,]*/b05,big/' more.csv >big.csv
weft 3 predict --model beans --data big.csv --device cpu -q
says '^weft: big.csv:7: column "size": got "big", need a number; if it means a missing value, add it to --missing$'
weft 0 predict --model beans --data big.csv --device cpu -q --missing big
sed 's/green/blue/' more.csv >blue.csv
weft 0 predict --model beans --data blue.csv --device cpu -q
says '^note: blue.csv: column "color": 4 of 12 rows have categories that training never saw ("blue" 4 times); they count as other$'

# ---- results that are useless, and why: numbers that merge, another unit, worse than the mean

# numbers FORMULA: 40 rows of x and y, an awk formula of i
numbers() {
    awk "BEGIN { print \"x,y\"; for (i = 1; i <= 40; i++) printf \"%.17g,%.17g\\n\", $1 }"
}
numbers 'i % 2 * 1e15 + i, i * i' >merged.csv
numbers '0.1 * i, i + 0.5' >rising.csv
numbers '0.1 * i, -i - 0.5' >falling.csv
numbers '100 * i, i + 0.5' >millimeters.csv
weft 0 train --data merged.csv --target y $fast
says '^note: column "x": float32 cannot tell apart all of its numbers from 2 to 1e+15: of 40 distinct ones, [0-9]* remain$'
weft 0 train --data rising.csv --target y $fast --test falling.csv -o rising
says '^note: R^2 of the test set is below 0: the mean of its targets would predict better; '
weft 0 train --data rising.csv --target y $fast --test rising.csv
check 'a useful model has no note' test "$(grep -c 'R^2' err)" -eq 0
weft 0 evaluate --model rising --data falling.csv --device cpu -q
says '^note: R^2 is below 0: the mean of the targets would predict better; '
far='feature "x" is over 20 standard deviations from the training mean 2.05 in [34][0-9] of 40 samples; the unit or '
for command in evaluate predict; do
    weft 0 $command --model rising --data millimeters.csv --device cpu -q
    says "^note: millimeters.csv: $far"
done

# ---- mistakes on the command line: exit code 2, nothing written

# mistake PATTERN OPTION...: of a training on a fine table
mistake() {
    pattern=$1
    shift
    rm -f written
    weft 2 train --device cpu -q -o written "$@"
    silent_but_one_line
    says "^weft: $pattern"
    check 'a model of a mistake' test ! -e written
}

mistake '--delimiter "ab": need one character, or tab$' --data fine.csv --target y --delimiter ab
mistake '--delimiter "": need one character, or tab$' --data fine.csv --target y --delimiter ''
mistake '--delimiter "*3"*: not a delimiter' --data fine.csv --target y --delimiter 3
mistake '--decimal ";": need a point or a comma$' --data fine.csv --target y --decimal ';'
mistake '--decimal .*: the delimiter is the same character; without --delimiter, commas divide quoted numbers$' --data fine.csv --target y --decimal , --delimiter ,
mistake '--impute mode: unknown value; did you mean none? Known: mean, median, none$' --data fine.csv --target y --impute mode
mistake '--holdout "*1"*: the fraction must be above 0 and below 1$' --data fine.csv --target y --holdout 1
for size in 0x0 28 28x 28x28x3 5000x1 axb 28X28; do
    mistake "--image-size \"$size\": need a width and a height from 1 to 4096, as in 28x28\$" \
        --data fine.csv --target y --image-size $size
done
mistake '--data: cannot be combined with --labels$' --data fine.csv --labels fine.csv
mistake '--labels: needs --images$' --labels fine.csv
mistake '--images: train needs --labels as well$' --images fine.csv
mistake '--target y: needs a table; folder has no columns$' --data folder --target y
mistake '--ignore 1: needs a table; folder has no columns$' --data folder --ignore 1
mistake '--no-header: needs a table of text; folder is none$' --data folder --no-header
mistake '--delimiter ;: needs a table of text; folder is none$' --data folder --delimiter ';'
mistake '--image-size: needs images; fine.csv is a table$' --data fine.csv --target y --image-size 28x28
mistake '--grayscale: needs images; fine.csv is a table$' --data fine.csv --target y --grayscale
mistake '--test -: --data already reads standard input, which can be read only once$' --data - --test - --target y
mistake '--labels -: --images already reads standard input, which can be read only once$' --images - --labels -
weft 2 inspect folder --target y
says '^weft: --target y: needs a table; folder has no columns$'
weft 2 predict --model beans --data folder --keep 1 --device cpu
says '^weft: --keep 1: needs a table; folder has no columns$'
printf 'x,y\n1,a\n' >one.csv
weft 2 train --data one.csv --target y --device cpu -q --holdout 0.5
says '^weft: --holdout'
