"""Trains the same networks by Weft and by its peers, in turn, and prints how long an epoch takes: see README.md."""
import json
import os
import statistics
import subprocess
import sys
import tempfile

from common import ARTICLE_L2, ARTICLE_RATE, LEARNING_RATE, NETWORKS, SMOOTHING, WEIGHT_DECAY, make_data

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {
    "article": {"NumPy": ["article_numpy.py"], "PyTorch autograd": ["article_torch.py"],
                "PyTorch by hand": ["article_torch.py", "manual"], "JAX": ["article_jax.py"],
                "scikit-learn": ["article_sklearn.py"], "C, OpenBLAS": ["article_openblas"]},
    "others": {"PyTorch": ["networks_torch.py"], "JAX": ["networks_jax.py"]},
}
OPENBLAS = "import scipy_openblas32 as b; print(b.get_include_dir(), b.get_lib_dir(), b.get_library())"


class Skipped(Exception):
    """A side that cannot run here, with the reason."""


def last_line(text):
    return (text.strip().splitlines() or ["no message"])[-1]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"exit code {done.returncode}: {last_line(done.stderr)}")
    return done.stdout


# ---- sides

def network_options(name):
    """What trains network `name` by Weft, data and first weights apart."""
    network = NETWORKS[name]
    options = f"--hidden {','.join(map(str, network['hidden']))} --batch-size {network['batch']} "
    if name == "article":
        return (options + f"--preset article --learning-rate {ARTICLE_RATE} --l2 {ARTICLE_L2}").split()
    return (options + f"--dropout {network['dropout']} --activation relu --optimizer adamw --learning-rate {LEARNING_RATE} "
            f"--weight-decay {WEIGHT_DECAY} --label-smoothing {SMOOTHING} --schedule constant"
            + (" --batch-norm" if network["norm"] else "")).split()


def weft_run(weft, device, folder, name):
    """As a side prints it; the first epoch is not timed."""
    log = os.path.join(folder, "log")
    epochs = NETWORKS[name]["epochs"] + 1
    told = json.loads(run([
        weft, "train", "--json", "-q", "--device", device, "--images", f"{folder}/x.idx", "--labels", f"{folder}/y.idx",
        "--init-model", f"{folder}/weights.safetensors", "--scale", "none", "--epochs", str(epochs), "--log", log, *network_options(name)]))
    with open(log) as file:
        seconds = [json.loads(line)["seconds"] for line in file][1:]
    version = run([weft, "--version"]).split("\n")[0]
    return {"seconds": seconds, "error": told["train"]["error"], "version": f"{version} on {told['device']}"}


def peer_run(command, folder, name):
    program = os.path.join(HERE, command[0])
    if command[0].endswith(".py"):
        start = [sys.executable, program]
    else:
        start = [os.path.join(folder, command[0])]
        if not os.path.exists(start[0]):
            build(program + ".c", start[0])
    return json.loads(last_line(run([*start, folder, name, *command[1:]])))


def build(source, program):
    """A current OpenBLAS as PyPI has it, whose names begin with scipy_."""
    include, library, name = run([sys.executable, "-c", OPENBLAS]).split()
    run(["cc", "-O3", "-march=native", "-fno-math-errno", "-DBLAS_SYMBOL_PREFIX=scipy_", "-Dcblas_sgemm=scipy_cblas_sgemm",
         "-Dopenblas_get_config=scipy_openblas_get_config", f"-I{include}", source, "-o", program, f"-L{library}",
         f"-Wl,-rpath,{library}", f"-l{name}", "-lm"])


def sides_of(weft, folder, name):
    """{side: a function that runs it}, Weft's first."""
    sides = {f"Weft {device}": lambda device=device: weft_run(weft, device, folder, name) for device in ("opencl", "cpu")}
    for peer, command in PEERS.get(name, PEERS["others"]).items():
        sides[peer] = lambda command=command: peer_run(command, folder, name)
    return sides


def rounds_run(sides, rounds):
    """{side: its results, one a round}; a side that fails is left out and said so."""
    results = {side: [] for side in sides}
    for number in range(rounds):
        for side in [side for side in sides if side in results]:
            print(f"round {number + 1}/{rounds}: {side}", file=sys.stderr)
            try:
                results[side].append(sides[side]())
            except Skipped as reason:
                print(f"skipped: {side}: {reason}", file=sys.stderr)
                del results[side]
    return results


# ---- what came out

def ceilings(weft, name):
    """Of each side of Weft: seconds that an epoch's products would take at the largest rate measured here."""
    bench = json.loads(run([weft, "bench", "--json", "-q", "--samples", str(NETWORKS[name]["samples"]), *network_options(name)]))
    return {f"Weft {side['backend']}": bench["epoch_gflop"] / side["ceiling_gflops"] for side in bench["sides"]}


def spread(values, form):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


def disagreement(results, name):
    """Sides whose error is too far from the median of all sides; they have not done the same work."""
    errors = {side: statistics.median(result["error"] for result in runs) for side, runs in results.items()}
    middle = statistics.median(errors.values())
    return [f"{side}: error {error:.6g}, the others' {middle:.6g}" for side, error in errors.items()
            if not abs(error - middle) <= NETWORKS[name]["tolerance"] * middle]


def report(name, results, ceiling):
    network = NETWORKS[name]
    medians = {side: [statistics.median(result["seconds"]) for result in runs] for side, runs in results.items()}
    peers = [side for side in medians if not side.startswith("Weft")]
    best = min(peers, key=lambda side: statistics.median(medians[side])) if peers else None
    widths = "-".join(map(str, [784, *network["hidden"], 10]))
    print(f"\n{name}: {widths}{', batch norm' if network['norm'] else ''}, dropout {network['dropout']}, {network['samples']} samples "
          f"in batches of {network['batch']}\nbest peer: {best or 'none'}\n")
    print("| side | ms an epoch | speed relative to the best peer | share of the ceiling | error |\n|---|---|---|---|---|")
    for side in sorted(medians, key=lambda side: statistics.median(medians[side])):
        took = medians[side]
        ratio = spread([b / s for b, s in zip(medians[best], took)], "{:.2f}") if best else "-"
        share = f"{ceiling[side] / statistics.median(took):.0%}" if side in ceiling else "-"
        error = statistics.median(result["error"] for result in results[side])
        print(f"| {side} | {spread([1e3 * s for s in took], '{:.1f}')} | {ratio} | {share} | {error:.6g} |")
    print("\n" + "\n".join(f"{side}: {runs[0]['version']}" for side, runs in results.items()), flush=True)


def compare(weft, name, rounds):
    """True where all sides have done the same work."""
    with tempfile.TemporaryDirectory() as folder:
        make_data(folder, name)
        results = rounds_run(sides_of(weft, folder, name), rounds)
    different = disagreement(results, name) if results else ["no side could run"]
    if different:
        print(f"\n{name}: the sides have not done the same work, no figures:", *different, sep="\n  ")
        return False
    try:
        ceiling = ceilings(weft, name)
    except Skipped as reason:
        print(f"no ceiling: {reason}", file=sys.stderr)
        ceiling = {}
    report(name, results, ceiling)
    return True


def main():
    weft, words = sys.argv[1], sys.argv[2:]
    rounds = int(words.pop(0)) if words and words[0].isdigit() else 7
    unknown = [word for word in words if word not in NETWORKS]
    if unknown or rounds < 1:
        print(f"usage: compare [ROUNDS] [NETWORK...]; networks: {', '.join(NETWORKS)}", file=sys.stderr)
        return 2
    if not os.access(weft, os.X_OK):
        print(f"compare: {weft}: no program: build it, or name it in WEFT", file=sys.stderr)
        return 2
    return 0 if all([compare(weft, name, rounds) for name in words or NETWORKS]) else 1


if __name__ == "__main__":
    sys.exit(main())
