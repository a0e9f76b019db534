# The data of the cases: three classes of 2 x 2 images that anyone can tell apart. Pixel c of class c
# is bright (200 or more), the others are dark (50 or less), sample i is of class i mod 3.

# images COUNT: an IDX file on stdout
images() {
    bytes 0 0 8 3 0 0 0 "$1" 0 0 0 2 0 0 0 2
    i=0
    while [ $i -lt "$1" ]; do
        dark=$((i * 7 % 50))
        light=$((200 + i * 5 % 50))
        case $((i % 3)) in
        0) bytes $light $dark 20 10 ;;
        1) bytes $dark $light 5 30 ;;
        2) bytes 10 $dark $light 40 ;;
        esac
        i=$((i + 1))
    done
}

# labels COUNT: theirs
labels() {
    bytes 0 0 8 1 0 0 0 "$1"
    i=0
    while [ $i -lt "$1" ]; do
        bytes $((i % 3))
        i=$((i + 1))
    done
}

# rows_of_nine COUNT: a table of two classes on stdout, which its first column tells apart
rows_of_nine() {
    awk -v rows="$1" 'BEGIN { OFS = ","
        print "a,b,c,d,e,f,g,h,class"
        for (i = 0; i < rows; i++)
            print i % 7, i % 11, i % 13 / 4, i % 5, i % 17, i % 3, i % 19, i % 23, (i % 7 > 3 ? "no" : "yes") }'
}

mkdir folder
images 60 >folder/train-images-idx3-ubyte
labels 60 >folder/train-labels-idx1-ubyte
images 30 >folder/t10k-images-idx3-ubyte
labels 30 >folder/t10k-labels-idx1-ubyte
pair='--images folder/train-images-idx3-ubyte --labels folder/train-labels-idx1-ubyte'

# 50000 black images: more lines of predictions than a pipe holds
{
    bytes 0 0 8 3 0 0 195 80 0 0 0 2 0 0 0 2
    head -c 200000 /dev/zero
} >many
