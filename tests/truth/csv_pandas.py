"""Compares Weft's tables with those of pandas, on the same random files: csv_pandas.py DATA_DUMP [SEED]

Python's csv module writes the files, in every dialect. Weft finds out the delimiter; pandas is told."""

import csv
import math
import pathlib
import random
import sys
import tempfile
import warnings

import pandas

from dumps import dumps

# Older versions of pandas round exactly only if they are told so; newer ones warn about that.
warnings.filterwarnings("ignore", message=".*float_precision.*")

TABLES = 300
MISSING = ["", "NA", "NaN", "nan", "null", "NULL", "?"]
TEXTS = ["x", "Rome", "a b", " lead", "trail ", 'say "hi"', "1,5", "a;b", "p|q", "t\tt", "Zürich", "東京",
         "two\nlines", "two\r\nlines", "1 2", "0x10", "1_000", "--1", "1e", "e5", "a'b", '"', '""', "#1", "-"]


def number(rng):
    kind = rng.randrange(9)
    if kind == 0:
        return str(rng.randrange(256))
    if kind == 1:
        return str(rng.randrange(-40000, 40000))
    if kind == 2:
        return str(rng.randrange(-(10**17), 10**17))
    if kind == 3:
        return repr(rng.gauss(0, 1))
    if kind == 4:
        return repr(math.ldexp(rng.random(), rng.randrange(-1000, 1000)))
    if kind == 5:
        return "%.*f" % (rng.randrange(6), rng.uniform(-1000, 1000))
    if kind == 6:
        return "%.*e" % (rng.randrange(20), rng.gauss(0, 1))
    if kind == 7:
        return rng.choice(["inf", "-inf", "Infinity", "1.", ".5", "+3", "007", "-0", "0.0", "1E5"])
    return " " + str(rng.randrange(100))


def value(rng, kind):
    if rng.random() < 0.1:
        return rng.choice(MISSING)
    if kind == "numbers" or (kind == "both" and rng.random() < 0.9):
        return number(rng)
    return rng.choice(TEXTS)


def write_table(rng, path):
    delimiter = rng.choice(",;\t|")
    kinds = [rng.choice(["numbers", "texts", "both", "missing"]) for _ in range(rng.randrange(2, 8))]
    with open(path, "w", newline="", encoding=rng.choice(["utf-8", "utf-8-sig"])) as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=rng.choice(["\n", "\r\n"]),
                            quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        writer.writerow(["id"] + ["c%d" % c for c in range(len(kinds))])
        for row in range(rng.choice([1, 3, 30, 300])):
            writer.writerow([row] + [rng.choice(MISSING) if kind == "missing" else value(rng, kind)
                                     for kind in kinds])
    return delimiter


def expected(path, delimiter):
    options = dict(sep=delimiter, keep_default_na=False, na_values=MISSING, encoding="utf-8-sig")
    typed = pandas.read_csv(path, float_precision="round_trip", low_memory=False, **options)
    texts = pandas.read_csv(path, dtype=str, **options)
    table = []
    for name in typed.columns:
        numeric = pandas.api.types.is_numeric_dtype(typed[name])
        values = []
        for row in range(len(typed)):
            if pandas.isna(texts[name][row]):
                values.append("-")
            elif numeric:
                values.append("n" + float(typed[name][row]).hex())
            else:
                values.append("t" + texts[name][row].encode().hex())
        table.append((name, values))
    return table


def same(a, b):
    if a[:1] == "n" and b[:1] == "n":
        return float.fromhex(a[1:]) == float.fromhex(b[1:])
    return a == b


def compare(path, got, want):
    assert [name for name, _ in got] == [name for name, _ in want], path
    for (name, ours), (_, theirs) in zip(got, want):
        assert len(ours) == len(theirs), (path, name, len(ours), len(theirs))
        for row, (a, b) in enumerate(zip(ours, theirs)):
            assert same(a, b), "%s: column %s, row %d: Weft %s, pandas %s" % (path, name, row, a, b)


def main(program, seed=0):
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(pathlib.Path(folder) / ("%d.csv" % i)) for i in range(TABLES)]
        delimiters = [write_table(rng, path) for path in paths]
        tables = [dumped.columns for dumped in dumps(program, *paths)]
        assert len(tables) == TABLES
        for path, delimiter, table in zip(paths, delimiters, tables):
            compare(path, table, expected(path, delimiter))
    print("%d tables, %d values: equal" % (TABLES, sum(len(v) for t in tables for _, v in t)))


if __name__ == "__main__":
    main(*sys.argv[1:])
