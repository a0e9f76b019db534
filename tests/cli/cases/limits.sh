# Tests process limits, set by `ulimit` in a shell or by a batch system. Every command must work, or
# end with exit code 8 and one line. None may hang or crash. If the loader itself has too little
# memory, the exit code is 127.

weft 0 train --data folder --hidden 4 --epochs 2 --device cpu -o limited_model

# a build with a sanitizer maps terabytes and needs a large stack
if ! grep -q '__asan_init\|__tsan_init' "$program"; then
    # within LIMIT COMMAND...: runs with `ulimit LIMIT` and at most 30 s of processor time; $code is
    # the exit code
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
    # works_or_says LIMIT COMMAND...: checks that the command works or prints one line
    works_or_says() {
        within "$@"
        check "ulimit $*: $code" test $code -eq 0 -o $code -eq 8 -o $code -eq 127
        [ $code -ne 8 ] || check "ulimit $*: one line" test "$(grep -c '^weft: ..*: ' err)" -eq 1
    }

    # Memory can run out in three places: while libraries start, in the buffers of the BLAS, and in
    # Weft.
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

# The OpenMP runtime may get any stack size.
for size in 1k 64k 1g; do
    export OMP_STACKSIZE=$size
    weft 0 train --data folder --hidden 300 --epochs 2 --device cpu
done
unset OMP_STACKSIZE
