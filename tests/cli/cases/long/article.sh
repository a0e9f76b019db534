# The commands of docs/article.md run, print what the page shows and draw its figures, and their
# numbers are those of the article's algorithm.
#
# The ranges come from independent programs (NumPy in float64, C in float32) and five seeds: with
# standardized pixels 86.5 to 89 % of the held-out images are right, with raw pixels fewer than
# 75 %, and XOR's outputs are within 1e-3 of 0, 1, 1, 0.
#
# Some commands do less here than on the page. 300 epochs become 100, after which the standardized
# curve is flat. Accuracies jump from epoch to epoch, so the ranges are for the mean of the last 20.
# The map has fewer images and iterations.

docs=$(realpath "$here/../../docs")

as_shown() {
    case "$*" in
    'train --preset article '*) set -- "$@" --epochs 100 ;;
    'embed '*) set -- "$@" --samples 500 --iterations 250 ;;
    esac
    "$program" "$@"
}

# within VALUE LOW HIGH: LOW and HIGH may be sums
within() {
    awk "BEGIN { exit !($2 < $1 && $1 < $3) }" </dev/null
}

mkdir article
run_page article.md article
check 'the page has fifteen commands' test "$commands" -eq 15

# ---- numbers

# last LOG KEY: the numbers of the last 20 epochs
last() {
    tail -n 20 "$1" | sed "s/.*\"$2\":\([0-9.e-]*\).*/\1/"
}

# accuracy LOG: the mean on the held-out images, and the mean change from epoch to epoch
accuracy() {
    last "$1" validation_accuracy | awk '
        { sum += $1 }
        NR > 1 { change += $1 > before ? $1 - before : before - $1 }
        { before = $1 }
        END { print sum / NR, change / (NR - 1) }'
}

accuracy article/raw.jsonl >raw
accuracy article/standardized.jsonl >standardized
read -r raw raw_change <raw
read -r standardized standardized_change <standardized
check "raw pixels: $raw" within "$raw" 0.1 0.75
check "standardized pixels: $standardized" within "$standardized" 0.865 0.89
check "jags: $raw_change, smooth: $standardized_change" \
    within "3*$standardized_change" 0 "$raw_change"
check 'the raw error ends higher' within "$(last article/standardized.jsonl error | tail -n 1)" 0 \
    "$(last article/raw.jsonl error | tail -n 1)"

# The page shows the same trainings, in percent, first with raw pixels.
awk '/^validation / { print $3 }' "$docs/article.md" >accuracies
check 'the page shows two accuracies' test "$(wc -l <accuracies)" -eq 2
check 'the page: raw pixels' within "$(sed -n 1p accuracies)" 10 75
check 'the page: standardized pixels' within "$(sed -n 2p accuracies)" 86.5 89

# Predictions are clipped to 0..1, so the error, half the sum of squares, guards the other side.
error=$(last article/xor.jsonl error | tail -n 1)
check "XOR: error $error" within "$error" -1 1e-7
weft 0 predict --model article/xor.safetensors --data xor --proba --device cpu -q
cut -d, -f 5 out | tail -n 4 >outputs
for target in 0 1 1 0; do
    read -r output
    check "XOR: $output, not $target" within "$output" "$target-0.001" "$target+0.001"
done <outputs

# ---- figures

# figure NAME: is a whole picture
figure() {
    grep -q '^<svg .*role="img"' "$1" && [ "$(tail -n 1 "$1")" = '</svg>' ] &&
        [ "$(grep -o '<g[ >]' "$1" | wc -l)" -eq "$(grep -o '</g>' "$1" | wc -l)" ]
}

title() {
    sed -n 's/.*<title>\(.*\)<\/title>.*/\1/p' "$1" | head -n 1 | plain
}

grep -o '](article/[^)]*)' "$docs/article.md" | sed 's/](\(.*\))/\1/' >figures
while read -r name; do
    check "$name: is drawn" figure "$name"
    check "$name: is in docs" figure "$docs/$name"
    check "$name: docs has the same title" test "$(title "$name")" = "$(title "$docs/$name")"
done <figures
check 'the page has ten figures' test "$(wc -l <figures)" -eq 10
check 'every figure is on the page' test "$(ls "$docs/article" | wc -l)" -eq 10
check 'the figures are small' test "$(cat "$docs"/article/* | wc -c)" -lt 2097152
