"""Counts the launches, bytes and FLOP of a training step on a GPU, and the time that each implies.

A training runs on PoCL in the shape of a GPU, and tests/opencl/program_layer.c writes down its launches. The most
common sequence from one update to the next is a step. BYTES says how much each kernel must read and write, each
operand once, by its arguments; FLOP are those of the matrix products. The times are a model and no measurement: a
launch takes as long as its FLOP, its bytes or LAUNCH, whichever is longest, and launches follow each other.
"""
import collections
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LAUNCH = 4e-6  # seconds between two launches in a queue: an assumption
# FLOP/s in float32 and bytes/s, as the makers publish them.
GPUS = {"Iris Xe, 96 units": (2.07e12, 68e9), "RTX 4060 Laptop": (9.0e12, 256e9), "H200": (67e12, 4.8e12)}
TRAININGS = {"article": "--preset article --data fashion-mnist",
             "small": "--preset default --hidden 128 --data fashion-mnist --batch-size 256 --holdout 0.95",
             "default": "--preset default --data fashion-mnist --batch-size 256 --holdout 0.95"}


# Steps that follow a product, as in kernels/product_after.cl, of which these read or write more than the result. A
# pre-activation that is kept beside the activation is not counted.
AFTER_BIAS, AFTER_SLOPE, AFTER_BIAS_GRADIENT = 1, 8, 32


def after(steps, rows, columns, slices):
    return 4 * (bool(steps & AFTER_BIAS) * columns + bool(steps & AFTER_SLOPE) * rows * columns
                + bool(steps & AFTER_BIAS_GRADIENT) * rows * slices)


def product(a):
    rows, columns, inner, slice_inner = a[10:14]
    slices = -(-inner // slice_inner)
    moved = 4 * (rows * inner + inner * columns + slices * rows * columns) + after(a[15], rows, columns, slices)
    return moved, 2 * rows * columns * inner


def slices_sum(a):
    slices, rows, columns = a[1:4]
    return 4 * rows * columns * (slices + 1) + after(a[7], rows, columns, slices + 1), 0


def middle(a, groups):
    upper = a[22] - a[21]
    targets = a[3] + a[4] if a[13] else 0
    return targets + a[0] + a[23] + a[24] + a[25] + a[28] + 4 * upper * groups, 6 * a[8] * upper


# {kernel: function of its arguments and its number of work-groups, to (bytes, FLOP)}; buffers count their bytes.
COSTS = {
    "gather_rows": lambda a, g: (8 * a[5] * a[6], 0),
    "gather_byte_rows": lambda a, g: (5 * a[7] * a[8], 0),
    "label_targets": lambda a, g: (4 * a[5] * (a[6] + 4), 0),
    "product_tiled": lambda a, g: product(a),
    "product_slices_sum": lambda a, g: slices_sum(a),
    "bias_add": lambda a, g: (8 * a[3] * a[4], 0),
    "layer_forward": lambda a, g: (8 * a[2], 0),
    "layer_backward": lambda a, g: (12 * a[3], 0),
    "dropout": lambda a, g: (8 * a[1], 0),
    "softmax_cross_entropy_group": lambda a, g: (12 * a[3] * (a[4] + 1), 0),
    "metrics_sum": lambda a, g: (8 * a[2], 0),
    "bias_gradient_slices": lambda a, g: (4 * a[2] * (a[1] + a[4]), 0),
    "bias_gradient": lambda a, g: (4 * a[2] * (a[1] + 1), 0),
    "penalty_gradient": lambda a, g: (12 * a[2], 0),
    "penalty_shares": lambda a, g: (4 * a[1] + 8 * a[2], 0),
    "penalty_terms": lambda a, g: (8 * a[1], 0),
    "adam_update": lambda a, g: (28 * a[5], 0),
    "sgd_update": lambda a, g: (12 * a[3], 0),
    "middle_rows": middle,
    "middle_update": lambda a, g: (4 * (a[1] * a[2] + a[4] * (a[5] - a[2]) + 3 * a[5]), 0),
}
UPDATES = ("adam_update", "sgd_update", "middle_update")


def launches_of(build, options):
    """[(kernel, work-groups, arguments)] of a training."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "OPENCL_LAYERS": str(build / "tests/libprogram_layer.so"), "WEFT_LAYER_FOLDER": folder,
                       "WEFT_DEVICE_SHAPE": "gpu", "XDG_CACHE_HOME": folder + "/cache",
                       "POCL_CACHE_DIR": os.environ.get("POCL_CACHE_DIR", os.path.expanduser("~/.cache/pocl/kcache"))}
        command = [str(build / "weft"), "train", "--device", "opencl", "--gemm", "own", "--epochs", "1", "-q", *options.split()]
        run = subprocess.run(command, env=environment, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"tools/offline: {' '.join(command)}: exit code {run.returncode}: {run.stderr.strip()}")
        return [launch_read(line) for line in Path(folder, "launches").read_text().splitlines()]


def launch_read(line):
    name, whole, local, *arguments = line.split()
    groups = 1
    for items, group in zip(whole.split(","), local.split(",")):
        groups *= int(items) // int(group)
    return name, groups, [int(a.lstrip("bl")) for a in arguments]


def step_of(launches):
    """The launches of the most common sequence that ends before an update and begins with it."""
    steps, step = [], []
    for launch in launches:
        if launch[0] in UPDATES and not (step and step[-1][0] in UPDATES):
            steps.append(step)
            step = []
        step.append(launch)
    def key(step):  # a shorter batch has fewer work-groups
        return tuple((name, groups) for name, groups, _ in step)

    common = collections.Counter(map(key, steps[1:])).most_common(1)[0][0]
    return next(step for step in reversed(steps) if key(step) == common)


def costs_print(name, step):
    costs = [COSTS[kernel](arguments, groups) for kernel, groups, arguments in step]
    total = [sum(cost[i] for cost in costs) for i in (0, 1)]
    print(f"{name}: {len(step)} launches, {total[0] / 1e6:.2f} MB, {total[1] / 1e6:.1f} MFLOP")
    kernels = collections.Counter(kernel for kernel, _, _ in step)
    print("    " + ", ".join(f"{kernel} {count}" for kernel, count in kernels.items()))
    for gpu, (rate, bandwidth) in GPUS.items():
        seconds = [max(LAUNCH, cost[0] / bandwidth, cost[1] / rate) for cost in costs]
        print(f"    {gpu:18s} launches {1e6 * LAUNCH * len(step):6.0f} us, bytes {1e6 * total[0] / bandwidth:7.1f} us, "
              f"FLOP {1e6 * total[1] / rate:7.1f} us, together {1e6 * sum(seconds):7.0f} us")


def run(build):
    for name, options in TRAININGS.items():
        costs_print(name, step_of(launches_of(build, options)))
