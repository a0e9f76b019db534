#!/bin/sh
# own_cache.sh COMMAND...: runs a test with a folder of caches of its own, empty and then removed: what
# Weft remembers of a developer's devices neither helps a test nor is touched by one. The kernels that
# PoCL has compiled lie under the same folder; those do help, and stay. If WEFT_TEST_TIMES names a
# file, the CPU seconds of the test and its command are appended to it.
export POCL_CACHE_DIR="${POCL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pocl/kcache}"
XDG_CACHE_HOME=$(mktemp -d) || exit 1
export XDG_CACHE_HOME
trap 'rm -rf "$XDG_CACHE_HOME"' EXIT
"$@"
status=$?
if [ -n "${WEFT_TEST_TIMES-}" ]; then
    times >"$XDG_CACHE_HOME/times"
    awk -v test="$*" 'NR == 2 { split($1, user, "m"); split($2, kernel, "m")
        printf "%.1f %s\n", 60 * (user[1] + kernel[1]) + user[2] + kernel[2], test }' \
        "$XDG_CACHE_HOME/times" >>"$WEFT_TEST_TIMES"
fi
exit $status
