#!/bin/sh
# Trains on a file that is twice as large as the memory of a control group: larger_than_memory.sh WEFT
#
# With --shuffle-blocks, another epoch reads the file at most 1.1 times. Skipped without the right to
# make control groups, and where the temporary folder is in memory.
set -u
weft=$(realpath "$1") || exit 1
work=$(mktemp -d) || exit 1
case $(stat -f -c %T "$work") in
tmpfs | ramfs)
    rmdir "$work"
    exit 77
    ;;
esac
if [ -d /sys/fs/cgroup/memory ]; then
    group=/sys/fs/cgroup/memory/weft$$
    limit=$group/memory.limit_in_bytes
else
    group=/sys/fs/cgroup/weft$$
    limit=$group/memory.max
fi
trap 'rm -rf "$work"; rmdir "$group" 2>/dev/null' EXIT
cd "$work" || exit 1
mkdir "$group" 2>/dev/null && [ -w "$limit" ] || exit 77
echo 201326592 >"$limit" || exit 77 # 192 MiB

# npy TYPE SHAPE: the header of a file
npy()
{
    printf '\223NUMPY\001\000\166\000%-117s\n' "{'descr': '$1', 'fortran_order': False, 'shape': ($2), }"
}
# Digits of text are small float32 numbers. 1.5 million samples of 64 numbers are 384 MB.
{
    npy '<f4' '1500000, 64'
    seq 1000000 99999999 | head -c 384000000
} >x.npy
{
    npy '|i1' '1500000,'
    yes 012 | tr -d '\n' | tr 012 '\000\001\002' | head -c 1500000
} >y.npy
sync x.npy

# bytes_read EPOCHS OPTION...: what a run in the control group reads from the disk
bytes_read()
{
    epochs=$1
    shift
    dd if=x.npy iflag=nocache count=0 2>/dev/null # drops the pages of the file
    sh -c '
        echo $$ >"$1/cgroup.procs" || exit 1
        shift
        "$@" >&2 || exit
        sed -n "s/^read_bytes: //p" /proc/$$/io' sh "$group" "$weft" train --images x.npy \
        --labels y.npy --memory 100MiB --epochs "$epochs" --hidden 8 --batch-size 4096 \
        --device cpu -q "$@" 2>err
}
one=$(bytes_read 1 --shuffle-blocks) || { cat err && exit 1; }
two=$(bytes_read 2 --shuffle-blocks) || { cat err && exit 1; }
printf 'another epoch reads %s of 384000000 bytes\n' "$((two - one))"
[ "$one" -ge 384000000 ] || { echo "FAILED: the first epoch reads only $one bytes" && exit 1; }
[ "$((two - one))" -le 422400000 ] || { echo "FAILED: more than 1.1 times" && exit 1; }
