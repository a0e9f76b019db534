"""The article's training in JAX on the CPU, float32: a whole epoch is one compiled scan."""
import jax
import jax.numpy as jnp
import numpy as np

from common import ARTICLE_L2, ARTICLE_RATE, CLASSES, article_error, arguments, read_data, tell, time_epochs

folder, network = arguments()
x, y, weights = read_data(folder)
xs = jnp.array(x.reshape(-1, network["batch"], x.shape[1]))
ys = jax.nn.one_hot(jnp.array(y), CLASSES).reshape(len(xs), -1, CLASSES)
weights = tuple(jnp.array(w) for w in weights)


def step(weights, batch):
    (w1, w2), (xb, yb) = weights, batch
    a = jax.nn.sigmoid(xb @ w1.T)
    d2 = jax.nn.sigmoid(a @ w2.T) - yb
    d1 = (d2 @ w2) * a * (1 - a)
    return (w1 - ARTICLE_RATE * (d1.T @ xb + ARTICLE_L2 * w1), w2 - ARTICLE_RATE * (d2.T @ a + ARTICLE_L2 * w2)), None


@jax.jit
def scan(weights, xs, ys):
    return jax.lax.scan(step, weights, (xs, ys))[0]


def epoch():
    global weights
    weights = jax.block_until_ready(scan(weights, xs, ys))


seconds = time_epochs(epoch, network["epochs"])
tell(seconds, article_error(x, y, *(np.asarray(w) for w in weights)), f"JAX {jax.__version__}")
