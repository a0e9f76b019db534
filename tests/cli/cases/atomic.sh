# Tests that a file under its final name is always the complete old one or the complete new one.
# strace makes each call that touches the files of a training fail, or kills the program there.
#
# A run without faults shows the numbers of the calls on these files. Then each of them fails in a run
# of its own. The temporary file has no name until it is complete; strace shows it as "#NUMBER".

training='train --data folder --hidden 4 --device cpu -q'
weft 0 $training --epochs 1 -o old
weft 0 $training --epochs 3 -o new
check 'one training, two models' test "$(cmp -s old new && echo same)" = ''

# under_strace EXPRESSION...: trains into an empty target/ and writes the calls to `trace`. It uses
# one thread, because threads would make calls of their own. LeakSanitizer is off, because it cannot
# work under strace.
under_strace() {
    rm -rf target
    mkdir target
    [ -z "$before" ] || cp "$before" target/model
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=0 \
        strace -y -o trace "$@" "$program" $training --epochs 3 -o target/model --log target/log \
        >out 2>err </dev/null
}

# numbers CALL PATH: prints which calls of this name, counted from 1, concern a matching path
numbers() {
    awk -v name="$1" -v path="$2" 'index($0, name "(") == 1 { n++; if ($0 ~ path) print n }' all
}

holds() { # FILE...: target/model equals one of these; without FILE: it does not exist
    if [ $# -eq 0 ]; then
        [ ! -e target/model ]
        return
    fi
    for file in "$@"; do ! cmp -s "$file" target/model || return 0; done
    return 1
}

# fails CALL NUMBER ERROR CODE FILE...: makes this call fail. The program must end with CODE, with
# one line about the file unless CODE is 0. The model must be one of FILE..., and no other file may
# be left in the folder.
fails() {
    call=$1 number=$2 error=$3 code=$4
    shift 4
    under_strace -e trace="$call" -e inject="$call:error=$error:when=$number"
    outcome "$code" $? "$call $number: $error"
    check "$call $number: no fault in it" grep -q INJECTED trace
    check "$call $number: $error: the model is neither" holds "$@"
    check "$call $number: $error: something is left" \
        test "$(find target -mindepth 1 ! -name model ! -name log | wc -l)" -eq 0
    [ "$code" -eq 0 ] || says '^weft: target/'
    faults=$((faults + 1))
}

holds_either() {
    holds $before || holds new
}

# dies CALL NUMBER: kills the program in this call; it must leave the old model or the new one
dies() {
    under_strace -e trace="$1" -e inject="$1:signal=KILL:when=$2"
    check "$1 $2: not killed" test $? -eq 137
    check "$1 $2: killed: the model is neither" holds_either
    case $1 in write | fsync) # before the temporary file has a name
        check "$1 $2: killed: something is left" test -z "$(find target -name '.weft-*')" ;;
    esac
    faults=$((faults + 1))
}

faults=0
temporary='/target/(\\.weft-|#)'
for before in '' old; do
    under_strace -e trace='openat,write,fsync,close,linkat,?rename,?renameat,?renameat2'
    outcome 0 $? 'a training under strace'
    check 'a training under strace: another model' holds new
    cp trace all
    rename=$(sed -n 's/^\(rename[a-z0-9]*\)(.*target\/model.*/\1/p' all)
    check 'not renamed once' test "$(echo "$rename" | wc -w)" -eq 1

    # the new model, in a file of its own
    check 'no temporary file is written' test -n "$(numbers write "$temporary")"
    for n in $(numbers write "$temporary"); do
        for error in ENOSPC EDQUOT EIO; do fails write $n $error 5 $before; done
        fails write $n EINTR 0 new
    done
    for n in $(numbers fsync "$temporary"); do
        fails fsync $n EIO 5 $before
        fails fsync $n EINTR 0 new
        fails fsync $n EINVAL 0 new # a file system without fsync
    done
    for n in $(numbers openat O_TMPFILE); do
        fails openat $n EOPNOTSUPP 0 new # a file system that has only files with names
    done
    for n in $(numbers linkat '\.weft-'); do
        for error in ENOSPC EACCES EIO; do fails linkat $n $error 5 $before; done
        fails linkat $n EEXIST 0 new
    done
    for n in $(numbers $rename target/model); do
        for error in ENOSPC EACCES EIO; do fails $rename $n $error 5 $before; done
    done
    # The first close is skipped. Its file is empty, because it only tests whether the file can be
    # created.
    for n in $(numbers close "$temporary" | tail -n +2); do
        fails close $n EIO 5 $before
        fails close $n EINTR 0 new
    done
    # Its folder: the new model is there, but a power failure may undo the rename.
    for n in $(numbers fsync '/target>'); do fails fsync $n EIO 5 new; done

    # the log: everything that can still be done must be done
    for n in $(numbers write '/target/log'); do fails write $n ENOSPC 5 new; done
    for n in $(numbers close '/target/log'); do fails close $n EIO 5 new; done

    for call in write fsync linkat $rename close; do
        numbers=$(numbers $call 'target[/>]')
        check "no $call" test -n "$numbers"
        for n in $numbers; do dies $call $n; done
    done
done
check "only $faults faults" test "$faults" -ge 50
