"""The larger networks in JAX on the CPU, float32: a whole epoch is one compiled scan, order and dropout included."""
import jax
import jax.numpy as jnp

from common import CLASSES, LEARNING_RATE, SMOOTHING, WEIGHT_DECAY, arguments, read_data, tell, time_epochs

folder, network = arguments()
batch, norm, dropout = network["batch"], network["norm"], network["dropout"]
x, y, weights = read_data(folder)
x, y = jnp.array(x), jnp.array(y)
targets = jax.nn.one_hot(y, CLASSES) * (1 - SMOOTHING) + SMOOTHING / CLASSES
params = [dict(w=jnp.array(w.T), b=jnp.zeros(len(w)), g=jnp.ones(len(w))) for w in weights]
running = [dict(mean=jnp.zeros(len(w)), var=jnp.ones(len(w))) for w in weights[:-1]]


def normalized(z, scale, statistics, training):
    """The batch's statistics in training, which also enter the running ones."""
    mean, var = (z.mean(0), z.var(0)) if training else (statistics["mean"], statistics["var"])
    u = (z - mean) / jnp.sqrt(var + 1e-5) * scale
    if not training:
        return u, statistics
    unbiased = var * batch / (batch - 1)
    return u, dict(mean=0.9 * statistics["mean"] + 0.1 * mean, var=0.9 * statistics["var"] + 0.1 * unbiased)


def outputs(params, running, a, key, training):
    moved = []
    for layer, statistics in zip(params[:-1], running):
        z = a @ layer["w"]
        if norm:
            z, statistics = normalized(z, layer["g"], statistics, training)
        moved.append(statistics)
        a = jax.nn.relu(z + layer["b"])
        if dropout and training:
            key, part = jax.random.split(key)
            a = jnp.where(jax.random.bernoulli(part, 1 - dropout, a.shape), a / (1 - dropout), 0)
    return a @ params[-1]["w"] + params[-1]["b"], moved


def loss(params, running, xb, yb, key):
    z, moved = outputs(params, running, xb, key, True)
    return -(jax.nn.log_softmax(z) * yb).sum(1).mean(), moved


def step(state, rows):
    params, m, v, t, running, key = state
    key, part = jax.random.split(key)
    gradients, running = jax.grad(loss, has_aux=True)(params, running, x[rows], targets[rows], part)
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)

    def update(p, m, v):
        decay = LEARNING_RATE * WEIGHT_DECAY if p.ndim == 2 else 0.0
        return p * (1 - decay) - LEARNING_RATE * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return (jax.tree.map(update, params, m, v), m, v, t, running, key), None


@jax.jit
def scan(state):
    *rest, key = state
    key, part = jax.random.split(key)
    order = jax.random.permutation(part, len(x)).reshape(-1, batch)
    return jax.lax.scan(step, (*rest, key), order)[0]


zeros = jax.tree.map(jnp.zeros_like, params)
state = (params, zeros, zeros, jnp.float32(0), running, jax.random.PRNGKey(0))


def epoch():
    global state
    state = jax.block_until_ready(scan(state))


seconds = time_epochs(epoch, network["epochs"])
z, _ = outputs(state[0], state[4], x, None, False)
tell(seconds, -jax.nn.log_softmax(z)[jnp.arange(len(y)), y].mean(), f"JAX {jax.__version__}")
