# Every file call fails in turn while checkpoints are written, and while one is read and resumed. Each
# run ends with a documented exit code, and the last checkpoint still leads to the same bytes.
#
# WEFT_FAULT_STEP=N makes each N-th of these calls fail (default: each one). strace counts the calls
# of a name, of which those on files of the training and of its data are taken.

step=${WEFT_FAULT_STEP:-1}
training='train --data folder --hidden 16,8 --dropout 0.2 --ema 0.9 --holdout 0.2 --batch-size 16 --seed 5 --epochs 4 --learning-rate 0.05
    --device cpu -q -o target/model --log target/log --checkpoint target/run.ck'

# plain LOG: the log without what may differ
plain() {
    sed 's/,"seconds":[^,}]*//' "$1"
}

# under_strace OPTION... -- ARGUMENT...: a run with one thread, since others make calls of their own,
# and without LeakSanitizer, which cannot work under strace
under_strace() {
    options=
    while [ "$1" != -- ]; do
        options="$options $1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # each option is a word
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=0 timeout -s KILL 60 \
        strace -y -o trace $options "$program" "$@" >out 2>err </dev/null
}

# numbers CALL: which calls of this name, from 1, concern the training or its data
numbers() {
    awk -v name="$1" 'index($0, name "(") == 1 { n++; if ($0 ~ /[ /"<](target|folder)[\/>"]/) print n }' all
}

# prepare: an empty folder, or the one of the interrupted training
prepare() {
    rm -rf target
    if [ "$1" = resume ]; then cp -r interrupted target; else mkdir target; fi
}

# same WHAT: the training has ended as the one without faults. A log that has lost a line stays
# without it.
same() {
    check "$1: the model differs" cmp -s target/model whole
    ! grep -q 'target/log.*INJECTED' trace || return 0
    plain target/log >plain_log
    check "$1: the log differs" cmp -s plain_log whole_log
}

# whole_still WHAT: the checkpoint that is there resumes to the same bytes
whole_still() {
    [ -e target/run.ck ] || [ "$part" = write ] || check "$1: the checkpoint is gone" false
    [ -e target/run.ck ] || return 0
    weft 0 train --resume target/run.ck
    same "$1, resumed"
    resumed=$((resumed + 1))
}

# ended_well WHAT CODE: 0 with the right result, or a documented code with one line. What cannot be
# looked at (stat) may not be what the options need, and a lock that cannot be had may be another's.
ended_well() {
    case $2 in
    0) check "$1: the model differs" cmp -s target/model whole ;;
    5) outcome 5 5 "$1" ;;
    2) check "$1: exit code 2" test "$call" = newfstatat ;;
    *) check "$1: exit code $2" false ;;
    esac
    [ "$call" = unlink ] || [ "$call" = flock ] || check "$1: something is left" \
        test "$(find target -name '.weft-*' -o -name '*.lock' | wc -l)" -eq 0
}

# sweep PART ARGUMENT...: each call of this run fails in a run of its own
sweep() {
    part=$1 faults=0 resumed=0 at=0
    shift
    prepare "$part"
    under_strace -- "$@"
    outcome 0 $? "$part"
    cp trace all
    check "$part: a checkpoint before its log" awk '
        /^write\(.*target\/log/ { unsafe = 1 }
        /^fsync\(.*target\/log/ { unsafe = 0; synced++ }
        /^rename.*target\/run\.ck/ && unsafe { bad = 1 }
        END { exit bad || synced == 0 }' all
    for call in $(sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' all | grep -v exec | sort -u); do
        for n in $(numbers "$call"); do
            at=$((at + 1))
            [ $((at % step)) -eq 0 ] || continue
            prepare "$part"
            under_strace -e "trace=$call" -e "inject=$call:error=EIO:when=$n" -- "$@"
            code=$?
            fault="$part: $call $n"
            check "$fault: no fault" grep -q INJECTED trace
            ended_well "$fault" $code
            whole_still "$fault"
            faults=$((faults + 1))
        done
    done
    printf '%s: %d of %d calls failed, %d checkpoints resumed\n' "$part" $faults $at $resumed
    check "$part: only $faults faults" test $((faults * step)) -ge 50
}

# shellcheck disable=SC2086 # each option is a word
{
    mkdir target
    weft 0 $training --checkpoint-every 1epoch
    mv target/model whole
    plain target/log >whole_log
    # A training that is killed in the write of its third checkpoint.
    prepare write
    under_strace -e trace=rename -e inject=rename:signal=KILL:when=3 -- $training --checkpoint-every 1epoch
    check 'not interrupted' test -s target/run.ck -a ! -e target/model
    find target -name '.weft-*' -exec rm {} +
    rm -f target/run.ck.lock
    cp -r target interrupted
    sweep write $training --checkpoint-every 2epochs
    sweep resume train --resume target/run.ck
}
rm -rf target interrupted whole whole_log plain_log trace all
