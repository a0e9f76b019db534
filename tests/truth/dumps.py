"""What data_dump prints, as Python values."""

import subprocess
from types import SimpleNamespace

import numpy


def floats(lines, count):
    return numpy.array([float.fromhex(next(lines)) for _ in range(count)])


def table(lines, rows, columns):
    """(name, values) of each column; values as they were printed."""
    read = []
    for _ in range(columns):
        name = bytes.fromhex(next(lines).split(" ")[1]).decode()
        read.append((name, [next(lines) for _ in range(rows)]))
    return SimpleNamespace(kind="table", columns=read)


def samples(lines, n, d, height, width, channels, classes):
    assert next(lines) == "x"
    read = SimpleNamespace(kind="samples", x=floats(lines, n * d).reshape(n, d), labels=None, targets=None,
                           image=(height, width, channels))
    word = next(lines)
    if word == "labels":
        read.labels = [bytes.fromhex(next(lines)).decode() for _ in range(n)]
    elif word == "targets":
        read.targets = floats(lines, n * classes).reshape(n, classes)
    return read


def dumps(program, *arguments):
    """Yields what the program makes of each file or folder."""
    result = subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True)
    lines = iter(result.stdout.split("\n"))
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "refused":
            yield SimpleNamespace(kind="refused", message=rest)
        elif word:
            yield {"table": table, "samples": samples}[word](lines, *map(int, rest.split()))


def number(text):
    """The number that a value of a table stands for."""
    return float("nan") if text == "-" else float.fromhex(text[1:])
