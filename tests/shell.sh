# shellcheck shell=sh
# What all tests in shell share.

# await COMMAND...: until the command succeeds, or for half a minute
await() {
    tries=0
    until "$@" 2>/dev/null || [ $tries -ge 1500 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
}

# bytes NUMBER...: these bytes, which may be 0
bytes() {
    # shellcheck disable=SC2059 # the format is what the inner printf makes
    printf "$(printf '\\%03o' "$@")"
}
