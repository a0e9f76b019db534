"""What a GPU would compile and run, from the program itself.

tests/opencl/program_layer.c stands between Weft and PoCL, says that the device is a GPU, and writes
down each source text, its build options and each launch. No kernel runs.
"""
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# The setting that CLBlast gets for a largest work-group (host/opencl/products_clblast.c).
SETTINGS = {"": "database", "64": "portable-64", "16": "portable-16", "4": "portable-4", "1": "portable-1"}
CHECK = ["check", "--device", "opencl", "--batch-size", "64"]


@dataclass
class Program:
    name: str
    text: str
    options: list
    launches: dict  # kernel: (local size, arguments) of the largest launch


def launches_read(path):
    """{kernel: ((x, y), [argument])} of the launch with the most work-items."""
    largest = {}
    for line in path.read_text().splitlines():
        name, global_size, local, *arguments = line.split()
        items = int(global_size.split(",")[0]) * int(global_size.split(",")[1])
        if name not in largest or items > largest[name][0]:
            largest[name] = (items, tuple(map(int, local.split(","))), arguments)
    return {name: launch[1:] for name, launch in largest.items()}


def collect(build, shape, vendor, device, setting, gemm):
    """The programs of one `weft check` on a device of that name."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "OPENCL_LAYERS": str(build / "tests/libprogram_layer.so"), "WEFT_LAYER_FOLDER": folder,
                       "WEFT_LAYER_VENDOR": vendor, "WEFT_LAYER_NAME": device, "WEFT_LAYER_DRY": "1",
                       "WEFT_LAYER_GROUP": setting, "WEFT_DEVICE_SHAPE": shape, "XDG_CACHE_HOME": folder + "/cache",
                       "POCL_CACHE_DIR": os.environ.get("POCL_CACHE_DIR", os.path.expanduser("~/.cache/pocl/kcache"))}
        run = subprocess.run([str(build / "weft"), *CHECK, "--preset", "article", "--gemm", gemm], env=environment,
                             capture_output=True, text=True)
        if run.returncode not in (0, 10):  # nothing runs, so the results are wrong
            sys.exit(f"tools/offline: weft check: exit code {run.returncode}: {run.stderr.strip()}")
        launches = launches_read(Path(folder, "launches"))
        programs = []
        for source in sorted(Path(folder).glob("*.cl")):
            text = source.read_text()
            own = '"kernels/' in text
            programs.append(Program("weft" if own else f"clblast {SETTINGS[setting]}", text,
                                    source.with_suffix(".options").read_text().split(), launches))
        return programs

