"""The article's training in PyTorch on the CPU, float32: by autograd, or with `manual` by its formulas."""
import sys

import torch

from common import ARTICLE_L2, ARTICLE_RATE, CLASSES, article_error, arguments, read_data, tell, time_epochs

folder, network = arguments()
x, y, weights = read_data(folder)
targets = torch.nn.functional.one_hot(torch.from_numpy(y), CLASSES).float()
batches = list(zip(torch.from_numpy(x).split(network["batch"]), targets.split(network["batch"])))
w1, w2 = (torch.from_numpy(w) for w in weights)


def autograd():
    model = torch.nn.Sequential(torch.nn.Linear(w1.shape[1], w1.shape[0], bias=False), torch.nn.Sigmoid(),
                                torch.nn.Linear(w2.shape[1], w2.shape[0], bias=False))
    model[0].weight.data, model[2].weight.data = w1, w2  # trained in place
    optimizer = torch.optim.SGD(model.parameters(), lr=ARTICLE_RATE, weight_decay=ARTICLE_L2)
    loss = torch.nn.BCEWithLogitsLoss(reduction="sum")

    def epoch():
        for xb, yb in batches:
            optimizer.zero_grad(set_to_none=True)
            loss(model(xb), yb).backward()
            optimizer.step()
    return epoch


def manual():
    @torch.no_grad()
    def epoch():
        for xb, yb in batches:
            a = torch.sigmoid(xb @ w1.T)
            d2 = torch.sigmoid(a @ w2.T) - yb
            d1 = (d2 @ w2) * a * (1 - a)
            w1.sub_(ARTICLE_RATE * (d1.T @ xb + ARTICLE_L2 * w1))
            w2.sub_(ARTICLE_RATE * (d2.T @ a + ARTICLE_L2 * w2))
    return epoch


seconds = time_epochs(manual() if sys.argv[3:] == ["manual"] else autograd(), network["epochs"])
tell(seconds, article_error(x, y, w1.numpy(), w2.numpy()), f"PyTorch {torch.__version__}")
