# Tests weft pack, and training on files that are mapped: the same bytes as from the source, whether
# the data are in memory, mapped or streamed.

# ---- tables: 600 rows with texts and gaps, an id of 100 digits to make the file larger

{
    echo 'size,color,gap,noise,price'
    i=0
    while [ $i -lt 600 ]; do
        color=red
        [ $((i % 3)) -ne 0 ] || color=blue
        gap=$((i % 11))
        [ $((i % 4)) -ne 0 ] || gap=
        echo "$i.5,$color,$gap,$((i * 7919 % 1009)),$((i * 3 + i % 3 * 100))"
        i=$((i + 1))
    done
} >table.csv
weft 0 pack --data table.csv --target price -o table.pack
prints '^table.pack: 600 samples of .* features as float32, .* KiB$'
cp out packed_text
"$program" pack --data - --target price -o piped.pack <table.csv >out 2>err
outcome 0 $? "pack of a pipe"
check "a pipe gives other bytes" cmp table.pack piped.pack

# same_model SOURCE_OPTIONS PACK OPTION...: training on the source and on the packed file gives the
# same bytes
same_model() {
    # shellcheck disable=SC2086 # words
    source=$1 packed=$2
    shift 2
    # shellcheck disable=SC2086
    weft 0 train $source --device cpu --epochs 2 "$@" -o from_source
    weft 0 train --data "$packed" --device cpu --epochs 2 "$@" -o from_pack
    check "$packed $*: the models differ" cmp from_source from_pack
}
same_model '--data table.csv --target price' table.pack
same_model '--data table.csv --target price' table.pack --shuffle-blocks --scale global
same_model '--data table.csv --target price' table.pack --no-shuffle
# --holdout fills gaps of a table from the training set alone, of packed data from the whole file.
# Therefore the source is the packed file in memory, which --report needs.
resident='--data table.pack --report report.html'
same_model "$resident" table.pack --holdout 0.3 --no-shuffle --check-every 1

# Whole numbers from 0 to 255 are packed as bytes. The target is numeric, and curved: training tells
# only if it sees each target beside its own features.
{
    echo 'a,b,price'
    i=0
    while [ $i -lt 300 ]; do
        a=$((i * 7919 % 251)) b=$((i * i * 31 % 256))
        echo "$a,$b,$(((a - 125) * (b - 128))).5"
        i=$((i + 1))
    done
} >whole.csv
sed 's/^\([0-9]*\),/\1.5,/' whole.csv >curved.csv
weft 0 pack --data curved.csv --target price -o curved.pack
prints '^curved.pack: 300 samples of 2 features as float32, '
resident='--data curved.pack --report report.html'
same_model "$resident" curved.pack --holdout 0.3
weft 0 pack --data whole.csv --target price -o whole.pack
prints '^whole.pack: 300 samples of 2 features as bytes, '
same_model '--data whole.csv --target price' whole.pack
resident='--data whole.pack --report report.html'
same_model "$resident" whole.pack --holdout 0.3 --no-shuffle --check-every 1

# ---- images: IDX files are mapped as they are; bytes stay bytes

weft 0 pack $pair -o images.pack --json
shape '{"command":"=pack","file":"=images.pack","samples":"integer","features":"integer",
    "classes":"integer","type":"=uint8","bytes":"integer","labeled":"boolean","texts":"integer"}'
same_model "$pair" images.pack --hidden 8
same_model "$pair" images.pack --hidden 8 --holdout 0.25
same_model "$pair" images.pack --hidden 8 --shift 1 --flip --holdout 0.25 --shuffle-blocks
same_model "$pair" images.pack --hidden 8 --holdout 0.25 --slices 3 --shuffle-blocks
same_model "$pair" images.pack --hidden 8 --holdout 0.25 --no-shuffle --check-every 1
weft 0 pack --data folder --part test -o test.pack
weft 0 evaluate --model from_pack --data test.pack --device cpu
cp out evaluation_packed
weft 0 evaluate --model from_pack --data folder --device cpu
check "the evaluation differs" cmp out evaluation_packed
weft 0 predict --model from_pack --data test.pack --device cpu
cp out predictions_packed
weft 0 predict --model from_pack --data folder --device cpu
check "the predictions differ" cmp out predictions_packed
weft 0 inspect images.pack
prints '^images.pack: 60 samples, 4 features (images of 2 x 2 x 1) from [0-9]* to 2[0-9]*, mean'

# ---- a table without a target for a model of arrays: a schema would tell nothing

{ echo 'a,b,c,d' && echo '10,200,30,40' && echo '0,5,250,3.5'; } >plain.csv
weft 0 predict --model from_pack --data plain.csv --device cpu
cp out from_table
for schema in from_pack images.pack plain.pack; do
    weft 0 pack --data plain.csv --schema-from $schema -o again.pack
    mv again.pack plain.pack
    weft 0 predict --model from_pack --data plain.pack --device cpu
    check "predictions for a table packed like $schema differ" cmp from_table out
done

# ---- without address space: limits at which the arrays in temporary files cannot be mapped

if ! grep -q '__asan_init\|__tsan_init' "$program"; then
    seq 1 900000 | paste -d, - - - - - - | sed '1i a,b,c,d,e,f' >long.csv
    limit=120000
    until [ $limit -gt 400000 ]; do
        (ulimit -v $limit && OMP_NUM_THREADS=1 exec "$program" pack --data long.csv --target f -o long.pack >out 2>err)
        code=$?
        [ $code -ne 0 ] || break
        case $code in
        127 | 134) ;; # the loader, or a library before main
        *) outcome 8 $code "a limit of $limit KiB of address space" ;;
        esac
        limit=$((limit + 5000))
    done
    check 'no limit was low enough to matter' test $limit -gt 120000
    check 'no limit was high enough' test $code -eq 0
    rm -f long.csv long.pack
fi

# ---- data larger than memory: 20000 images of 784 bytes, which are 15 MB as bytes and 60 MB as
# ---- floats, under limits that one of both exceeds

{
    bytes 0 0 8 3 0 0 78 32 0 0 0 28 0 0 0 28
    seq 1 3000000 | head -c 15680000
} >many_images
{
    bytes 0 0 8 1 0 0 78 32
    i=0
    while [ $i -lt 200 ]; do
        printf '\0\1\0\0\1\1\0\1\0\1'
        i=$((i + 1))
    done >hundred
    i=0
    while [ $i -lt 10 ]; do
        cat hundred
        i=$((i + 1))
    done
} >many_labels
large='--images many_images --labels many_labels --hidden 4 --device cpu --epochs 1 --shuffle-blocks'
# shellcheck disable=SC2086
weft 0 train $large -o resident
# shellcheck disable=SC2086
weft 0 train $large --memory 30MB -o streamed
says '^note: the training set will be streamed to save memory; the results are the same'
check "streamed samples give other bytes" cmp resident streamed
# shellcheck disable=SC2086
weft 0 train $large --holdout 0.25 -o resident
# shellcheck disable=SC2086
weft 0 train $large --holdout 0.25 --memory 30MB -o streamed
says '^note: the training'
check "streamed holdout sets give other bytes" cmp resident streamed
# shellcheck disable=SC2086
weft 0 train $large --holdout 0.25 --shift 2 --flip --memory 30MB -o streamed
# shellcheck disable=SC2086
weft 0 train $large --holdout 0.25 --shift 2 --flip -o resident
check "streamed and shifted images give other bytes" cmp resident streamed
# shellcheck disable=SC2086
weft 8 train $large --memory 1MB
says '^weft: host memory for the training: need [0-9]* bytes .*, available 1000000 bytes'
weft 0 train --images many_images --labels many_labels --hidden 4 --device cpu --memory 10MB --dry-run
prints '^--shuffle reads the file of the training set in random order, about 93.1 MiB per epoch'
prints '^train      15.0 MiB as a mapped file, streamed$'
prints '^an epoch reads 93.1 MiB of the training file$'
# shellcheck disable=SC2086
weft 0 train $large --holdout 0.25 --memory 10MB --dry-run --json
prints '{"name":"validation","bytes":3920000,"mapped":true,"streamed":true}'
prints '"epoch_read_bytes":11760000,'
weft 0 train --data images.pack --hidden 4 --device cpu --dry-run
prints '^train      240 B as a mapped file, resident in memory$'
check 'a resident file is read in each epoch' test "$(grep -c 'an epoch reads' out)" -eq 0
weft 0 train --data table.csv --target price --hidden 4 --device opencl --dry-run
prints '^train      .* as an array in memory, resident on the device$'
weft 0 train --images many_images --labels many_labels --hidden 4 --device cpu --memory 10MB --epochs 1
says '^note: --shuffle reads the file of the training set in random order'
weft 0 train --images many_images --labels many_labels --hidden 4 --device cpu --memory 30MB --epochs 1
check 'a file that fits into memory is read at random' test "$(grep -c 'random order' err)" -eq 0
weft 8 train --data table.csv --target price --memory 10KB --device cpu
says '^weft: table.csv: host memory: need at least [0-9]* bytes .*available 10000 (--memory); weft pack'
weft 2 train --data table.csv --target price --memory lots
says '^weft: --memory'
weft 2 train --data images.pack --no-shuffle --shuffle-blocks --device cpu
says '^weft: --shuffle-blocks: has no effect without shuffling'

# ---- the columns of a training set, for test data

{ echo 'price,gap,color,size,noise' && echo '7,,green,1.5,3' && echo '8,2,red,2.5,4'; } >test.csv
weft 0 pack --data test.csv --schema-from table.pack -o test.pack
says 'green'
weft 0 train --data table.pack --test test.pack --device cpu --epochs 1 -o tested
weft 0 pack --data test.csv --schema-from tested -o test2.pack
check "a model gives other columns than its data" cmp test.pack test2.pack
weft 0 pack --data test.csv --target price -o other.pack
weft 3 train --data table.pack --test other.pack --device cpu --epochs 1
says '^weft: other.pack: '
# Packed data without a target still has the columns and the classes of its training set.
for target in 'color 1,3-5' 'price 1-4'; do
    weft 0 pack --data table.csv --target "${target% *}" -o labeled.pack
    cut -d , -f "${target#* }" table.csv >unlabeled.csv
    weft 0 pack --data unlabeled.csv --schema-from labeled.pack -o unlabeled.pack
    weft 0 pack --data table.csv --schema-from unlabeled.pack -o again.pack
    check "other columns from data without ${target% *}" cmp labeled.pack again.pack
done

# ---- tables without the target, ids, and columns that predictions repeat

{
    echo 'code,size,color,gap,zip'
    i=0
    while [ $i -lt 40 ]; do
        zip=00$((i % 7))
        [ $((i % 5)) -ne 0 ] || zip=
        echo "\"n,$i\",$i.5,red,$((i % 3)),$zip"
        i=$((i + 1))
    done
} >rows.csv
{ echo price && seq 1 40; } | paste -d , rows.csv - >priced.csv
weft 0 train --data priced.csv --target price --id code --ignore zip --device cpu --epochs 2 -o coded
weft 0 pack --data rows.csv --schema-from coded --keep zip,size -o rows.pack
prints '^rows.pack: 40 samples of .*, no labels or targets$'
for options in '' '--keep zip' '--keep size,zip --json' '--id zip --keep code'; do
    # shellcheck disable=SC2086 # words
    weft 0 predict --model coded --data rows.csv --device cpu $options
    cp out from_table
    # shellcheck disable=SC2086
    weft 0 predict --model coded --data rows.pack --device cpu $options
    check "predictions for a packed table differ with '$options'" cmp from_table out
done
prints '^,"n,0",'
prints '^001,"n,1",'
weft 0 pack --data rows.pack --keep size -o again.pack
weft 0 predict --model coded --data again.pack --keep size --device cpu
prints '^"n,39",39.5,'
weft 2 predict --model coded --data again.pack --keep zip --device cpu
says '^weft: --keep zip: again.pack has the texts of code, size; pack its source again with --keep'
weft 2 predict --model coded --data test.pack --id code --device cpu
says '^weft: --id code: test.pack has the texts of no column; pack its source again with --id'
weft 3 train --data rows.pack --device cpu
says '^weft: rows.pack: labels: got none, training needs them'
weft 3 evaluate --model coded --data rows.pack --device cpu
silent_but_one_line
weft 2 pack --data rows.csv -o none.pack
says '^weft: --target: rows.csv: name the column to predict'
weft 0 pack --data priced.csv --schema-from coded --keep color -o priced.pack
weft 0 evaluate --model coded --data priced.csv --by color --device cpu
cp out from_table
weft 0 evaluate --model coded --data priced.pack --by color --device cpu
check "--by of packed data differs" cmp from_table out
# A number that is kept stays a feature, and the texts change nothing for training.
weft 0 pack --data priced.csv --target price --id code --ignore zip --keep gap,color -o kept.pack
weft 0 train --data kept.pack --device cpu --epochs 2 -o from_pack
check "texts change the training" cmp coded from_pack

# ---- what a packed file cannot do again

for option in '--impute mean' '--impute none' '--image-size 3x3' --grayscale '--delimiter ;' \
    '--decimal ,' '--missing x' --no-header '--x a' '--y b' --strict '--target a' '--ignore a' \
    '--weight a' '--categorical a'; do
    # shellcheck disable=SC2086 # words
    weft 2 train --data table.pack --device cpu --epochs 1 $option
    says "^weft: ${option%% *}.*: has no effect on table.pack, which is packed; pack its source again"
done
weft 2 predict --model coded --data rows.pack --device cpu --strict
weft 2 pack --data table.pack --impute median -o none.pack
weft 2 pack --data table.pack --task classify -o none.pack
says '^weft: --task classify: table.pack is packed for task regress; pack its source again'
weft 2 train --images table.pack --labels many_labels --device cpu
says '^weft: --labels many_labels: has no effect on table.pack'
# Options about text may be for the test set.
sed 's/,/;/g' test.csv >semicolons.csv
weft 0 train --data table.pack --test semicolons.csv --delimiter ';' --device cpu --epochs 1 -o also
check "the test set was read in another way" test "$(grep -c '^test ' out)" -eq 1
weft 2 train --data table.pack --test semicolons.csv --impute none --device cpu --epochs 1
# Options about the columns of a table are not for its packed test set. --strict is for it alone.
table='--data priced.csv --target price --id code --ignore zip --weight gap --impute none'
# shellcheck disable=SC2086 # words
weft 0 pack $table -o heavy.pack
weft 0 pack --data priced.csv --schema-from heavy.pack -o tests.pack
# shellcheck disable=SC2086
weft 0 train $table --missing 'NA,?' --test tests.pack --device cpu --epochs 1
prints '^test  *40 '
# shellcheck disable=SC2086
weft 2 train $table --test tests.pack --strict --device cpu --epochs 1
says '^weft: --strict: has no effect on tests.pack, which is packed'
weft 2 train --data heavy.pack --test tests.pack --no-header --device cpu --epochs 1
says '^weft: --no-header: has no effect on tests.pack, which is packed'
weft 4 predict --model table.pack --data table.csv
says '^weft: table.pack: got packed data, need a model or a checkpoint; --data takes packed data'
weft 4 train --data table.pack --init-model table.pack --device cpu
weft 4 train --resume table.pack
weft 3 train --data coded --device cpu
says '^weft: coded: this looks like a file that weft train has written, not data; --model'
weft 3 evaluate --model coded --data table.pack --device cpu
says 'features of a sample'
check "a message names a function" test "$(grep -c 'weft_' err)" -eq 0

# ---- --holdout: the columns are learned from the other rows, as in a table

for split in '' '--no-stratify' '--seed 7'; do
    # shellcheck disable=SC2086 # words
    weft 0 pack --data table.csv --target price --holdout 0.3 $split -o split.pack
    # shellcheck disable=SC2086
    same_model '--data table.csv --target price' split.pack --holdout 0.3 $split
    check "a note about the same split" test "$(grep -c held-out err)" -eq 0
done
check "the same fill values" test "$(cmp table.pack split.pack | wc -l)" -ne 0
weft 0 train --data table.pack --holdout 0.3 --device cpu --epochs 1
says '^note: table.pack: fill values and categories were not learned without the held-out samples; '
# Numbers have no classes that --no-stratify could ignore.
weft 0 pack --data table.csv --target price --holdout 0.3 -o split.pack
weft 0 train --data split.pack --holdout 0.3 --no-stratify --device cpu --epochs 1
check "a note about a split by numbers" test "$(grep -c held-out err)" -eq 0
weft 0 pack --data table.csv --target color --holdout 0.3 -o split.pack
weft 0 train --data split.pack --holdout 0.3 --no-stratify --device cpu --epochs 1
says '^note: split.pack: .* held-out samples; .*, --seed and --no-stratify for that$'
for option in '--seed 7' --no-stratify; do
    # shellcheck disable=SC2086 # words
    weft 2 pack --data table.csv --target price $option -o none.pack
    says "^weft: ${option% *}: needs --holdout$"
done
weft 2 pack --data rows.csv --schema-from coded --holdout 0.3 -o none.pack
says '^weft: --holdout: '
weft 2 pack $pair --holdout 0.3 -o none.pack
says '^weft: --holdout: needs a table; '

# ---- pipes with names

rm -f pipe && mkfifo pipe
cat table.csv >pipe &
weft 0 pack --data pipe --target price -o piped.pack
check "a named pipe gives other bytes" cmp table.pack piped.pack
gzip -c table.csv >pipe &
weft 0 train --data pipe --target price --device cpu --epochs 2 -o from_pack
weft 0 train --data table.csv --target price --device cpu --epochs 2 -o from_source
check "training on a named pipe differs" cmp from_source from_pack
cat table.csv >pipe &
weft 0 plot columns --data pipe -o columns.svg
check "a named pipe gives another picture" grep -q '>size<' columns.svg
cat rows.csv >pipe &
weft 0 predict --model coded --data pipe --device cpu
check "predictions of a pipe differ" test "$(wc -l <out)" -eq 41
cat many_images >pipe &
weft 0 pack --data pipe -o piped.pack
weft 0 pack --data many_images -o many.pack
check "an IDX file from a named pipe gives other bytes" cmp many.pack piped.pack
cat table.pack >pipe 2>cat_err &
weft 3 train --data pipe --device cpu
says '^weft: pipe: this looks like a file of weft pack, which cannot be compressed or piped'

# ---- damaged files and wrong options

head -c -1 table.pack >bad
weft 3 train --data bad --device cpu
silent_but_one_line
says '^weft: bad: x: truncated'
{ cat table.pack && bytes 0; } >bad
weft 3 train --data bad --device cpu
says '^weft: bad: got [0-9]* bytes after the header, its tensors have'
sed 's/"F32"/"F16"/' table.pack >bad
weft 3 evaluate --model tested --data bad --device cpu
says '^weft: bad: .*dtype: got F16'
gzip -c table.pack >bad
weft 3 train --data bad --device cpu
says '^weft: bad: this looks like a file of weft pack, which cannot be compressed'
weft 3 plot columns --data table.pack --target price -o columns.svg
says '^weft: table.pack: this looks like a file of weft pack, .* no table'
weft 3 pack --data table.csv --schema-from test.csv -o bad
says '^weft: test.csv: not packed data'
weft 2 train --data table.pack --target price --device cpu
says '^weft: --target price: has no effect on table.pack, which is packed'
weft 2 pack --data table.csv --target price
says '^weft: --output: missing'
weft 2 pack --data table.csv --target price -o table.csv
says 'this run reads this file'
weft 2 pack --data table.csv --schema-from table.pack -o table.pack
says 'this run reads this file'
weft 3 pack --data table.csv --target color --task regress -o none.pack
check "a file in spite of the failure" test ! -e none.pack
weft 5 pack --data table.csv --target price -o /dev/full
weft 5 pack --data table.csv --target price -o nowhere/x
says '^weft: nowhere'
check "temporary files are left" test -z "$(find . -name '.weft-*')"

# A full disk, or `ulimit -f`: the old file stays.
cp images.pack old.pack
(
    ulimit -f 4000
    exec "$program" pack --images many_images --labels many_labels -o old.pack >out 2>err </dev/null
)
outcome 5 $? "pack beyond ulimit -f"
check "the old file is gone" cmp images.pack old.pack
check "temporary files are left" test -z "$(find . -name '.weft-*')"

# A file that becomes shorter while it is mapped.
cp many_images shrinking
# shellcheck disable=SC2086
"$program" train --images shrinking --labels many_labels --hidden 4 --device cpu --epochs 100000 \
    --memory 30MB --log epochs.json >out 2>err </dev/null &
mapper=$!
tries=0
while [ ! -s epochs.json ] && [ $tries -lt 600 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
: >shrinking
wait $mapper
outcome 5 $? "a file that becomes shorter"
says '^weft: data: a file that this run has mapped became shorter'
