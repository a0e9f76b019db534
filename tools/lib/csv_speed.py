"""Times Weft and pandas on the same CSV files: csv_speed.py CSV_SPEED FOLDER [ROWS [ROUNDS]]

tools/csv-speed runs this."""

import gzip
import os
import pathlib
import subprocess
import sys

import numpy

IMAGES = pathlib.Path("/usr/share/datasets/fashion-mnist")
PANDAS = """
import sys, time, pandas
begin = time.perf_counter()
table = pandas.read_csv(sys.argv[1], engine="c")
print(*table.shape, "%.3f" % (time.perf_counter() - begin))
"""


def write_images(path):
    with gzip.open(IMAGES / "train-images-idx3-ubyte.gz") as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 784)
    with gzip.open(IMAGES / "train-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    with open(path, "w") as file:
        file.write("label," + ",".join("pixel%d" % (i + 1) for i in range(784)) + "\n")
        for label, row in zip(labels.tolist(), pixels):
            file.write("%d,%s\n" % (label, ",".join(map(str, row.tolist()))))


def write_numbers(path, rows):
    rng = numpy.random.default_rng(0)
    with open(path, "w") as file:
        file.write(",".join("x%d" % i for i in range(10)) + "\n")
        for first in range(0, rows, 100000):
            block = rng.standard_normal((min(100000, rows - first), 10)).tolist()
            file.writelines(",".join(map(repr, row)) + "\n" for row in block)


def run(command):
    """Returns rows, columns, seconds, and the peak of memory in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    rows, columns, seconds = process.stdout.read().split()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return int(rows), int(columns), float(seconds), usage.ru_maxrss * 1024


def compare(program, path, rounds):
    ours, theirs = [], []
    for _ in range(rounds): # in turn, so that both see the same machine
        ours.append(run([program, path]))
        theirs.append(run([sys.executable, "-c", PANDAS, path]))
    rows, columns = ours[0][:2]
    assert (rows, columns) == theirs[0][:2]
    samples = 4 * rows * columns
    print("%s: %d x %d, %d MB" % (path.name, rows, columns, path.stat().st_size // 10**6))
    for name, runs in (("Weft", ours), ("pandas", theirs)):
        print("  %-6s %6.2f s, peak %5d MB, %.2f of the float32 samples"
              % (name, min(r[2] for r in runs), runs[0][3] // 10**6, runs[0][3] / samples))
    print("  pandas takes %.2f times as long" % (min(r[2] for r in theirs) / min(r[2] for r in ours)))


def main(program, folder, rows=10**7, rounds=3):
    images, numbers = pathlib.Path(folder) / "images.csv", pathlib.Path(folder) / ("numbers-%d.csv" % int(rows))
    if not images.exists():
        write_images(images)
    if not numbers.exists():
        write_numbers(numbers, int(rows))
    for path in images, numbers:
        compare(program, path, int(rounds))


main(*sys.argv[1:])
