#!/bin/sh
# Runs weft as its users do: run.sh PROGRAM JSON_SHAPE [CASE...]. Each file in cases/ tests one
# subject; without a CASE all are run. Those in cases/long/ run only by name.
#
# A case calls `weft CODE ARGUMENT...`, which runs the program, keeps its stdout and stderr as the
# files out and err, and checks what holds for every run: the exit code, and after a failure that
# the last line on stderr, and only that one, is an error.

program=$(realpath "$1") || exit 1
json_shape=$(realpath "$2") || exit 1
shift 2
wanted=" $* "
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset WEFT_DATA WEFT_KERNEL_DIR

checks=0
failures=0

# check WHAT COMMAND...: the command succeeds
check() {
    what=$1
    shift
    checks=$((checks + 1))
    if ! "$@"; then
        failures=$((failures + 1))
        printf 'FAILED: %s: %s\n' "$case" "$what" >&2
        sed 's/^/    stderr: /' err >&2
    fi
}

weft() {
    code=$1
    shift
    "$program" "$@" >out 2>err </dev/null
    outcome "$code" $? "weft $*"
}

# outcome EXPECTED GOT WHAT: of a run that left `err`
outcome() {
    check "$3: exit code $2, not $1" test "$2" -eq "$1"
    if [ "$1" -ge 1 ] && [ "$1" -le 12 ]; then
        check "$3: last line is no error" last_line_is_error
        check "$3: not one line" test "$(grep -c '^weft: ' err)" -eq 1
    else
        check "$3: an error is told" test "$(grep -c '^weft: ' err)" -eq 0
    fi
}

last_line_is_error() {
    tail -n 1 err | grep -q '^weft: ..*: '
}

# Nothing but the error on stderr.
silent_but_one_line() {
    check "more on stderr than the error" test "$(wc -l <err)" -eq 1
}

# says PATTERN: stderr holds it; prints PATTERN: stdout does
says() {
    check "stderr lacks: $1" grep -q -e "$1" err
}

prints() {
    check "stdout lacks: $1" grep -q -e "$1" out
}

# shape SHAPE [FILE]: every line of the file is JSON of this shape
shape() {
    check "shape of JSON" "$json_shape" "$1" <"${2:-out}"
}

# shellcheck source=/dev/null
. "$here/../shell.sh"
# shellcheck source=/dev/null
. "$here/data.sh"
# shellcheck source=/dev/null
. "$here/page.sh"
for file in "$here"/cases/*.sh "$here"/cases/long/*.sh; do
    case=$(basename "$file" .sh)
    case $wanted$file in
    *" $case "* | "  "*/cases/"$case.sh") ;;
    *) continue ;;
    esac
    export XDG_CACHE_HOME="$work/cache of $case" # what one case learns of a device, the next does not know
    # shellcheck source=/dev/null
    . "$file"
done

printf '%d checks, %d failed\n' "$checks" "$failures"
[ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
