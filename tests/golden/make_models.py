#!/usr/bin/env python3
"""Makes models/: the data, the models that a program trains on them, and their predictions in float64.

    make_models.py data                  the IDX files and foreign.safetensors
    make_models.py models PROGRAM [NAME...]   the models of models.json, by the program that is to write them
    make_models.py predictions [NAME...]      NAME.csv for each: what NumPy computes from the file

A line of NAME.csv has the outputs for one sample, then the largest difference that float32 explains.
NumPy reads the files by itself; no code of Weft takes part in the predictions.
"""
import json
import os
import signal
import subprocess
import sys
import time
from math import erfc

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")
U = 2.0**-24  # the largest relative error of one rounding to float32


# ---- data

IDX_TYPES = {"u1": 8, "f4": 13}
TENSOR_TYPES = {"F32": "<f4", "F64": "<f8"}


def write_idx(name, array, kind):
    header = bytes([0, 0, IDX_TYPES[kind], array.ndim]) + np.array(array.shape, ">u4").tobytes()
    with open(name, "wb") as file:
        file.write(header + array.astype(">" + kind).tobytes())


def read_idx(name):
    with open(name, "rb") as file:
        data = file.read()
    dimensions = data[3]
    shape = np.frombuffer(data, ">u4", dimensions, 4)
    kind = {number: kind for kind, number in IDX_TYPES.items()}[data[2]]
    return np.frombuffer(data, ">" + kind, offset=4 + 4 * dimensions).astype("f8").reshape(shape)


def write_safetensors(name, tensors, metadata):
    header, data = {}, b""
    for key, (dtype, shape, values) in tensors.items():
        header[key] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    if metadata:
        header["__metadata__"] = metadata
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(name, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def read_safetensors(name):
    """Tensors as (dtype, shape, bytes), metadata."""
    with open(name, "rb") as file:
        data = file.read()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for key, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, last = entry["data_offsets"]
        tensors[key] = (entry["dtype"], entry["shape"], data[end + first:end + last])
    return tensors, metadata


def make_data():
    rng = np.random.RandomState(11)
    spread, middle = np.array([1, 3, 0.1, 1, 2, 0]), np.array([0, -5, 0.25, 3, 4, 2])
    classes = np.arange(24) % 3
    x = rng.standard_normal((24, 6)) + 2 * np.eye(6)[classes]  # the last feature is constant
    write_idx("features.idx", (x * spread + middle).round(4), "f4")
    write_idx("classes.idx", classes, "u1")
    write_idx("two.idx", (x[:, 0] > x[:, 1]).astype(int), "u1")
    write_idx("labels.idx", (x[:, :3] + x[:, 3:4] > 0.5).astype(int), "u1")
    write_idx("numbers.idx", np.c_[x[:, 0] - x[:, 1] * x[:, 2], 10 + 3 * x[:, 3]].round(3), "f4")
    os.makedirs("fashion-mnist", exist_ok=True)
    for part, count in (("train", 40), ("t10k", 20)):
        labels = np.arange(count) % 10
        images = rng.randint(0, 100, (count, 2, 3)) + 15 * (labels[:, None, None] * (1 + np.arange(6).reshape(2, 3)) % 10)
        write_idx(f"fashion-mnist/{part}-images-idx3-ubyte", images, "u1")
        write_idx(f"fashion-mnist/{part}-labels-idx1-ubyte", labels, "u1")
    weights = {"layers.0.weight": (5, 6), "layers.1.weight": (3, 5)}  # no biases: they are 0
    write_safetensors("foreign.safetensors", {key: ("F64", shape, rng.standard_normal(shape).astype("<f8").tobytes())
                                              for key, shape in weights.items()}, {})


# ---- models

def train(program, model):
    name = model["name"] + ".safetensors"
    if "from" in model:
        tensors, metadata = read_safetensors(model["from"] + ".safetensors")
        write_safetensors(name, tensors, {key: text for key, text in metadata.items() if key not in model["without"]})
        return
    data = ["--data", model["data"]] if "data" in model else ["--images", model["images"], "--labels", model["labels"]]
    run = subprocess.Popen([program, "train", "-q", *data, *model["options"].split(), "-o", name],
                           env={**os.environ, "WEFT_DATA": "."}, stdout=subprocess.DEVNULL)
    if "interrupt" in model:
        time.sleep(model["interrupt"])
        run.send_signal(signal.SIGINT)
    if run.wait() != (130 if "interrupt" in model else 0):
        sys.exit(f"{name}: {program} ended with {run.returncode}")


# ---- predictions: every function gives values and the bounds of their errors in float32

def activation(name, z):
    sigmoid = 1 / (1 + np.exp(-z))
    return {
        "identity": z, "sigmoid": sigmoid, "tanh": np.tanh(z), "relu": np.maximum(z, 0),
        "leaky_relu": np.where(z > 0, z, 0.01 * z), "elu": np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        "gelu": z * np.vectorize(lambda v: 0.5 * erfc(-v * 0.5**0.5))(z), "silu": z * sigmoid,
        "softplus": np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0),
    }[name]


def activated(name, z, error):
    """An error of z moves a this far; 16 units in the last place, twice U, are what OpenCL allows erfc."""
    a = activation(name, z)
    moved = np.maximum(np.abs(activation(name, z + error) - a), np.abs(activation(name, z - error) - a))
    return a, moved + 36 * U * np.abs(a)


def dense(layer, a, error):
    """z = a w' + b: sums of n + 1 terms."""
    w = layer["weight"]
    b = layer.get("bias", np.zeros(len(w)))
    z = a @ w.T + b
    z_error = error @ np.abs(w).T + (w.shape[1] + 1) * U * (np.abs(a) @ np.abs(w).T + np.abs(b))
    if "norm.weight" not in layer:
        return z, z_error
    mean, rstd = layer["norm.running_mean"], 1 / np.sqrt(layer["norm.running_var"] + 1e-5)
    scale, shift = layer["norm.weight"], layer["norm.bias"]
    normed = scale * (z - mean) * rstd + shift
    return normed, np.abs(scale) * rstd * (z_error + 12 * U * (np.abs(z) + np.abs(mean))) + 4 * U * np.abs(shift)


def softmax(z, error):
    """dp_i = p_i (dz_i - sum_j p_j dz_j); z is rounded once more when its maximum is taken off."""
    shifted = z - z.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    p /= p.sum(axis=1, keepdims=True)
    worst = (error + U * np.abs(shifted)).max(axis=1, keepdims=True)
    return p, p * (2 * worst + (12 + z.shape[1]) * U)


def headed(metadata, z, error):
    """The numbers that predictions show: outputs of regress, else probabilities."""
    if metadata.get("task") == "regress":
        return z, error
    if metadata["head"] == "softmax":
        return softmax(z, error)
    if metadata["head"] == "identity":
        p = np.clip(z, 0, 1)
    else:
        p = activation("sigmoid", z)
        error = 0.25 * error + 12 * U * p
    if metadata["probability"] == "softmax_of_head":
        return softmax(p, error)
    if metadata["single_output"] == "true":
        return np.c_[1 - p, p], np.c_[error + U, error]
    return p, error


def member_predicts(tensors, metadata, x, error):
    hidden = [] if metadata["hidden"] == "none" else metadata["hidden"].split(",")
    names = metadata["activation"].split(",")
    names = names * len(hidden) if len(names) == 1 else names
    for layer in range(len(hidden) + 1):
        prefix = f"layers.{layer}."
        part = {key[len(prefix):]: value for key, value in tensors.items() if key.startswith(prefix)}
        x, error = dense(part, x, error)
        if layer < len(hidden):
            x, error = activated(names[layer], x, error)
    return headed(metadata, x, error)


def in_units(tensors, metadata, z, error):
    """Outputs in the units of the targets: z std + mean, in double precision, then rounded."""
    if metadata.get("target_scale", "none") == "none":
        return z, error
    y = z * tensors["target.std"] + tensors["target.mean"]
    return y, error * tensors["target.std"] + U * np.abs(y)


def predict(model):
    raw, metadata = read_safetensors(model["name"] + ".safetensors")
    metadata = model.get("metadata", metadata)
    tensors = {key: np.frombuffer(values, TENSOR_TYPES[dtype]).astype("f4").astype("f8").reshape(shape)
               for key, (dtype, shape, values) in raw.items()}
    x = read_idx(model["images"])
    x = x.reshape(len(x), -1)
    error = np.zeros_like(x)
    if metadata["scale"] != "none":
        x = (x - tensors["scale.mean"]) / tensors["scale.std"]
        error = 4 * U * np.abs(x)
    members = int(metadata.get("members", "1"))
    parts = [in_units(tensors, metadata, *member_predicts({key.removeprefix(f"members.{m}."): value for key, value in tensors.items()
                              if key.startswith("members.") == (m > 0) and (m == 0 or key.startswith(f"members.{m}."))},
                             metadata, x, error)) for m in range(members)]
    values = np.mean([value for value, _ in parts], axis=0)
    error = np.mean([bound for _, bound in parts], axis=0) + (members + 1) * U * np.abs(values)
    with open(model["name"] + ".csv", "w") as file:
        for row, bound in zip(values, error):  # twice: the bounds above are of the first order
            file.write(",".join(f"{number:.17g}" for number in row) + f",{2 * bound.max():.2g}\n")


def main():
    os.chdir(FOLDER)
    with open("models.json") as file:
        table = json.load(file)
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "data":
        return make_data()
    program = os.path.abspath(rest.pop(0)) if what == "models" else None
    for model in table["models"] + ([] if program else [table["foreign"]]):
        if not rest or model["name"] in rest:
            train(program, model) if program else predict(model)


if __name__ == "__main__":
    main()
