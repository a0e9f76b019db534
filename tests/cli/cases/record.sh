# Tests the device record: what it remembers from run to run, and that nothing in its folder stops a
# run.

kept_caches=$XDG_CACHE_HOME
kept_home=$HOME
use='--data folder --epochs 2 --device cpu'

# works WHAT: trains as with an empty record, and runs a check that passes
works() {
    weft 0 train $use
    says '^note: not checked yet: weft check --device cpu$'
    check "$1: a training says more of the record" test "$(grep -c cache err)" -eq 0
    weft 0 check --device cpu --preset xor
}

# a check is remembered
export XDG_CACHE_HOME="$work/caches"
works 'no folder'
weft 0 devices
prints '^  cpu .* 20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]  '
weft 0 train $use
says '^note: checked on 20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]$'
weft 0 train $use -q
check 'a note in spite of -q' test "$(grep -c checked err)" -eq 0
weft 0 devices --json
prints '"cpu":{.*"checked":"20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]"'
check 'not one file' test "$(ls "$XDG_CACHE_HOME/weft" | wc -l)" -eq 1

# A file that is not a record is ignored and replaced.
for damage in 'truncate -s 0' 'truncate -s 100' 'truncate -s 1G' 'cp folder/train-images-idx3-ubyte'; do
    $damage "$XDG_CACHE_HOME"/weft/*.json
    works "$damage"
    weft 0 train $use
    says '^note: checked on '
done

# A record that cannot be read or written causes a line with -v, and none otherwise.
record=$(ls "$XDG_CACHE_HOME"/weft/*.json)
rm "$record"
mkdir "$record"
works 'a folder in its place'
weft 0 check --device cpu --preset xor -v
says '^log: .*got a folder, need a file'
rmdir "$record"
mkfifo "$record"
works 'a pipe in its place'
rm "$record"

# If a link replaces the record, its target does not change.
for victim in good-model unborn; do
    [ $victim = unborn ] || printf 'mine\n' >$victim
    ln -s "$work/$victim" "$record"
    works "a link to $victim"
    weft 0 check --device cpu --preset xor -v
    says '^log: .*got a symbolic link, need a file'
    check 'the link is gone' test -L "$record"
    rm "$record"
done
check 'written through a link' test "$(cat good-model)" = mine
check 'made through a link' test ! -e unborn
chmod 0777 "$XDG_CACHE_HOME/weft"
works 'a folder that others may write to'
weft 0 check --device cpu --preset xor -v
says '^log: .*: other users may write to this folder'
rm -r "$XDG_CACHE_HOME"
: >caches
works 'a file for the folder'
weft 0 check --device cpu --preset xor -v
says '^log: .*got a file, need a folder'

# folders that do not exist, cannot be created, or are not named
unset HOME
for folder in /proc/none "$work/no/such" relative ''; do
    XDG_CACHE_HOME=$folder
    works "XDG_CACHE_HOME=$folder"
done
check 'a relative folder was taken' test ! -e relative
unset XDG_CACHE_HOME
works 'neither XDG_CACHE_HOME nor HOME'
export HOME=/nonexistent/home
works 'a home that is not there'
check 'a home was made' test ! -e /nonexistent
mkdir other-home
HOME=$work/other-home
works 'a home'
weft 0 train $use
says '^note: checked on '
check 'not in ~/.cache/weft' test -d other-home/.cache/weft

HOME=$kept_home
export XDG_CACHE_HOME="$kept_caches"
