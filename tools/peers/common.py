"""What every side shares: the networks, their data and first weights, and the line that a side prints.

A side is a program `SIDE FOLDER NETWORK`. It reads x.idx, y.idx and weights.safetensors from the folder, trains one
epoch that is not timed and `epochs` that are, and prints one JSON object: the seconds of each timed epoch, the error
of the final weights over all samples, and the versions of what it used.
"""
import json
import os
import sys
import time

import numpy as np

FEATURES, CLASSES = 784, 10
LEARNING_RATE, WEIGHT_DECAY, SMOOTHING = 1e-3, 0.01, 0.05  # of all networks but the article's
ARTICLE_RATE, ARTICLE_L2 = 1e-4, 0.5

# tolerance: how far the error of a side may lie from the median of all, relative to it. The others than `article` train
# in a random order, which each side draws for itself: seeds alone made errors of `deep` from 0.264 to 0.325.
NETWORKS = {
    "article": dict(samples=60000, hidden=[50], batch=2400, dropout=0.0, norm=False, epochs=7, tolerance=0.01),
    "default": dict(samples=30720, hidden=[256, 128], batch=256, dropout=0.2, norm=False, epochs=3, tolerance=0.25),
    "wide": dict(samples=20480, hidden=[1024, 1024], batch=1024, dropout=0.0, norm=False, epochs=3, tolerance=0.25),
    "deep": dict(samples=30720, hidden=[256] * 6, batch=1024, dropout=0.0, norm=False, epochs=3, tolerance=0.25),
    "norm": dict(samples=8192, hidden=[1024] * 3, batch=128, dropout=0.2, norm=True, epochs=3, tolerance=0.25),
}


def make_data(folder, name):
    """Samples, classes that a linear teacher gives them, and weights to begin with."""
    rng = np.random.default_rng(0)
    network, article = NETWORKS[name], name == "article"
    shape = (network["samples"], FEATURES)
    x = rng.uniform(-1, 1, shape).astype("f4") if article else rng.standard_normal(shape, dtype="f4")
    y = (x @ rng.standard_normal((FEATURES, CLASSES), dtype="f4")).argmax(1)
    write_idx(os.path.join(folder, "x.idx"), x, 13, ">f4")
    write_idx(os.path.join(folder, "y.idx"), y, 8, "u1")
    widths = [FEATURES, *network["hidden"], CLASSES]
    weights = [rng.uniform(-1, 1, (o, i)) if article else rng.standard_normal((o, i)) * (2 / i) ** 0.5
               for i, o in zip(widths, widths[1:])]
    write_weights(os.path.join(folder, "weights.safetensors"), weights)


def write_idx(path, values, code, dtype):
    with open(path, "wb") as file:
        file.write(bytes([0, 0, code, values.ndim]) + np.array(values.shape, ">u4").tobytes())
        values.astype(dtype).tofile(file)


def write_weights(path, weights):
    header, end = {}, 0
    for layer, w in enumerate(weights):
        header[f"layers.{layer}.weight"] = {"dtype": "F32", "shape": w.shape, "data_offsets": [end, end + 4 * w.size]}
        end += 4 * w.size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(w.astype("<f4").tobytes() for w in weights))


def read_data(folder):
    """x [N][784] float32, y [N], and the weights [O][I] of each layer."""
    x = np.fromfile(os.path.join(folder, "x.idx"), ">f4", offset=12).astype("f4").reshape(-1, FEATURES)
    y = np.fromfile(os.path.join(folder, "y.idx"), "u1", offset=8).astype("i8")
    with open(os.path.join(folder, "weights.safetensors"), "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        weights = [np.frombuffer(file.read(4 * int(np.prod(entry["shape"]))), "<f4").reshape(entry["shape"]).copy()
                   for entry in header.values()]
    return x, y, weights


def article_error(x, y, w1, w2, b1=0.0, b2=0.0):
    """The error that Weft tells of preset article: of all samples as one batch of the mean size."""
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    p = sigmoid(sigmoid(x @ w1.T + b1) @ w2.T + b2)
    loss = -np.log(p[np.arange(len(y)), y]).sum() * NETWORKS["article"]["batch"] / len(y)
    return float(0.5 * (loss / CLASSES + 0.5 * ARTICLE_L2 * ((w1**2).sum() + (w2**2).sum())))


def time_epochs(epoch, count):
    """Seconds of `count` epochs, after one that is not timed."""
    epoch()
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        epoch()
        seconds.append(time.perf_counter() - start)
    return seconds


def arguments():
    """The folder and the network."""
    return sys.argv[1], NETWORKS[sys.argv[2]]


def tell(seconds, error, version):
    print(json.dumps({"seconds": seconds, "error": float(error), "version": version}))
