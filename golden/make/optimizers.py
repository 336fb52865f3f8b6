"""Writes golden/optimizers/*.json: ten steps of PyTorch's optimizers in float64, and its gradient clipping.

The loss of a step is the sum over parameters of c (p - t)^2 + sin(p), with c = 1 + noise("scale.<name>")^2 and t = noise("target.<name>");
parameters start at golden weights. The learning rate of step i (from 0) is `learningRate` / (1 + i / 10).
"""

import golden
import numpy
import torch
from golden_weights import noise, weight
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.set_num_threads(1)
SHAPES = {"first.weight": (3, 4), "first.bias": (4,), "second.weight": (2, 3, 2)}
STEPS = 10


def tensor(values):
    return torch.from_numpy(values).double()


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.values = torch.nn.ParameterList([tensor(weight(name, shape)) for name, shape in SHAPES.items()])

    def forward(self):
        terms = zip(SHAPES, self.values)
        return sum(((1 + tensor(noise(f"scale.{n}", p.shape)) ** 2) * (p - tensor(noise(f"target.{n}", p.shape))) ** 2 + p.sin()).sum() for n, p in terms)


def trajectory(name, make, learning_rate, clip=None, ema=None, **options):
    model = Model()
    optimizer = make(model.parameters(), learning_rate)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(ema)) if ema else None
    if average:
        average.update_parameters(model)
    losses, norms, steps = [], [], []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate / (1 + step / 10)
        optimizer.zero_grad()
        loss = model()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), clip or 1e9).item())
        optimizer.step()
        if average:
            average.update_parameters(model)
        losses.append(loss.item())
        kept = average.module if average else model
        steps.append(numpy.concatenate([p.detach().numpy().ravel() for p in kept.values]))
    expected = {"loss": numpy.float32(losses), "gradientNorm": numpy.float32(norms), "parameters": numpy.float32(steps)}
    stated = {"clipNorm": clip} if clip else {}
    stated |= {"emaDecay": ema, "emaWarmUp": False} if ema else {}
    return golden.case(name, {}, expected, shapes={n: list(s) for n, s in SHAPES.items()}, learningRate=learning_rate, optimizer=options, program=stated)


def case(optimizer, name, learning_rate, program=None, **options):
    renamed = {"weightDecay": "weight_decay", "epsilon": "eps"}
    given = {renamed.get(key, key): value for key, value in options.items() if not key.startswith("beta")}
    if "beta1" in options:
        given["betas"] = (options["beta1"], options["beta2"])
    return trajectory(name, lambda parameters, lr: optimizer(parameters, lr=lr, **given), learning_rate, **(program or {}), **options)


def write(file, parity, cases):
    golden.write(f"optimizers/{file}", parity, cases, [torch, numpy], tolerance=3e-5)


SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
write("sgd", "torch.optim.SGD", [
    case(SGD, "plain", 0.1),
    case(SGD, "weight decay", 0.1, weightDecay=0.1),
    case(SGD, "momentum", 0.05, momentum=0.9),
    case(SGD, "Nesterov momentum with weight decay", 0.05, momentum=0.9, nesterov=True, weightDecay=0.01),
])
write("adam", "torch.optim.Adam", [
    case(Adam, "defaults", 0.05), case(Adam, "weight decay", 0.05, weightDecay=0.1),
    case(Adam, "other moments", 0.02, beta1=0.8, beta2=0.95, epsilon=1e-3),
])
write("adam-w", "torch.optim.AdamW", [
    case(AdamW, "defaults", 0.05), case(AdamW, "more weight decay, other moments", 0.02, weightDecay=0.2, beta1=0.7, beta2=0.9, epsilon=1e-6),
])
write("clip-gradient-norm", "torch.nn.utils.clip_grad_norm_", [
    case(SGD, "always above", 0.1, {"clip": 0.5}, momentum=0.9), case(SGD, "first above, then below", 0.1, {"clip": 4.0}),
])
write("moving-average", "torch.optim.swa_utils.AveragedModel(multi_avg_fn=get_ema_multi_avg_fn(decay))", [case(SGD, "decay 0.9", 0.1, {"ema": 0.9}, momentum=0.9)])
