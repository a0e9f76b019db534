"""Compares the NPY and NPZ files that NumPy writes with what Weft reads: arrays_numpy.py DATA_DUMP [SEED]

Every type of number, in both byte orders and both memory orders, in 1 to 4 dimensions, with values from
the whole range of the type."""

import gzip
import pathlib
import sys
import tempfile

import numpy

from dumps import dumps, number

TYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
SHAPES = [(7,), (5, 3), (4, 3, 2), (3, 2, 2, 3), (2, 3, 4, 7)]


def values(rng, kind, shape):
    """Random numbers of a type; floating-point numbers may be NaN in two dimensions."""
    size = int(numpy.prod(shape))
    type = numpy.dtype(kind)
    if kind == "?":
        return rng.integers(0, 2, shape).astype(bool)
    if type.kind in "iu":
        limits = numpy.iinfo(type)
        array = rng.integers(limits.min, limits.max, size, dtype=type, endpoint=True)
        array[rng.integers(size)] = (limits.min, limits.max)[rng.integers(2)]
        return array.reshape(shape)
    exponents = rng.uniform(-7, 4, size) if kind == "f2" else rng.uniform(-44, 38, size)
    array = (rng.choice([-1, 1], size) * 10 ** exponents).astype(type)
    array[rng.integers(size)] = rng.choice([0.0, -0.0, numpy.finfo(type).smallest_subnormal if kind != "f8" else 1e-40])
    if len(shape) == 2 and rng.random() < 0.5:
        array[rng.integers(size)] = numpy.nan
    return array.reshape(shape)


def arrays(rng):
    """Yields (x, y): samples, and labels or targets for them, or None."""
    for kind in TYPES:
        for sign in "<>":
            for order in "CF":
                for shape in SHAPES:
                    type = kind if kind in ("?", "i1", "u1") else sign + kind
                    x = numpy.array(values(rng, kind, shape), dtype=type, order=order)
                    y = [None, values(rng, rng.choice(["i1", "i4", "u4", "u1"]), shape[:1]),
                         values(rng, "f4", shape[:1]), values(rng, "f8", (shape[0], 2))][rng.integers(4)]
                    yield x, None if y is None else numpy.nan_to_num(y)


def write(rng, folder, i, x, y):
    """Writes the arrays in one of the ways in which people do."""
    if y is not None:
        path = folder / ("%d.npz" % i)
        rng.choice([numpy.savez, numpy.savez_compressed])(path, x=x, y=y)
        return path
    path = folder / ("%d.npy" % i)
    with (gzip.open if rng.random() < 0.3 else open)(path, "wb") as file:
        numpy.lib.format.write_array(file, x, version=(int(rng.integers(1, 4)), 0))
    return path


def same(got, want):
    return got.shape == want.shape and numpy.array_equal(got, want, equal_nan=True)


def exact(array):
    """Whether float32 holds every number, and none is missing."""
    with numpy.errstate(over="ignore"):
        return numpy.array_equal(array.astype("f4").astype("f8"), array)


def check_table(read, x, y):
    columns = numpy.array([[number(v) for v in column] for _, column in read.columns[:x.shape[1]]]).T
    assert same(columns, x), (columns, x)
    rest = [column for _, column in read.columns[x.shape[1]:]]
    if y is None:
        assert not rest
    elif y.dtype.kind in "iu":
        assert [bytes.fromhex(v[1:]).decode() for v in rest[0]] == [str(v) for v in y], (rest, y)
    else:
        assert same(numpy.array([[number(v) for v in column] for column in rest]).T, y.reshape(len(y), -1)), (rest, y)


def check_samples(read, shape, x, y):
    assert same(read.x, x.astype("f4").astype("f8")), (read.x, x)
    image = shape[1:] + (1,) * (4 - len(shape)) if len(shape) > 2 and shape[3:] <= (4,) else (0, 0, 0)
    assert read.image == image, (read.image, shape)
    if y is None:
        assert read.labels is None and read.targets is None
    elif y.dtype.kind in "iu":
        assert read.labels == [str(v) for v in y], (read.labels, y)
    else:
        assert same(read.targets, y.reshape(len(y), -1).astype("f4").astype("f8")), (read.targets, y)


def check(read, array, y):
    x = array.astype("f8").reshape(len(array), -1)
    assert read.kind == ("samples" if array.ndim > 2 or exact(x) else "table"), (read, array.dtype)
    if read.kind == "table":
        check_table(read, x, y)
    else:
        check_samples(read, array.shape, x, y)


def main(program, seed=0):
    rng = numpy.random.default_rng(int(seed))
    pairs = list(arrays(rng))
    with tempfile.TemporaryDirectory() as folder:
        paths = [write(rng, pathlib.Path(folder), i, x, y) for i, (x, y) in enumerate(pairs)]
        reads = list(dumps(program, *paths))
    assert len(reads) == len(pairs)
    for path, read, (x, y) in zip(paths, reads, pairs):
        assert read.kind != "refused", read.message
        check(read, x, y)
    print("%d files, %d values: equal" % (len(pairs), sum(x.size for x, _ in pairs)))


if __name__ == "__main__":
    main(*sys.argv[1:])
