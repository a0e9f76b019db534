# shellcheck shell=sh disable=SC2034
# For the tests of ranks: NAME.sh WEFT FOLDER, where WEFT is the program and FOLDER has what the
# tests compile. Sourced; leaves the shell in an empty folder that is removed at the end.
set -u
weft=$1
helpers=$2
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
# shellcheck source=tests/shell.sh
. "$source/tests/shell.sh"

# Open MPI refuses root, and more ranks than cores, unless it is told; one thread a rank is enough
# for small networks. MPICH does not know these variables.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_orte_base_help_aggregate=1
export OMP_NUM_THREADS=1

# The mpirun of MPICH kills the ranks when one dies, before they can say which, unless it is told to
# let them; and it has other exit codes.
if mpirun --version 2>/dev/null | grep -q HYDRA; then
    stay=-disable-auto-cleanup
    killed="9 11"
    crashed=11
    no_start="11 1"
else
    stay=
    killed=137
    crashed=139
    no_start=11
fi

fault() # TEXT...
{
    printf 'FAILED: %s\n' "$*"
    failed=1
}

# same FILE FILE WHAT
same()
{
    cmp -s "$1" "$2" || fault "$3: the bytes differ"
}
