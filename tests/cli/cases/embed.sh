# Tests maps of samples: results, files, layers, and what is refused.

# A table of sixty samples in three clusters.
awk 'BEGIN {
    print "a,b,c,kind"
    for (i = 0; i < 60; i++)
        printf "%d.%d,%d.%d,%d.%d,%s\n", i % 3 == 0 ? 9 : 1, i * 37 % 100, i % 3 == 1 ? 9 : 1,
            i * 53 % 100, i % 3 == 2 ? 9 : 1, i * 71 % 100,
            i % 3 == 0 ? "red" : i % 3 == 1 ? "\"gre,en\"" : "blue"
}' >kinds.csv
use='--data kinds.csv --target kind --device cpu'

weft 0 embed $use -o map.csv --json
shape '{"command":"=embed","method":"=tsne","device":"string","samples":"number",
    "features":"number","layer":"number?","seed":"number","seconds":"number",
    "embed_seconds":"number","memory_bytes":"number","stopped":"boolean","output":"string",
    "divergence":"number","perplexity":"number","neighbors":"number","iterations":"number",
    "learning_rate":"number"}'
prints '"samples":60,"features":3,'
prints '"iterations":1000'
says '^embedding 60 samples of 3 features with at most [0-9.]* KiB of memory$'
check 'lines of the map' test "$(wc -l <map.csv)" -eq 61
check 'header of the map' test "$(head -n 1 map.csv)" = 'x,y,label,index'
check 'a label with a comma' grep -q '^[-0-9.e]*,[-0-9.e]*,"gre,en",1$' map.csv
check 'labels of the map' test "$(grep -c '"red"' map.csv)" -eq 20
weft 0 embed $use -o again.csv -q
check 'the same seed, other bytes' cmp -s map.csv again.csv
check 'quiet, but not silent' test "$(grep -c embedding err)" -eq 0
weft 0 embed $use --seed 2 -o again.csv
check 'another seed, the same bytes' test "$(cmp -s map.csv again.csv && echo same)" = ''

weft 0 embed $use --method pca --scale standard -o pca.csv --json
prints '"method":"pca","device":null'
prints '"variance":\[0\.[0-9]*,0\.[0-9]*\]'
weft 0 embed $use --method pca -o default.csv
check 'a table is not standardized' cmp -s default.csv pca.csv
weft 0 embed $use --method pca --scale none -o raw.csv
check 'the scale changes nothing' test "$(cmp -s raw.csv pca.csv && echo same)" = ''
weft 0 embed $use --samples 30 -o few.csv
check 'chosen samples' test "$(grep -c '"red"\|"blue"' few.csv)" -eq 20

# A layer of a model. The last hidden one is the default.
weft 0 train $use --hidden 7,4 --epochs 2 -q -o model
weft 0 embed $use --model model -o layer.csv --json
prints '"features":4,"layer":2'
weft 0 embed $use --model model --layer 1 --method pca -o layer.csv --json
prints '"features":7,"layer":1'

# Refused before anything is written
printf 'precious' >kept.csv
refused_embed() {
    expected=$1
    shift
    weft 2 embed "$@" -o kept.csv
    says "$expected"
    check 'an old map is touched' test "$(cat kept.csv)" = 'precious'
}
refused_embed '^weft: --perplexity 20: needs 3 x 20 neighbors of each sample, and there are 60' \
    $use --perplexity 20
refused_embed '^weft: --perplexity "0.5": need a number from 1 to ' $use --perplexity 0.5
refused_embed '^weft: --method umap: unknown value; need tsne or pca$' $use --method umap
refused_embed '^weft: --scale big: unknown value; need none, standard or global$' $use --scale big
refused_embed '^weft: --layer: needs --model$' $use --layer 1
refused_embed '^weft: --layer 4: the model has the layers 1 to 3$' $use --model model --layer 4
refused_embed '^weft: --perplexity: only t-SNE uses it$' $use --method pca --perplexity 5
refused_embed '^weft: --samples 61: .* has 60 samples$' $use --samples 61
refused_embed '^weft: --samples 4000000000: .* has 60 samples$' $use --samples 4000000000
refused_embed '^weft: --iterations 0: the number must be between 1 and ' $use --iterations 0
refused_embed '^weft: --data: missing' --device cpu
weft 2 embed $use
says '^weft: --output: missing'
weft 2 embed $use -o kinds.csv
says 'this run reads this file'
weft 5 embed $use -o nowhere/map.csv
weft 5 embed $use -q -o /dev/full
weft 2 embed $use -o map.svg
says "^weft: map.svg: a map is a table, and 'weft plot embedding' draws it; need .* in .csv$"
check 'a map with a wrong name' test ! -e map.svg

# What is no data, other data than the model's, and numbers that float32 cannot hold
: >empty
weft 3 embed --data empty -o new.csv --device cpu
says '^weft: empty: '
weft 3 embed --data model -o new.csv --device cpu
says '^weft: model: this looks like a file that weft train has written, not data; '
head -c 100 model >cut_model
weft 4 embed $use --model cut_model -o new.csv
says '^weft: cut_model: '
weft 4 embed $use --model kinds.csv -o new.csv
says '^weft: kinds.csv: '
weft 3 embed --model model --data folder -o new.csv --device cpu
says '^weft: folder: features of a sample: got 4, the model needs 3$'
printf 'a,b,c,kind\n1,2,3,x\n2,1,3,y\n5,4,1e308,x\n' >huge.csv
weft 3 embed --data huge.csv --target kind --method pca -o new.csv --device cpu
says '^weft: huge.csv:[2-4]: column "c": got .*, need a number in the range of float32$'
mkdir taken.csv
weft 5 embed $use -o taken.csv
says '^weft: taken.csv: got a folder, need a file$'
check 'a map of bad input' test ! -e new.csv

# The same files in inspect
weft 3 inspect empty
says '^weft: empty: '
weft 4 inspect cut_model
says '^weft: cut_model: '
printf '\177ELF\2\1\1\n\0\0' >binary
weft 3 inspect binary
says '^weft: binary'
mkdir nothing
weft 5 inspect nothing
says '^weft: nothing: \|^weft: nothing/'
weft 0 inspect huge.csv
prints '^training would fail: huge.csv:4: column "c": got 1e+308, need '
# The memory counts the data: 400 images of 784 pixels are held, although two become the map. The
# axes of PCA take 250 numbers of 8 bytes for each pixel.
weft 0 embed --data "$here/../../data/fashion-sample" --samples 2 --method pca --json -o memory.csv
bytes=$(sed 's/.*"memory_bytes":\([0-9]*\).*/\1/' out)
check "memory with the data: $bytes" test "$bytes" -ge $((400 * 784 * 4 + 250 * 784 * 8))
