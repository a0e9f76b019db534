"""The larger networks in PyTorch on the CPU, float32."""
import torch

from common import CLASSES, FEATURES, LEARNING_RATE, SMOOTHING, WEIGHT_DECAY, arguments, read_data, tell, time_epochs

folder, network = arguments()
torch.manual_seed(0)
x, y, weights = read_data(folder)
x, y = torch.from_numpy(x), torch.from_numpy(y)


def linear(weight, bias):
    layer = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=bias)
    layer.weight.data = torch.from_numpy(weight)
    if bias:
        torch.nn.init.zeros_(layer.bias)
    return layer


layers = []
for weight in weights[:-1]:
    layers.append(linear(weight, not network["norm"]))
    layers += [torch.nn.BatchNorm1d(len(weight))] if network["norm"] else []
    layers.append(torch.nn.ReLU())
    layers += [torch.nn.Dropout(network["dropout"])] if network["dropout"] else []
model = torch.nn.Sequential(*layers, linear(weights[-1], True))
decayed = [p for p in model.parameters() if p.ndim == 2]  # Weft's weight decay is of weights alone
others = [p for p in model.parameters() if p.ndim != 2]
optimizer = torch.optim.AdamW([{"params": decayed}, {"params": others, "weight_decay": 0.0}], lr=LEARNING_RATE,
                              weight_decay=WEIGHT_DECAY, fused=True)
loss = torch.nn.CrossEntropyLoss(label_smoothing=SMOOTHING)


def epoch():
    for rows in torch.randperm(len(x)).split(network["batch"]):
        optimizer.zero_grad(set_to_none=True)
        loss(model(x[rows]), y[rows]).backward()
        optimizer.step()


seconds = time_epochs(epoch, network["epochs"])
model.eval()
with torch.no_grad():
    error = torch.nn.functional.cross_entropy(model(x), y)
tell(seconds, error, f"PyTorch {torch.__version__}")
