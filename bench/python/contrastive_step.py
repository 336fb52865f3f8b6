"""Answers request.json of a folder: CPU seconds of SimCLR steps in PyTorch, on the network of film-encoder.ts."""

import json
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)


class Residual(nn.Module):
    def __init__(self, inside, outside, stride):
        super().__init__()
        self.first = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.GroupNorm(8, outside) for _ in range(2)])
        self.shortcut = None
        if stride != 1 or inside != outside:
            self.shortcut = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.GroupNorm(8, outside))

    def forward(self, x):
        y = self.norms[1](self.second(functional.relu(self.norms[0](self.first(x)))))
        return functional.relu(y + (x if self.shortcut is None else self.shortcut(x)))


def network():
    encoder = [nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.GroupNorm(8, 16), nn.ReLU(), Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2),
               nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*encoder, nn.Linear(64, 128), nn.LayerNorm(128), nn.ReLU(), nn.Linear(128, 64))


folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())
batch, size = request["batch"], request["size"]
torch.manual_seed(0)
model = network()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=1e-4)
views = torch.randn(2 * batch, 1, size, size)
targets = torch.cat([torch.arange(batch) + batch, torch.arange(batch)])
own = torch.eye(2 * batch, dtype=torch.bool)


def step():
    optimizer.zero_grad()
    features = functional.normalize(model(views), dim=1)
    loss = functional.cross_entropy((features @ features.T / 0.2).masked_fill(own, -1e9), targets)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()


for _ in range(2):
    step()
began = time.process_time()
for _ in range(request["steps"]):
    step()
seconds = time.process_time() - began
(folder / "answers.json").write_text(json.dumps({"seconds": seconds, "parameters": sum(p.numel() for p in model.parameters())}))
