"""Compares the scores of `weft evaluate` with those of scikit-learn: metrics_sklearn.py WEFT [SEED]

scikit-learn gets the predictions that `weft predict` prints, which have every digit of a float32. Features
have few values, so that many predictions tie."""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
from sklearn import metrics

ROWS, FEATURES = 300, 3


def write(path, x, targets):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["x%d" % i for i in range(FEATURES)] + ["y%d" % i for i in range(targets.shape[1])])
        writer.writerows([*row, *y] for row, y in zip(x.tolist(), targets.tolist()))


def weft(program, *arguments):
    result = subprocess.run([program, *map(str, arguments), "--device", "cpu", "-q"], check=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return result.stdout


def scores(program, folder, task, x, train, test):
    """Trains, and returns the scores of the test set and its predictions."""
    columns = ",".join("y%d" % i for i in range(train.shape[1]))
    write(folder / "train.csv", x, train)
    write(folder / "test.csv", x[::-1], test)
    data = ["--data", folder / "test.csv", "--model", folder / "model"]
    weft(program, "train", "--data", folder / "train.csv", "--target", columns, "--task", task, "--epochs", 2,
         "--hidden", 8, "-o", folder / "model")
    told = json.loads(weft(program, "evaluate", *data, "--json"))
    lines = list(csv.reader(weft(program, "predict", *data, *([] if task == "regress" else ["--proba"])).splitlines()))
    first = len(lines[0]) - len(told["classes"] or told["outputs"])
    return told, lines[0][first:], numpy.array([line[first:] for line in lines[1:]], dtype="f8")


def compare(what, told, want):
    for name, value in want.items():
        got = told["metrics"][name]["value"]
        assert got is not None and abs(got - value) <= 1e-6 * max(1, abs(value)), \
            "%s: %s: Weft %s, scikit-learn %.12g" % (what, name, got, value)


def calibration_error(p, label):
    """Guo et al. 2017: 15 bins of equal width, each with its upper edge."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == label
    bins = numpy.clip(numpy.ceil(confidence * 15), 1, 15)
    return sum(abs(right[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean()
               for b in numpy.unique(bins))


def class_scores(names, p, truth):
    """Scores of p [N][C] for the names of the classes; p of float32 need not sum to 1."""
    label = numpy.array([names.index(name) for name in truth])
    predicted, one_hot = p.argmax(axis=1), numpy.eye(len(names))[label]
    sums = p / p.sum(axis=1, keepdims=True)
    there = [c for c in range(len(names)) if 0 < one_hot[:, c].sum() < len(label)]
    binary = len(names) == 2
    columns = [1] if binary else there
    want = {
        "accuracy": metrics.accuracy_score(label, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(label, predicted),
        "log_loss": metrics.log_loss(label, sums, labels=range(len(names))),
        "brier": ((sums - one_hot) ** 2).sum(axis=1).mean() / (2 if binary else 1),
        "calibration_error": calibration_error(p, label),
        "roc_auc": numpy.mean([metrics.roc_auc_score(one_hot[:, c], p[:, c]) for c in columns]),
        "average_precision": numpy.mean([metrics.average_precision_score(one_hot[:, c], p[:, c]) for c in columns]),
        "macro_f1": metrics.f1_score(label, predicted, average="macro"),
        "weighted_f1": metrics.f1_score(label, predicted, average="weighted"),
        "matthews": metrics.matthews_corrcoef(label, predicted),
    }
    if len(names) > 5:
        want["top_5_accuracy"] = metrics.top_k_accuracy_score(label, p, k=5, labels=range(len(names)))
    return want


def label_scores(p, truth):
    return {
        "accuracy": metrics.accuracy_score(truth, p > 0.5),
        "log_loss": numpy.mean([metrics.log_loss(truth[:, c], p[:, c]) for c in range(truth.shape[1])]),
        "brier": numpy.mean((p - truth) ** 2),
        "roc_auc": metrics.roc_auc_score(truth, p, average="macro"),
        "average_precision": metrics.average_precision_score(truth, p, average="macro"),
        "macro_f1": metrics.f1_score(truth, p > 0.5, average="macro", zero_division=0),
    }


def number_scores(z, y):
    return {"r2": metrics.r2_score(y, z), "rmse": numpy.mean(numpy.sqrt(((y - z) ** 2).mean(axis=0))),
            "mae": metrics.mean_absolute_error(y, z), "median_error": metrics.median_absolute_error(y, z)}


def main(program, seed=0):
    rng = numpy.random.default_rng(int(seed))
    x = rng.integers(0, 4, (ROWS, FEATURES))
    count = 0

    def run(what, task, train, test):
        nonlocal count
        with tempfile.TemporaryDirectory() as folder:
            told, names, values = scores(program, pathlib.Path(folder), task, x, train, test)
        if task == "classify":
            want = class_scores(names, values, test[:, 0].tolist())
        else:
            want = (label_scores if task == "multilabel" else number_scores)(values, test)
        compare(what, told, want)
        count += len(want)

    for classes in (2, 3, 8):
        label = (x.sum(axis=1) + rng.integers(0, 3, ROWS)) % classes
        words = numpy.array(["class %d" % c for c in label])[:, None]
        run("%d classes" % classes, "classify", words, words[::-1])
        rare = numpy.where(rng.random((ROWS, 1)) < 0.05, words, words[:1])
        run("%d classes, some rare" % classes, "classify", words, rare)
    labels = (x[:, [0, 1, 2, 0]] + rng.integers(0, 3, (ROWS, 4)) > 3).astype(int)
    run("labels", "multilabel", labels, labels[::-1])
    for outputs in (1, 3):
        y = numpy.round(x[:, :1] * 1000 + rng.normal(0, 100, (ROWS, outputs)), 3)
        run("%d numbers" % outputs, "regress", y, y[::-1])
    print("%d scores: equal" % count)


if __name__ == "__main__":
    main(*sys.argv[1:])
