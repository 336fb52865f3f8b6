"""Writes golden/autodiff/second-order.json: gradients of gradients by PyTorch's double backward, in float64.

Inputs are noise("input") and noise("query"), parameters golden weights. Kinds of case:
hessian         product of the Hessian of the loss by the parameters and noise("direction.<name>")
penalty         gradient by the parameters of mean((|gradient by each sample| - 1)^2) (Gulrajani et al. 2017)
meta            gradient by the parameters of the query's loss after two steps of gradient descent, rate 0.1 (MAML, Finn et al. 2017)
The loss is the sum of the network's output times noise("output"), and half its square.
"""

import golden
import numpy
import torch
from golden_weights import noise, weight
from torch.nn import functional as f

torch.set_num_threads(1)


def convolutional(p, x):
    y = f.leaky_relu(f.instance_norm(f.conv2d(x, p["conv1.weight"], padding=1), weight=p["norm1.weight"], bias=p["norm1.bias"]), 0.1)
    y = f.conv2d(f.max_pool2d(y, 2), p["conv2.weight"], p["conv2.bias"], stride=2, padding=1)
    y = f.silu(f.group_norm(y, 2, p["norm2.weight"], p["norm2.bias"]))
    return f.log_softmax(y.mean((2, 3)) @ p["head.weight"].T, 1)


def perceptron(p, x):
    y = f.gelu(f.layer_norm(f.linear(x, p["first.weight"], p["first.bias"]), (6,), p["norm.weight"], p["norm.bias"]))
    return f.softmax(f.linear(y, p["second.weight"], p["second.bias"]), 1)


def volumetric(p, x):
    y = torch.relu(f.batch_norm(f.conv3d(x, p["down.weight"], stride=2, padding=1), None, None, p["norm.weight"], p["norm.bias"], True))
    y = f.softplus(f.conv_transpose3d(y, p["up.weight"], stride=2))
    return f.avg_pool3d(f.interpolate(y, size=(4, 8, 6), mode="trilinear"), 2)


def attentive(p, x):
    q, k, v = (f.linear(x, p[f"{name}.weight"]).view(2, 5, 2, 3).transpose(1, 2) for name in ("query", "key", "value"))
    attended = f.softmax(q @ k.transpose(2, 3) / 3**0.5, -1) @ v  # PyTorch's own attention has no double backward on the CPU.
    return torch.tanh(attended).transpose(1, 2).reshape(2, 5, 6) * x


NETWORKS = {
    "convolutional": (convolutional, (3, 2, 8, 8), {
        "conv1.weight": (4, 2, 3, 3), "norm1.weight": (4,), "norm1.bias": (4,), "conv2.weight": (4, 4, 3, 3), "conv2.bias": (4,),
        "norm2.weight": (4,), "norm2.bias": (4,), "head.weight": (3, 4)}),
    "perceptron": (perceptron, (4, 5), {
        "first.weight": (6, 5), "first.bias": (6,), "norm.weight": (6,), "norm.bias": (6,), "second.weight": (3, 6), "second.bias": (3,)}),
    "volumetric": (volumetric, (2, 2, 4, 6, 4), {"down.weight": (8, 2, 3, 3, 3), "norm.weight": (8,), "norm.bias": (8,), "up.weight": (8, 3, 2, 2, 2)}),
    "attentive": (attentive, (2, 5, 6), {"query.weight": (6, 6), "key.weight": (6, 6), "value.weight": (6, 6)}),
}


def tensor(values):
    return torch.from_numpy(values).double()


def loss_of(network, p, x):
    y = network(p, x)
    return (y * tensor(noise("output", tuple(y.shape)))).sum() + (y * y).sum() / 2


def hessian(network, p, x):
    gradients = torch.autograd.grad(loss_of(network, p, x), list(p.values()), create_graph=True)
    slope = sum((g * tensor(noise(f"direction.{name}", tuple(g.shape)))).sum() for name, g in zip(p, gradients))
    return torch.autograd.grad(slope, list(p.values()))


def penalty(network, p, x):
    (gradient,) = torch.autograd.grad(loss_of(network, p, x.requires_grad_()), x, create_graph=True)
    norms = gradient.flatten(1).square().sum(1).sqrt()
    return torch.autograd.grad((norms - 1).square().mean(), list(p.values()), allow_unused=True)


def meta(network, p, x):
    fast = p
    for _ in range(2):
        gradients = torch.autograd.grad(loss_of(network, fast, x), list(fast.values()), create_graph=True)
        fast = {name: value - 0.1 * g for (name, value), g in zip(fast.items(), gradients)}
    query = tensor(noise("query", tuple(x.shape)))
    return torch.autograd.grad(loss_of(network, fast, query), list(p.values()))


def case(name, kind):
    network, shape, shapes = NETWORKS[name]
    p = {n: tensor(weight(n, s)).requires_grad_() for n, s in shapes.items()}
    answers = kind(network, p, tensor(noise("input", shape)))
    expected = {n: (torch.zeros(shapes[n]) if g is None else g).detach().numpy().astype(numpy.float32) for n, g in zip(p, answers)}
    return golden.case(f"{kind.__name__} of the {name} network", {}, expected, network=name, kind=kind.__name__, inputShape=list(shape),
                       shapes={n: list(s) for n, s in shapes.items()})


golden.write("autodiff/second-order", "torch.autograd.grad(create_graph=True)",
             [case(name, kind) for name in NETWORKS for kind in (hessian, penalty, meta)], [torch, numpy], tolerance=1e-4)
