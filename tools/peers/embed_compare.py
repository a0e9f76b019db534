"""Compares maps of Weft, scikit-learn and openTSNE; tools/embed-compare says how."""
import argparse
import csv
import gzip
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PERPLEXITY, ITERATIONS, NEIGHBORS = 30, 1000, 12


def read_images(folder, part):
    """The images of an IDX file, [N][784] in 0..255."""
    import numpy

    for path in sorted(Path(folder).glob(f"{part}-images-idx3-ubyte*")):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            data = file.read()
        count = int.from_bytes(data[4:8], "big")
        return numpy.frombuffer(data, numpy.uint8, offset=16).reshape(count, -1)
    sys.exit(f"{folder}: no images of {part}")


# ---- judging ----


def exact_affinities(x):
    """P over the exact 3 PERPLEXITY nearest neighbors, in double: rows, columns, p."""
    import numpy
    from scipy.sparse import csr_matrix

    n, k = len(x), 3 * PERPLEXITY
    squares = (x * x).sum(1)
    index = numpy.empty((n, k), int)
    p = numpy.empty((n, k))
    for first in range(0, n, 500):
        rows = slice(first, min(first + 500, n))
        d = squares[rows, None] + squares[None, :] - 2.0 * (x[rows] @ x.T)
        d[numpy.arange(d.shape[0]), numpy.arange(rows.start, rows.stop)] = numpy.inf
        index[rows] = numpy.argpartition(d, k, axis=1)[:, :k]
        p[rows] = numpy.take_along_axis(d, index[rows], 1)
    for i in range(n):
        low, high, beta, d = 0.0, numpy.inf, 1.0 / p[i].mean(), p[i] - p[i].min()
        for _ in range(100):
            e = numpy.exp(-beta * d)
            excess = numpy.log(e.sum()) + beta * (e @ d) / e.sum() - numpy.log(PERPLEXITY)
            low, high = (beta, high) if excess > 0 else (low, beta)
            beta = 2 * beta if high == numpy.inf else (low + high) / 2
        p[i] = e / e.sum()
    matrix = csr_matrix((p.ravel(), (numpy.repeat(numpy.arange(n), k), index.ravel())), (n, n))
    matrix = ((matrix + matrix.T) / (2 * n)).tocoo()
    return matrix.row, matrix.col, matrix.data


def divergence(affinities, y):
    """sum p log(p / q), q over all pairs."""
    import numpy

    rows, columns, p = affinities
    y = numpy.asarray(y, float)
    total = 0.0
    for first in range(0, len(y), 500):
        d = y[first : first + 500, None, :] - y[None, :, :]
        total += (1.0 / (1.0 + (d * d).sum(2))).sum()
    total -= len(y)
    apart = y[rows] - y[columns]
    q = 1.0 / (1.0 + (apart * apart).sum(1)) / total
    return float((p * numpy.log(p / q)).sum())


# ---- makers of maps: each returns the map and its seconds: elapsed, and of the processor ----


class Stopwatch:
    """Seconds since it was made, elapsed and of the processor, child processes included."""

    def __init__(self):
        self.elapsed, self.processor = time.perf_counter(), self.used()

    @staticmethod
    def used():
        usages = [resource.getrusage(resource.RUSAGE_SELF),
                  resource.getrusage(resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    def seconds(self):
        return time.perf_counter() - self.elapsed, self.used() - self.processor


def weft(arguments, _):
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.csv"
        command = [arguments.weft, "embed", "--data", arguments.data, "--device", arguments.device,
                   "--part", arguments.part, "--perplexity", str(PERPLEXITY), "--iterations",
                   str(ITERATIONS), "--samples", str(arguments.samples), "-q", "-o", str(path)]
        watch = Stopwatch()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = watch.seconds()
        rows = list(csv.DictReader(path.open(encoding="utf-8")))
    arguments.rows = [int(row["index"]) for row in rows]
    return numpy.array([[float(row["x"]), float(row["y"])] for row in rows]), seconds


def scikit_learn(arguments, x):
    from sklearn.manifold import TSNE

    maker = TSNE(perplexity=PERPLEXITY, init="pca", learning_rate="auto", max_iter=ITERATIONS,
                 n_jobs=arguments.threads, random_state=0)
    watch = Stopwatch()
    return maker.fit_transform(x), watch.seconds()


def open_tsne(arguments, x):
    from openTSNE import TSNE

    maker = TSNE(perplexity=PERPLEXITY, initialization="pca", n_iter=ITERATIONS - 250,
                 negative_gradient_method="fft", n_jobs=arguments.threads, random_state=0)
    watch = Stopwatch()
    return maker.fit(x), watch.seconds()


MAKERS = {"weft": weft, "scikit-learn": scikit_learn, "openTSNE": open_tsne}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weft", default="build/weft")
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--part", default="train", choices=["train", "test"])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--samples", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--only", help="makers, separated by commas")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

    import numpy
    from sklearn.manifold import trustworthiness

    images = read_images(arguments.data, "t10k" if arguments.part == "test" else "train")
    names = arguments.only.split(",") if arguments.only else list(MAKERS)
    seconds, maps, x = {name: [] for name in names}, {}, None
    for _ in range(arguments.rounds):
        for name in names:
            maps[name], took = MAKERS[name](arguments, x)
            seconds[name].append(took)
            if x is None: # the samples that Weft has chosen
                x = images[arguments.rows].astype(numpy.float32) / 255
    affinities = exact_affinities(x.astype(float))
    print(f"{len(x)} images, {arguments.threads} threads, median of {arguments.rounds} rounds")
    print(f"{'':14} {'seconds':>8} {'processor':>10} {'divergence':>11} {'trustworthiness':>16}")
    for name in names:
        elapsed, processor = (statistics.median(column) for column in zip(*seconds[name]))
        print(f"{name:14} {elapsed:8.1f} {processor:10.1f} "
              f"{divergence(affinities, maps[name]):11.4f} "
              f"{trustworthiness(x, maps[name], n_neighbors=NEIGHBORS):16.4f}", flush=True)


main()
