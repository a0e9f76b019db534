# Tests data of every format from file to prediction: files of tests/formats, which other programs
# wrote, and folders of images and IDX files as people have them. Bombs and foreign files are refused
# in one line.

formats=$here/../formats
short='--device cpu --epochs 2 -q'

# trains DATA PATTERN: a training on DATA that prints PATTERN
trains() {
    weft 0 train --data "$1" $short -o model
    prints "$2"
}

# refuses FILE PATTERN: FILE is refused with one line about it that contains PATTERN
refuses() {
    weft 3 train --data "$1" $short
    silent_but_one_line
    says "$2"
}

# ---- arrays

trains "$formats/pair.npz" '^train  *4 '
says 'pair.npz: y: 5 of 8 classes have no sample and are left out; the classes are 1 to 7$' # labels 1, 3 and 7
weft 0 evaluate --model model --data "$formats/pair.npz" --device cpu
prints ' .* 1  7$'
weft 0 predict --model model --data "$formats/pair.npz" --device cpu
check 'labels are those of the data' test "$(tail -n +2 out | grep -vc '^[0-3],\([137]\),\1,')" -eq 0
weft 0 predict --model model --data "$formats/pair.npz" --device cpu --json
check 'labels are those of the data' test "$(grep -vc '"label":\([137]\),"name":"\1"' out)" -eq 0
trains "$formats/keras.npz" '^test  *2 '
weft 0 predict --model model --data "$formats/keras.npz" --device cpu
prints '^index,label,name,probability'
gzip -c "$formats/version1.npy" >packed.npy
weft 0 predict --model model --data packed.npy --device cpu
check 'four predictions' test "$(wc -l <out)" -eq 5
refuses "$formats/version1.npy" 'labels: got none'
refuses "$formats/complex.npy" 'type "<c16": got complex numbers'
refuses "$formats/object.npy" 'got Python objects'

# ---- LIBSVM

trains "$formats/one_based.svm" '^train  *4 '
printf '1 1:1\n1 2:x\n' >bad.svm
refuses bad.svm '^weft: bad.svm:2: value of index 2: got "x", need a number'

# ---- images

mkdir -p animals/train/cat animals/train/dog animals/test/dog
cp "$formats/rgb.png" "$formats/rgba.png" animals/train/cat
cp "$formats/interlaced.png" "$formats/cmyk.jpg" animals/train/dog
cp "$formats/palette.png" animals/test/dog
trains animals '^test  *1 '
weft 0 evaluate --model model --data animals --device cpu
prints ' 1 .* 1  dog$'
weft 0 predict --model model --data animals --device cpu
prints '^file,label,name,probability$'
prints '^dog/palette.png,[01],'
weft 0 predict --model model --data animals --part train --device cpu --json
prints '^{"index":0,"file":"cat/rgb.png","label":'
mkdir new
cp "$formats/rgb.png" 'new/my photo, 1.png'
cp "$formats/cmyk.jpg" new/2.jpg
weft 0 predict --model model --data new --proba --device cpu
prints '^file,label,name,cat,dog$'
prints '^2.jpg,[01],'
prints '^"my photo, 1.png",[01],'
weft 3 train --data new $short
says '^weft: new: labels: got none, need a folder of images for each class$'
weft 3 train --data new --test animals/train $short
says '^weft: new: labels: got none, need a folder of images for each class$'
weft 3 evaluate --model model --data new --device cpu
says '^weft: new: labels: got none, need a folder of images for each class$'
weft 3 train --data "$formats/version1.npy" --test "$formats/pair.npz" $short
says 'version1.npy: labels: got none, training needs them$'
mkdir new/notes
echo text >new/notes/readme.txt
mkfifo new/pipe
weft 0 predict --model model --data new --device cpu
says '^note: new: 1 of 3 files are not images and are ignored, such as new/pipe$'
check 'the images above a folder of notes' test "$(cut -d, -f1 out | tr '\n' ' ')" = 'file 2.jpg "my photo '
mkdir new/test
cp "$formats/cmyk.jpg" new/test/9.jpg
rm new/pipe
weft 0 predict --model model --data new --device cpu
says '^note: new: 2 images beside the folders of the classes are ignored, such as new/2.jpg$'
prints '^test/9.jpg,'
rm -r new/test new/notes
weft 0 pack --data animals --id file -o named.pack
weft 0 pack --data animals -o animals.pack
for data in animals animals.pack named.pack; do
    for options in '--keep file' '--id file' '--id file --keep file'; do
        # shellcheck disable=SC2086
        weft 0 predict --model model --data $data --part train $options --device cpu
        check "$data $options: the names, once" test "$(sed 's/,.*//' out | tr '\n' ' ')" = \
            'file cat/rgb.png cat/rgba.png dog/cmyk.jpg dog/interlaced.png '
        prints '^file,label,name,probability$'
    done
    weft 2 predict --model model --data $data --keep size --device cpu
    says "^weft: --keep size: $data has the texts of file"
    weft 0 evaluate --model model --data $data --part train --by file --device cpu
    prints ' 1 .* cat/rgb.png$'
done
weft 2 train --data animals --target file $short
says '^weft: --target file: needs a table; animals has no columns$'
weft 2 predict --model model --data "$formats/pair.npz" --keep file --device cpu
says '^weft: --keep file: needs a table; .*pair.npz has no columns$'
weft 0 predict --model model --data animals.pack --device cpu
prints '^cat/rgb.png,[01],'
for output in -o --log; do
    weft 2 train --data animals $short $output animals/test/dog/palette.png
    says 'this run reads this file (--data animals)'
done
check 'an image that is an input is touched' cmp "$formats/palette.png" animals/test/dog/palette.png
head -c 150 "$formats/rgb.png" >animals/train/cat/cut.png
refuses animals '^weft: animals/train/cat/cut.png: byte .*: damaged PNG image: the file is cut'
cp "$formats/image.gif" animals/train/cat/cut.png
refuses animals 'cut.png: this looks like a GIF image, which Weft does not read; convert it: '
cp "$formats/subsampled_cmyk.jpg" animals/train/cat/cut.png
refuses animals 'cut.png: TurboJPEG does not read the color subsampling of this JPEG image; convert it to PNG$'
rm -r animals/train/cat/cut.png
mkdir empty
weft 5 train --data empty $short
says '^weft: empty: neither train-images-idx3-ubyte nor .* or a folder of images for each class$'

# ---- IDX files as they are unpacked

mkdir kaggle letters
for file in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
    mkdir "kaggle/$file-ubyte"
    cp "folder/$file-ubyte" "kaggle/$file-ubyte"
    name=$(echo "$file" | sed 's/t10k/test/; s/-idx/.idx/')
    gzip -c "folder/$file-ubyte" >"letters/emnist-letters-$name-ubyte.gz"
done
trains kaggle '^test  *30 '
trains letters '^test  *30 '

# ---- standard input, which can be opened only once

images=folder/train-images-idx3-ubyte labels=folder/train-labels-idx1-ubyte
weft 0 train --images $images --labels $labels $short
grep '^train ' out >scores

# piped FILE OPTIONS: a training run that reads FILE from standard input gives the same scores
piped() {
    input=$1
    shift
    "$program" train "$@" $short <"$input" >out 2>err
    outcome 0 $? "train $* <$input"
    grep '^train ' out >piped_scores
    check "train $* <$input: other scores" cmp scores piped_scores
}
piped $images --images - --labels $labels
piped $labels --images $images --labels -
gzip -c $images >images.gz
piped images.gz --images - --labels $labels
"$program" inspect - <$images >out 2>err
outcome 0 $? 'inspect an IDX file from standard input'
prints '^standard input: .* samples, 4 features (images of 2 x 2 x 1)'

# ---- bombs: headers that claim far more than their files hold

mkdir -p bomb/class
bytes 137 80 78 71 13 10 26 10 0 0 0 13 73 72 68 82 0 0 78 32 0 0 78 32 8 0 0 0 0 198 27 25 229 \
    0 0 0 80 73 68 65 84 >bomb/class/1.png
head -c 100 /dev/zero >>bomb/class/1.png
refuses bomb 'bomb/class/1.png: image of 20000x20000: '
cp "$formats/rgb_jpeg.jpg" bomb/class/1.png
bytes 234 96 234 96 | dd of=bomb/class/1.png bs=1 seek=163 conv=notrunc 2>dd
refuses bomb 'bomb/class/1.png: image of 60000x60000: '
cp "$formats/keras.npz" bomb.npz
bytes 255 255 255 15 | dd of=bomb.npz bs=1 seek=600 conv=notrunc 2>dd
refuses bomb.npz 'bomb.npz: x_train: .* which claims 268435455'
cp "$formats/pair.npz" bomb.npz
bytes 255 255 255 15 255 255 255 15 | dd of=bomb.npz bs=1 seek=442 conv=notrunc 2>dd
refuses bomb.npz 'bomb.npz: damaged ZIP archive: a member is longer than the file'
cp "$formats/pair.npz" bomb.npz
bytes 255 255 255 15 | dd of=bomb.npz bs=1 seek=464 conv=notrunc 2>dd
refuses bomb.npz 'bomb.npz: damaged ZIP archive: a member cannot be opened'
head -c 80000000 /dev/zero | tr '\0' x | gzip -1 >bomb.gz
refuses bomb.gz 'bomb.gz:1: here or below, a row is longer than 67108864 bytes'
head -c 2000000 /dev/zero | tr '\0' , | gzip -1 >bomb.gz
refuses bomb.gz 'bomb.gz: columns: got 2000001, need at most 1048576'
{
    printf '\223NUMPY\1\0'
    bytes 73 0
    printf "{'descr': '|u1', 'fortran_order': False, 'shape': (9000000, 9000000), } \n"
} | gzip -c >bomb.gz
refuses bomb.gz 'bomb.gz: byte 83: values: got at most [0-9]* bytes, need 81000000000000 '

# ---- what is no data

printf '<!DOCTYPE html><html>404</html>' >page.csv
refuses page.csv '^weft: page.csv: this looks like an HTML or XML page'
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' >lfs.csv
refuses lfs.csv 'a Git LFS pointer.*convert it: git lfs pull --include "lfs.csv"'
printf 'PK\3\4\24\0\0\0\10\0AAAABBBBCCCCDDDD\23\0\0\0[Content_Types].xml' >book.csv
refuses book.csv 'an Excel file (xlsx).*pd.read_excel("book.csv").to_csv("book.csv.csv", index=False)'
printf '\320\317\21\340\241\261\32\341\0\0' >book.xls
refuses book.xls 'an Excel file (xls)'
printf 'PAR1\25\4\0\0' >x.parquet
refuses x.parquet 'a Parquet file.*pd.read_parquet("x.parquet").to_csv("x.parquet.csv", index=False)'
