# shellcheck shell=sh disable=SC2154,SC2034 # program and layer come from who sources, code goes there
# What the tests of this folder share: a work folder, data, and weft under the layer. Sourced by
# them with `program`, `layer` and `source` set; they end with `finish`.

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset WEFT_DATA WEFT_KERNEL_DIR
checks=0
failures=0
# shellcheck source=tests/shell.sh
. "$source/tests/shell.sh"

# fault WHAT: notes a failure and shows what the run left
fault() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$1" >&2
    for file in err report; do
        [ ! -f $file ] || sed "s/^/    $file: /" $file >&2
    done
}

# check WHAT COMMAND...: the command succeeds
check() {
    checked=$1
    shift
    checks=$((checks + 1))
    "$@" || fault "$checked"
}

# weft [NAME=VALUE...] -- ARGUMENT...: runs it under the layer, for a minute at most. Leaves `code`
# and the files out, err and report.
weft() {
    rm -f report
    settings=''
    while [ "$1" != -- ]; do
        settings="$settings $1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # one word for each setting
    timeout -s KILL 60 env OPENCL_LAYERS="$layer" WEFT_LAYER_REPORT="$PWD/report" $settings \
        "$program" "$@" >out 2>err </dev/null
    code=$?
}

# The name of the call that was made to fail; nothing without one.
failed_call() {
    awk '$1 == "failed" { print $3 }' report
}

# As many objects of every kind released as created, and none that was none.
balanced() {
    [ -f report ] && awk '
        $2 == "created" { kinds++; if ($3 != $5) bad = 1 }
        $1 == "left" || $1 == "stray" { bad = 1 }
        END { exit bad || kinds != 6 }' report
}

# Objects of a kind that were made.
made() {
    awk -v kind="$1" '$1 == kind { print $3 }' report
}

# One error line where the run failed by a documented code, none where it did not. CLBlast, too,
# prints a line of its own where a call fails in it: it begins with its name.
one_error() {
    if [ "$code" -ge 1 ] && [ "$code" -le 12 ]; then
        [ "$(grep -c '^weft: ' err)" -eq 1 ] && tail -n 1 err | grep -q '^weft: [^ ].*: '
    else
        [ "$(grep -c '^weft: ' err)" -eq 0 ]
    fi
}

finish() {
    printf '%d checks, %d failed\n' "$checks" "$failures"
    [ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
    exit
}

cd "$work" || exit 1
