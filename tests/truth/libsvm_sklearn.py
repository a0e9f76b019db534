"""Compares LIBSVM files that scikit-learn reads with what Weft reads: libsvm_sklearn.py DATA_DUMP [SEED]

The files have what people write: comments, query numbers, blanks, empty lines, samples without features,
indices from 0 and from 1, any spelling of numbers. Some have a fault, and then both refuse them."""

import pathlib
import random
import sys
import tempfile

import numpy
from sklearn.datasets import load_svmlight_file

from dumps import dumps

FILES = 400


def number(rng):
    return rng.choice([str(rng.randrange(-9, 10)), repr(rng.gauss(0, 1)), "%.3e" % rng.gauss(0, 1e9), "+2.5", ".5",
                       "1.", "1e-40", "0", "-0.0", "3.4028234e38"])


def line(rng, label, first, most):
    """A sample, with its features in ascending order."""
    indices = sorted(rng.sample(range(first, most + first), rng.randrange(most)))
    words = [label] + (["qid:%d" % rng.randrange(5)] if rng.random() < 0.1 else [])
    words += ["%d:%s" % (index, number(rng)) for index in indices]
    end = rng.choice(["", "", " ", " # comment 7:1", "#x"])
    return rng.choice([" ", " ", "  ", "\t"]).join(words) + end


def damage(rng, text):
    """Replaces one word by one that is none, or out of order."""
    words = text.split(" ")
    words[rng.randrange(1, len(words))] = rng.choice(["x:1", "3", "1:", ":", "2:y", "-1:2", "1.5:2", "1:2:3",
                                             "6:7", "70:1"])
    return " ".join(words)


def write(rng, path):
    first = rng.randrange(2)
    whole = rng.random() < 0.6
    lines = ["%s %d:1 %d:2" % (1 if whole else 0.5, first, first + 1)]
    for _ in range(rng.randrange(1, 30)):
        label = rng.choice(["1", "-1", "+1", "3", "7.0"]) if whole else number(rng)
        lines.append(line(rng, label, first, rng.choice([1, 5, 40])))
        if rng.random() < 0.05:
            lines.append(rng.choice(["", "# nothing", "   "]))
    if rng.random() < 0.2:
        lines.append(damage(rng, "1 5:1 6:2 70:3"))
    ending = rng.choice(["\n", "\r\n"])
    path.write_text(ending.join(lines) + rng.choice(["", ending]), newline="")


def check(path, read):
    try:
        x, y = load_svmlight_file(str(path), dtype="f8")
    except ValueError as error:
        assert read.kind == "refused", (path.read_text(), error)
        return 0
    assert read.kind == "samples", (path.read_text(), read.message)
    want = x.toarray().astype("f4")
    assert numpy.array_equal(read.x, want), (path.read_text(), read.x, want)
    if read.labels is not None:
        assert [float(label) for label in read.labels] == y.tolist(), (read.labels, y)
    else:
        assert numpy.array_equal(read.targets[:, 0], y.astype("f4")), (read.targets, y)
    return want.size


def main(program, seed=0):
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / ("%d.svm" % i) for i in range(FILES)]
        for path in paths:
            write(rng, path)
        reads = list(dumps(program, *paths))
        assert len(reads) == FILES
        sizes = [check(path, read) for path, read in zip(paths, reads)]
    assert 0 < sizes.count(0) < FILES // 2
    print("%d files, %d of them refused, %d values: equal" % (FILES, sizes.count(0), sum(sizes)))


if __name__ == "__main__":
    main(*sys.argv[1:])
