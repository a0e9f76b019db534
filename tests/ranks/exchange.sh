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

exit "$failed"
