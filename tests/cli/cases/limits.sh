# Limits of the process, `ulimit` of a shell or a batch system: every command works, or ends with 8
# and a line; none hangs, none crashes. Where the loader itself finds no room it ends with 127.

weft 0 train --data folder --hidden 4 --epochs 2 --device cpu -o limited_model

# a build under a sanitizer maps terabytes, and wants a large stack
if ! grep -q '__asan_init\|__tsan_init' "$program"; then
    # within LIMIT COMMAND...: `ulimit LIMIT`, at most 30 s of processor time; the code is in $code
    within() {
        limit=$1
        shift
        # shellcheck disable=SC2086 # the option and its value
        (
            ulimit -t 30
            ulimit $limit
            exec "$program" "$@" >out 2>err </dev/null
        )
        code=$?
    }
    # works_or_says LIMIT COMMAND...
    works_or_says() {
        within "$@"
        check "ulimit $*: $code" test $code -eq 0 -o $code -eq 8 -o $code -eq 127
        [ $code -ne 8 ] || check "ulimit $*: one line" test "$(grep -c '^weft: ..*: ' err)" -eq 1
    }

    # The three places where memory ends: while libraries start, in the buffer of the BLAS, and ours.
    for kilobytes in 100000 200000 300000 350000 400000 450000 500000 600000 800000; do
        works_or_says "-v $kilobytes" train --data folder --hidden 4 --epochs 2 --device cpu
        works_or_says "-d $kilobytes" train --data folder --hidden 300 --epochs 2 --device cpu
    done
    works_or_says '-v 300000' --version
    within '-v 2000000' train --data folder --hidden 300 --epochs 2 --device cpu
    check "enough address space: $code" test $code -eq 0

    for kilobytes in 32 64 128 511 512 1024 8192; do
        for command in --version '--help' 'devices' 'check --device cpu --preset xor' \
            'train --data folder --hidden 300 --epochs 2 --device cpu' \
            'predict --model limited_model --data folder --device cpu' \
            'evaluate --model limited_model --data folder --device cpu'; do
            # shellcheck disable=SC2086 # words of a command
            works_or_says "-s $kilobytes" $command
        done
    done
    within '-s 512' train --data folder --hidden 300 --epochs 2 --device cpu
    check "a stack of 512 KiB: $code" test $code -eq 0
    within '-s 64' train --data folder --hidden 300 --epochs 2 --device cpu
    says '^weft: memory: the stack is too small'
fi

# whatever the runtime of OpenMP is told about stacks
for size in 1k 64k 1g; do
    export OMP_STACKSIZE=$size
    weft 0 train --data folder --hidden 300 --epochs 2 --device cpu
done
unset OMP_STACKSIZE
