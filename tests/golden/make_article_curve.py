#!/usr/bin/env python3
"""Writes article_curve.json: the epoch errors of the article's run in float64 with NumPy.

All 60000 training images of Fashion-MNIST, standardised (population standard deviation, 1 for a constant pixel),
weights of RandomState(42), five epochs. It shares nothing with Weft but the files of the data set.
Run: /usr/bin/python3 make_article_curve.py FOLDER > article_curve.json
FOLDER holds train-images-idx3-ubyte and train-labels-idx1-ubyte, with or without .gz.
"""
import gzip
import json
import os
import sys

import numpy as np

H, C, BATCHES, EPOCHS = 50, 10, 25, 5
L1, L2, RATE = 0.0, 0.5, 0.001


def read_idx(name, header):
    path = os.path.join(sys.argv[1], name)
    content = gzip.open(path + ".gz").read() if os.path.exists(path + ".gz") else open(path, "rb").read()
    return np.frombuffer(content, dtype=np.uint8, offset=header)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


X = read_idx("train-images-idx3-ubyte", 16).reshape(60000, 784).astype(np.float64)
labels = read_idx("train-labels-idx1-ubyte", 8)
std = X.std(axis=0)
std[std == 0.0] = 1.0
X = (X - X.mean(axis=0)) / std
Y = np.eye(C)[labels]

rng = np.random.RandomState(42)
w1 = rng.uniform(-1.0, 1.0, size=(H, X.shape[1]))
w2 = rng.uniform(-1.0, 1.0, size=(C, H))
curve = []
for epoch in range(EPOCHS):
    errors = []
    for index in np.array_split(np.arange(len(X)), BATCHES):
        Xb, Yb = X[index], Y[index]
        act_hidden = sigmoid(w1 @ Xb.T)
        act_out = sigmoid(w2 @ act_hidden)
        delta_out = act_out - Yb.T
        delta_hidden = (w2.T @ delta_out) * act_hidden * (1.0 - act_hidden)
        grad1 = delta_hidden @ Xb + (L1 + L2) * w1
        grad2 = delta_out @ act_hidden.T + (L1 + L2) * w2
        per_class = -np.sum(np.log(act_out) * Yb.T, axis=1)
        penalty = 0.5 * L1 * (np.abs(w1).sum() + np.abs(w2).sum()) + 0.5 * L2 * ((w1**2).sum() + (w2**2).sum())
        errors.append(0.5 * np.mean(per_class + penalty))
        w1 = w1 - RATE * grad1
        w2 = w2 - RATE * grad2
    curve.append(float(np.mean(errors)))
print(json.dumps({"data": "fashion-mnist", "numpy_seed": 42, "epoch_error": curve}, indent=1))
