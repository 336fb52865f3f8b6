"""Writes golden/contrastive/*.json: values and gradients of contrastive losses in float64, the listing's as its code stands."""

import golden
import numpy
import torch
from golden_weights import noise
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)


class MedicalContrastiveLoss(nn.Module):
    """The listing of the survey, line by line."""

    def __init__(self, temperature=0.5):
        super().__init__()
        self.temperature = temperature

    def forward(self, features):
        sim_matrix = torch.exp(torch.mm(features, features.T) / self.temperature)
        mask = ~torch.eye(features.size(0), dtype=torch.bool, device=features.device)
        numerator = torch.diag(sim_matrix)
        denominator = sim_matrix.sum(dim=1) - numerator
        loss = -torch.log(numerator / denominator).mean()
        return loss


def nt_xent(first, second, temperature=0.5):
    both = functional.normalize(torch.cat([first, second]), dim=1)
    logits = (both @ both.T / temperature).masked_fill(torch.eye(len(both), dtype=torch.bool), -torch.inf)
    half = len(first)
    return functional.cross_entropy(logits, torch.cat([torch.arange(half) + half, torch.arange(half)]))


def moco(first, second, temperature=0.2):
    logits = functional.normalize(first, dim=1) @ functional.normalize(second, dim=1).T / temperature
    return functional.cross_entropy(logits, torch.arange(len(first))) * 2 * temperature


def byol(first, second):
    return (2 - 2 * functional.cosine_similarity(first, second, dim=1)).mean()


def dino(first, second, studentTemperature=0.1, teacherTemperature=0.04):
    centre = torch.from_numpy(noise("centre", [1, first.shape[1]])).double()
    wanted = functional.softmax((second - centre) / teacherTemperature, dim=1)
    return -(wanted * functional.log_softmax(first / studentTemperature, dim=1)).sum(dim=1).mean()


def case(name, loss, shape, count=2, unit=False, **options):
    inputs = [torch.from_numpy(noise(part, shape)).double() for part in ("first", "second")[:count]]
    if unit:
        inputs = [functional.normalize(x, dim=1) for x in inputs]
    inputs = [x.float().double().requires_grad_() for x in inputs]
    value = loss(*inputs)
    gradients = torch.autograd.grad(value, inputs, allow_unused=True)
    expected = {"value": value.detach().reshape(1).numpy().astype(numpy.float32)}
    for i, gradient in enumerate(gradients):
        expected[f"gradient{i}"] = gradient.numpy().astype(numpy.float32)
    given = {f"input{i}": x.detach().numpy().astype(numpy.float32) for i, x in enumerate(inputs)}
    return golden.case(name, given, expected, options=options)


def write(file, parity, *cases, tolerance=2e-6):
    golden.write(f"contrastive/{file}", parity, list(cases), [torch, numpy], tolerance=tolerance)


write("article-loss", "MedicalContrastiveLoss of the survey",
      *(case(f"temperature {t}{' of unit features' if unit else ''}", MedicalContrastiveLoss(t), shape, 1, unit, temperature=t)
        for t, shape, unit in [(0.5, (8, 16), True), (0.3, (8, 16), True), (0.5, (6, 4), False), (1.0, (2, 3), False), (0.4, (32, 24), True)]),
      # The listing takes a large numerator off a sum that holds it: single precision loses digits there at low temperatures.
      tolerance=1e-5)
write("nt-xent", "NT-Xent",
      *(case(f"temperature {t}", lambda a, b, t=t: nt_xent(a, b, t), shape, temperature=t) for t, shape in [(0.5, (8, 16)), (0.1, (5, 7)), (0.2, (16, 8))]))
write("moco-loss", "MoCo v3", *(case(f"temperature {t}", lambda a, b, t=t: moco(a, b, t), (8, 12), temperature=t) for t in (0.2, 1.0)))
write("byol-loss", "BYOL", case("of one direction", byol, (8, 12)))
write("dino-loss", "DINO", case("centred and sharpened", dino, (8, 12)))
