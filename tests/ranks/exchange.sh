#!/bin/sh
# Sums, gathers and agreements of 1, 2, 3, 5 and 8 ranks.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"

for ranks in 1 2 3 5 8; do
    [ "$(mpirun -n "$ranks" "$helpers/exchange")" = ok ] || fault "$ranks ranks"
done
[ "$("$helpers/exchange")" = ok ] || fault "without a launcher"
[ "$(mpirun -n 3 "$helpers/exchange" fail 2)" = ok ] || fault "rank 2 fails"
[ "$(timeout 60 mpirun -n 3 "$helpers/exchange" open 1)" = ok ] || fault "rank 1 cannot open data"
mpirun -n 2 "$helpers/exchange" late 1 >out 2>err
[ "$(cat out)" = ok ] || fault "rank 1 is late: $(cat err)"

# A heartbeat fails when nothing is left to exchange: only leaving can notice.
[ "$(mpirun -n 2 "$helpers/exchange" idle)" = ok ] || fault "ranks that do nothing"
for call in MPI_Isend:1 MPI_Irecv:2 MPI_Test:1; do
    WEFT_MPI_FAIL=$call:1 LD_PRELOAD="$helpers/mpi_layer.so" mpirun ${stay:+"$stay"} -n 2 \
        "$helpers/exchange" idle >out 2>err
    code=$?
    [ "$code" -eq 11 ] || fault "$call fails, and the code is $code: $(cat out err)"
    grep -qE '^rank 1 of 2 on [^ ]+: .* failed: ' err || fault "$call fails: $(cat err)"
done

exit "$failed"
