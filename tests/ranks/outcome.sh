# shellcheck shell=sh disable=SC2154
# How a training run of several ranks must end when one of them fails. Sourced after common.sh.

sample=$source/data/fashion-sample
epochs=${WEFT_RANK_EPOCHS:-2}

# start RANKS OPTION...: starts a training run in the background; its mpirun is $job. $layer may
# name a library that lies between the program and MPI. If $special is a rank, its process runs the
# shell commands $first before the program, which is "$@" there.
layer=
special=
first=
cat >begin <<'END'
rank=$1 first=$2
shift 2
[ "${OMPI_COMM_WORLD_RANK-${PMI_RANK-}}" != "$rank" ] || eval "$first"
exec "$@"
END
start()
{
    ranks=$1
    shift
    rm -f model.st run.checkpoint
    WEFT_JOB=$work mpirun ${stay:+"$stay"} -n "$ranks" \
        ${special:+sh begin "$special" "$first"} env ${layer:+"LD_PRELOAD=$layer"} "$weft" train \
        --data "$sample" --epochs "$epochs" --slices 8 --device cpu \
        --hidden 9 --batch-size 50 --quiet -o model.st \
        --checkpoint run.checkpoint --checkpoint-every 2batches "$@" >out 2>err &
    job=$!
}

# children: the ranks of this test that still run
children()
{
    for process in /proc/[0-9]*; do
        grep -qz "^WEFT_JOB=$work\$" "$process/environ" 2>/dev/null &&
            [ "$(readlink "$process/exe" 2>/dev/null)" = "$(realpath "$weft")" ] &&
            printf '%s\n' "${process#/proc/}"
    done
}

# process_of RANK: waits until this rank runs, and prints its process
process_of()
{
    for _ in $(seq 100); do
        for process in $(children); do
            grep -qzE "^(OMPI_COMM_WORLD|PMI)_RANK=$1\$" "/proc/$process/environ" 2>/dev/null &&
                printf '%s\n' "$process" && return
        done
        sleep 0.1
    done
}

# ended WHAT CODE...: the job ends within a minute with one of these codes, a line names a rank, its
# machine and the checkpoint, and nothing is left. If the file $unless is named and missing, nothing
# has failed, and the job may end well. If $early is set, the training run may not have begun, and
# the line need not name the checkpoint.
unless=
early=
ended()
{
    what=$1
    shift
    begun=$(date +%s)
    wait "$job"
    code=$?
    [ -z "$unless" ] || [ -e "$unless" ] || [ "$code" -ne 0 ] || return 0
    [ $(($(date +%s) - begun)) -le 60 ] || fault "$what: it took more than a minute"
    case " $* " in
        *" $code "*) ;;
        *) fault "$what: exit code $code, need one of $*: $(cat err)" ;;
    esac
    grep -qE "^weft: .*rank [0-9]+.* on [^ ]+${early:-.*checkpoint}" err ||
        fault "$what: no line names rank, machine and checkpoint: $(cat err)"
    left=
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        left=$(children)
        [ -n "$left" ] || break
        sleep 0.2
    done
    [ -z "$left" ] || fault "$what: processes are left: $left"
}

# resumed RANKS: the checkpoint that is left leads to the model of the whole run
resumed()
{
    [ -e run.checkpoint ] || return 0
    mpirun -n "$1" "$weft" train --resume run.checkpoint --quiet -o resumed.st >out 2>err ||
        fault "resuming with $1 ranks ends with $?: $(cat err)"
    same whole.st resumed.st "resumed with $1 ranks"
}
