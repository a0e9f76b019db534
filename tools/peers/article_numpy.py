"""The article's training in NumPy, float32."""
import numpy as np

from common import ARTICLE_L2, ARTICLE_RATE, CLASSES, article_error, arguments, read_data, tell, time_epochs

folder, network = arguments()
x, y, (w1, w2) = read_data(folder)
targets = np.eye(CLASSES, dtype="f4")[y]
batches = len(x) // network["batch"]
rate, l2 = np.float32(ARTICLE_RATE), np.float32(ARTICLE_L2)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def epoch():
    global w1, w2
    for xb, yb in zip(np.split(x, batches), np.split(targets, batches)):
        a = sigmoid(xb @ w1.T)
        d2 = sigmoid(a @ w2.T) - yb
        d1 = (d2 @ w2) * a * (1 - a)
        w1 -= rate * (d1.T @ xb + l2 * w1)
        w2 -= rate * (d2.T @ a + l2 * w2)


seconds = time_epochs(epoch, network["epochs"])
blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
tell(seconds, article_error(x, y, w1, w2), f"NumPy {np.__version__} ({blas['name']} {blas['version']})")
