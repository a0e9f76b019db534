#!/bin/sh
# Signals to one rank, and to all: the ranks of a job stop after the same batch and between the same
# members of an ensemble, a job that was paused goes on, and SIGUSR1 is answered.
# shellcheck source=tests/ranks/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/ranks/outcome.sh
. "$source/tests/ranks/outcome.sh"

# within SECONDS WHAT: the job ends in this time; $code is its exit code
within()
{
    for _ in $(seq $(($1 * 10))); do
        kill -0 "$job" 2>/dev/null || break
        sleep 0.1
    done
    if kill -0 "$job" 2>/dev/null; then
        fault "$2: the job does not end: $(cat err)"
        # shellcheck disable=SC2046 # several processes
        kill -KILL $(children) "$job"
    fi
    wait "$job"
    code=$?
}

# Each member has a single batch, so almost every signal comes after the last batch of a member.
for rank in 1 0; do
    start 2 --ensemble 100 --epochs 1 --batch-size 300 --checkpoint-every 30batches
    victim=$(process_of "$rank")
    await test -e run.checkpoint
    kill -TERM "$victim"
    within 20 "rank $rank gets SIGTERM in an ensemble"
    [ -e model.st ] || fault "rank $rank gets SIGTERM in an ensemble: no model: $(cat err)"
done

# Between batches, all ranks stop after the same one; the checkpoint continues to the same bytes.
epochs=60
start 1
wait "$job" || fault "the whole run ends with $?: $(cat err)"
cp model.st whole.st
start 3
victim=$(process_of 2)
await test -e run.checkpoint
kill -TERM "$victim"
within 20 "rank 2 gets SIGTERM"
[ -e run.checkpoint ] || fault "rank 2 gets SIGTERM: there is no checkpoint: $(cat err)"
resumed 2

# All ranks pause for longer than the limit of silence.
WEFT_RANK_SECONDS=4
export WEFT_RANK_SECONDS
for try in 1 2; do
    epochs=200
    start 3
    process_of 2 >/dev/null
    await test -e run.checkpoint
    # shellcheck disable=SC2046 # several processes
    kill -STOP $(children)
    sleep 6
    # shellcheck disable=SC2046
    kill -CONT $(children)
    within 60 "a pause of all ranks"
    [ "$code" -eq 0 ] || fault "a pause of all ranks, try $try: exit code $code: $(cat err)"
done

# A signal to `weft train --device LIST` reaches the ranks at once, and ends like a single process.
for signal in TERM:143 HUP:129; do
    rm -f model.st run.checkpoint
    WEFT_JOB=$work "$weft" train --data "$sample" --device cpu,cpu --epochs 2000 --hidden 9 \
        --batch-size 50 --quiet -o model.st --checkpoint run.checkpoint \
        --checkpoint-every 20batches >out 2>err &
    job=$!
    await test -e run.checkpoint
    kill "-${signal%:*}" "$job"
    within 20 "SIG${signal%:*} to --device cpu,cpu"
    [ "$code" -eq "${signal#*:}" ] || fault "--device cpu,cpu: exit code $code: $(cat err)"
    [ -e model.st ] || fault "SIG${signal%:*} to --device cpu,cpu: no model: $(cat err)"
    [ "$(grep -c '^Interrupted after epoch' err)" -eq 1 ] || fault "--device cpu,cpu: $(cat err)"
    [ -z "$(children)" ] || fault "SIG${signal%:*} to --device cpu,cpu: ranks are left"
done

# A signal that comes while the ranks start is not lost.
for delay in 0.2 0.5; do
    WEFT_JOB=$work "$weft" train --data "$sample" --device cpu,cpu --epochs 20000 --hidden 9 \
        --batch-size 50 --quiet >out 2>err &
    job=$!
    sleep "$delay"
    kill -TERM "$job"
    within 40 "SIGTERM to --device cpu,cpu after $delay s"
    [ "$code" -eq 143 ] || fault "SIGTERM after $delay s: exit code $code: $(cat err)"
done

# Without -o and --checkpoint, SIGUSR1 to any rank says what it needs, as in a single process.
WEFT_JOB=$work mpirun -n 2 "$weft" train --data "$sample" --device cpu --epochs 2000 --hidden 9 \
    --batch-size 50 --log run.log >out 2>err &
job=$!
victim=$(process_of 1)
await test -s run.log
kill -USR1 "$victim"
await grep -q "SIGUSR1 needs" err
kill -TERM "$victim"
within 20 "SIGUSR1 without a file"
[ "$(grep -c '^note: SIGUSR1 needs -o or --checkpoint; no checkpoint is written$' err)" -eq 1 ] ||
    fault "SIGUSR1 without a file: $(cat err)"

exit "$failed"
