#!/bin/sh
# own_cache.sh COMMAND...: runs a test with a folder of caches of its own, empty and then removed: what
# Weft remembers of a developer's devices neither helps a test nor is touched by one. The kernels that
# PoCL has compiled lie under the same folder; those do help, and stay.
export POCL_CACHE_DIR="${POCL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pocl/kcache}"
XDG_CACHE_HOME=$(mktemp -d) || exit 1
export XDG_CACHE_HOME
trap 'rm -rf "$XDG_CACHE_HOME"' EXIT
"$@"
