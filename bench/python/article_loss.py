"""Answers request.json of a folder: the survey's listing in PyTorch, value and gradient, in double and in single precision."""

import json
import math
import pathlib
import sys

import torch
from torch import nn

torch.set_num_threads(1)


class MedicalContrastiveLoss(nn.Module):
    """The listing, line by line."""

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


def finite(value):
    return value if math.isfinite(value) else None


def answer(case, dtype):
    features = torch.tensor(case["features"], dtype=torch.float32).to(dtype).reshape(case["shape"]).requires_grad_()
    loss = MedicalContrastiveLoss(case["temperature"])(features)
    (gradient,) = torch.autograd.grad(loss, features)
    return {"value": finite(loss.item()), "gradient": [finite(value) for value in gradient.flatten().tolist()]}


folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())
answers = [answer(case, torch.float64) | {"single": answer(case, torch.float32)} for case in request["cases"]]
(folder / "answers.json").write_text(json.dumps(answers))
