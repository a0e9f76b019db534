"""The article's training by scikit-learn's MLPClassifier, float32.

Targets of several labels give it the article's loss, a sigmoid for each class. It also trains biases, which it cannot
do without: a little more work. It divides gradients by the samples of a batch, so the rate is multiplied by them.
"""
import time
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from common import ARTICLE_L2, ARTICLE_RATE, CLASSES, article_error, arguments, read_data, tell

warnings.filterwarnings("ignore")
folder, network = arguments()
x, y, weights = read_data(folder)
targets = np.eye(CLASSES, dtype=int)[y]
model = MLPClassifier(network["hidden"], activation="logistic", solver="sgd", momentum=0, nesterovs_momentum=False,
                      alpha=ARTICLE_L2, batch_size=network["batch"], learning_rate_init=ARTICLE_RATE * network["batch"],
                      shuffle=False, tol=0, n_iter_no_change=1000, max_iter=1, warm_start=True)
model.fit(x[:network["batch"]], targets[:network["batch"]])
model.coefs_ = [w.T.copy() for w in weights]
model.intercepts_ = [np.zeros_like(b) for b in model.intercepts_]
model.fit(x, targets)
model.set_params(max_iter=network["epochs"])
start = time.perf_counter()
model.fit(x, targets)
seconds = [(time.perf_counter() - start) / network["epochs"]] * network["epochs"]
tell(seconds, article_error(x, y, *(w.T for w in model.coefs_), *model.intercepts_), f"scikit-learn {sklearn.__version__}")
