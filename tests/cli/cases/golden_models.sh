# Tests models that an earlier Weft wrote. The program must make the same predictions with them
# (golden/models).
golden=$here/../golden/models

# same_as CSV: checks that the last columns of `out` equal those of the file. The last column of the
# file is the bound.
same_as() {
    sed 1d out | paste -d, "$1" - | awk -F, -v fields="$(awk -F, 'NR == 1 { print NF }' "$1")" '
        { for (c = 1; c < fields; c++) {
              difference = $(NF - fields + 1 + c) - $c
              if (difference < 0) difference = -difference
              if (!(difference <= $fields)) wrong++
              compared++ } }
        END { exit wrong > 0 || compared < 20 * (fields - 1) }'
}

for name in softmax article xor ensemble multilabel regress; do
    images=$golden/features.idx
    proba=--proba
    case $name in
    ensemble) images=$golden/fashion-mnist/t10k-images-idx3-ubyte ;;
    regress) proba= ;;
    esac
    for device in cpu opencl; do
        # shellcheck disable=SC2086 # $proba may be nothing
        weft 0 predict --model "$golden/$name.safetensors" --images "$images" --device $device $proba
        check "$name on $device predicts something else" same_as "$golden/$name.csv"
    done
done

weft 0 evaluate --model "$golden/names.safetensors" --data "$golden/fashion-mnist" --device cpu
prints 'Ankle boot'
