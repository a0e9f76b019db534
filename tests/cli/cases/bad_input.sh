# Tests bad input files of every kind. The program must return the exit code and print one line. The
# line names the file, the place in it, what is there and what is needed. faults.sh tests faults
# that are not in a file.

weft 0 train --data folder --hidden 4 --epochs 20 --device cpu -o sound
corpus=$here/../fuzz/corpus

# refused_file CODE FILE PATTERN ARGUMENT...: checks for one line about FILE that contains PATTERN
refused_file() {
    code=$1 file=$2 pattern=$3
    shift 3
    weft "$code" "$@" --device cpu
    silent_but_one_line
    says "^weft: $file: .*$pattern"
    check "results in spite of it" test ! -s out
}

# bad_images PATTERN, bad_labels PATTERN: read the file `bad` as images or as three labels
bad_images() {
    refused_file 3 bad "$1" predict --model sound --images bad
}
bad_labels() {
    refused_file 3 bad "$1" train --images three --labels bad --epochs 1
}

# header TYPE SIZE...: prints the header of an IDX file; each size is below 256
header() {
    bytes 0 0 "$1" $(($# - 1))
    shift
    for size in "$@"; do bytes 0 0 0 "$size"; done
}
{
    header 8 3 2 2
    bytes 0 1 2 3 4 5 6 7 8 9 10 11
} >three
weft 0 predict --model sound --images three --device cpu

# ---- IDX: headers

: >bad
bad_images 'byte 0: empty file: got 0 bytes, need data'
head -c 3 three >bad
bad_images 'byte 3: .*got 3 bytes, need at least 4'
head -c 9 three >bad
bad_images 'byte 9: header ends: got 9 bytes, need 16'
{ bytes 80 75 && tail -c +3 three; } >bad
bad_images 'byte 0: unknown format: got 50 4b 08 03, need IDX, NPY, '
{ bytes 0 0 10 && tail -c +4 three; } >bad
bad_images 'byte 2: value type: got 0x0a, need 0x08'
{ bytes 0 0 8 0 && tail -c +5 three; } >bad
bad_images 'byte 3: number of dimensions: got 0, need 1 to 8'
header 8 1 1 1 1 1 1 1 1 1 >bad
bad_images 'byte 3: number of dimensions: got 9, need 1 to 8'
header 8 0 2 2 >bad
bad_images 'byte 4: number of samples: got 0, need at least 1'
header 8 3 0 2 >bad
bad_images 'byte 8: size of a dimension: got 0, need at least 1'
bytes 0 0 14 2 128 0 0 0 128 0 0 0 >bad
bad_images 'byte 4: sizes overflow: got 2147483648 x 2147483648 values, need at most'

# ---- IDX: values

head -c 27 three >bad
bad_images 'byte 16: values: got 11 bytes, need 12'
{ cat three && bytes 0; } >bad
bad_images 'byte 16: values: got 13 bytes, need 12'
{
    header 13 1 2 2
    bytes 0 0 0 0 127 192 0 0 0 0 0 0 255 128 0 0
} >bad
bad_images 'sample 0, feature 1: got nan, need a finite number (2 such'
{
    header 13 1 2 2
    bytes 0 0 0 0 0 0 0 0 0 0 0 0 255 128 0 0
} >bad
bad_images 'sample 0, feature 3: got -inf, need a finite number (1 such'
{ header 8 3 5 && head -c 15 /dev/zero; } >bad
bad_images 'got 5, the model needs 4'

# ---- IDX: labels

{ header 8 2 && bytes 0 1; } >bad
bad_labels 'byte 4: number of labels: got 2, need 3, as in three'
cp three bad
bad_labels 'byte 3: dimensions of labels: got 3, need 1'
{ header 8 3 1 && bytes 0 1 2; } >bad
weft 3 train --images three --labels bad --task multilabel --epochs 1 --device cpu
silent_but_one_line
says '^weft: bad: sample 2, label 0: got 2, task multilabel needs 0 or 1'
{ header 13 3 && bytes 127 128 0 0 0 0 0 0 0 0 0 0; } >bad
weft 3 train --images three --labels bad --task regress --epochs 1 --device cpu
silent_but_one_line
says '^weft: bad: sample 0, target 0: got inf, need a finite number'
{ header 9 3 && bytes 0 255 1; } >bad
bad_labels 'byte 9: label of sample 1: got -1, need 0 to'
{ header 12 3 && bytes 0 0 0 0 0 1 0 0 0 0 0 1; } >bad
bad_labels 'byte 12: label of sample 1: got 65536, need 0 to 65535'
{ header 8 3 && bytes 0 0 0; } >bad
weft 3 train --images three --labels bad --epochs 1 --device cpu
silent_but_one_line
says '^weft: bad: got only one class'
{ header 8 3 && bytes 0 3 2; } >bad # a class that the model does not have
weft 0 evaluate --model sound --images three --labels bad --device cpu
says '^note: bad: 1 of 3 samples belong to classes that training never saw, such as "3"; they count as wrong$'
{ header 8 3 && bytes 7 8 9; } >bad
weft 3 evaluate --model sound --images three --labels bad --device cpu
says '^weft: bad: no sample belongs to a class of the training set: got "7"$'
mkdir -p home/fashion-mnist # ten classes, whatever the labels say
cp three home/fashion-mnist/train-images-idx3-ubyte
{ header 8 3 && bytes 0 10 2; } >home/fashion-mnist/train-labels-idx1-ubyte
export WEFT_DATA=home
weft 3 train --data fashion-mnist --epochs 1 --device cpu
unset WEFT_DATA
silent_but_one_line
says 'train-labels-idx1-ubyte: byte 9: label of sample 1: got 10, need 0 to 9'

# unusual but valid: a feature that never changes, and a single sample
{
    header 8 4 2
    bytes 7 0 7 255 7 0 7 255
} >constant
{ header 8 4 && bytes 0 1 0 1; } >two_classes
weft 0 train --images constant --labels two_classes --epochs 200 --device cpu --json -o constant_model
prints '"train":{"accuracy":1.0,'
{ header 8 1 2 && bytes 7 9; } >single
{ header 8 1 && bytes 1; } >one_label
weft 3 train --images single --labels one_label --epochs 2 --device cpu --json
says '^weft: one_label: got only one class, '

# ---- gzip: the packed data are `three`, or less, or more

for file in "$corpus"/gzip/*; do
    cp "$file" bad
    case $(basename "$file") in
    one_member | stored | three_members | header_fields | plain | zeros_after)
        weft 0 predict --model sound --images bad --device cpu
        check 'three predictions' test "$(wc -l <out)" -eq 4
        ;;
    many_equal_bytes) bad_images 'got 100, the model needs 4' ;;
    cut_*) bad_images 'byte [0-9]*: gzip data: got the end of the file, need more' ;;
    bad_checksum) bad_images 'damaged gzip data: incorrect data check' ;;
    bad_length) bad_images 'damaged gzip data: incorrect length check' ;;
    garbage_after) bad_images 'byte 42: garbage after the gzip data: got 3 bytes more, need none' ;;
    garbage_after_zeros) bad_images 'byte 44: garbage after the gzip data: got 1 bytes more' ;;
    values_short) bad_images 'byte 27: values end: got 11 bytes, need 12' ;;
    values_long | bomb) bad_images 'byte 28: longer than its header says: got more than 12 bytes' ;;
    header_of_terabytes) bad_images 'got at most [0-9]* bytes from 33 of gzip, need 470400000000' ;;
    *) bad_images 'byte [0-9]*: \|a gzip file inside a gzip file' ;;
    esac
done

# ---- model files

for file in "$corpus"/model/* "$corpus"/safetensors/*; do
    cp "$file" bad
    case $(basename "$file") in
    whole | article_scores | names_escaped | target_scale | schema | schema_of_texts)
        weft 0 predict --model bad --images single --device cpu
        ;;
    *)
        refused_file 4 bad '' predict --model bad --images single
        ;;
    esac
done
# refused_model NAME PATTERN: evaluates the file, which must be rejected with PATTERN
refused_model() {
    cp "$corpus/$1" bad
    refused_file 4 bad "$2" evaluate --model bad --data folder
}
refused_model model/newer 'format_version: got 4, need at most 3: written by a newer Weft'
refused_model model/target_scale_of_classes 'target_scale: got "standard", need none, or task regress'
refused_model model/target_scale_untold 'target.mean: has no place in a network of 2 layers'
refused_model model/half_a_target_scale 'target.std: missing'
refused_model model/nan 'layers.0.weight: value 0 is NaN, need finite numbers'
refused_model model/wide_hidden 'layers.0.weight: shape \[1, 2\], need \[2147483647, 2\]'
refused_model model/tensor_too_many 'layers.2.bias: has no place in a network of 2 layers'
refused_model model/cut 'truncated: ends at byte 44 after the header, got 43 bytes'
refused_model safetensors/tensor 'not a model of Weft'
refused_model safetensors/overlap 'b: .*begins at byte 4, within another tensor: need byte 8'
refused_model safetensors/gap 'b: .*begins at byte 12, after a gap: need byte 8'
refused_model safetensors/not_utf8 'not JSON'
refused_model safetensors/length_of_exabytes 'header of 18446744073709551615 bytes, need 2 to'
cp "$corpus/safetensors/tensor" bad
refused_file 4 bad 'layers.0.weight: missing' train --data folder --init-model bad --epochs 1

# a file of 5 GiB that is a hole, with a matching header
{
    bytes 75 0 0 0 0 0 0 0
    printf '{"a":{"dtype":"F32","shape":[1342177280],"data_offsets":[0,5368709120]}}   '
} >bad
truncate -s $((83 + 5368709120)) bad
refused_file 4 bad 'not a model of Weft' evaluate --model bad --data folder
rm bad

# ---- files that cannot be opened

refused_file 5 missing 'No such file' predict --model sound --images missing
refused_file 5 missing 'No such file' predict --model missing --images three
refused_file 5 folder 'got a folder, need a file' predict --model folder --images three
refused_file 5 folder 'got a folder, need a file' predict --model sound --images folder
mkdir incomplete
cp three incomplete/train-images-idx3-ubyte
refused_file 5 incomplete 'train-labels-idx1-ubyte.gz' train --data incomplete
rm -f pipe && mkfifo pipe
refused_file 5 pipe 'need a regular file' predict --model sound --images pipe
weft 5 predict --model pipe --data folder --device cpu
says '^weft: pipe: got a pipe or device, need a regular file$'

# Root may read everything. Therefore the test drops its privileges and uses a copy of the program
# that anybody may run.
cp three secret
cp sound secret_model
chmod 0 secret secret_model
cp "$program" "$work/program"
as_nobody=
if [ "$(id -u)" -eq 0 ]; then
    chmod 755 "$work"
    as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
fi

# nobody ARGUMENT...: runs without privileges and leaves `code`, out and err. In coverage builds it
# removes the messages of gcov about count files that are not writable.
nobody() {
    $as_nobody "$work/program" "$@" >out 2>err
    code=$?
    sed -i '/^profiling:/d' err
}

nobody predict --model sound --images secret --device cpu
outcome 5 $code 'a file that may not be read'
says '^weft: secret: cannot open: Permission denied'
nobody predict --model secret_model --images three --device cpu
outcome 5 $code 'a model that may not be read'
says '^weft: secret_model: cannot open: Permission denied'
mkdir closed
chmod 555 closed
nobody train --data folder --epochs 1 --device cpu -o closed/model
outcome 5 $code 'a folder that may not be written'
says '^weft: closed/model: .*Permission denied'
