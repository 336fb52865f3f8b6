"""FedAvg of Flower: `server PORT FOLDER` or `site PORT FOLDER FILE`; FOLDER/request.json says what is trained, FOLDER/answers.json what came out.

PyTorch and what reads the files come from the folder PEERS_SITE_PACKAGES, after Flower's own packages.
"""

import json
import os
import pathlib
import sys
import time

sys.path.append(os.environ["PEERS_SITE_PACKAGES"])

import flwr  # noqa: E402
import numpy  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

torch.set_num_threads(1)


class Residual(nn.Module):
    """As in group-norm-res-net.ts."""

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
    torch.manual_seed(0)
    stem = [nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.GroupNorm(8, 16), nn.ReLU()]
    stages = [Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2)]
    return nn.Sequential(*stem, *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 2))


def values_of(model):
    return [value.detach().numpy() for value in model.parameters()]


def put(model, values):
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values):
            parameter.copy_(torch.from_numpy(numpy.array(value)))


class Site(flwr.client.NumPyClient):
    def __init__(self, file, request):
        tensors = load_file(file)
        self.images, self.labels = tensors["images"][:, None].float(), tensors["labels"].long()
        self.request, self.model = request, network()

    def fit(self, parameters, config):
        put(self.model, parameters)
        optimizer = torch.optim.SGD(self.model.parameters(), lr=self.request["learningRate"])
        for _ in range(self.request["localSteps"]):
            chosen = torch.randint(len(self.labels), (self.request["batch"],))
            mirrored = [axis for axis in (2, 3) if torch.rand(()) < 0.5]
            optimizer.zero_grad()
            scores = self.model(self.images[chosen].flip(mirrored))
            functional.cross_entropy(scores, self.labels[chosen]).backward()
            optimizer.step()
        return values_of(self.model), len(self.labels), {}


class Timed(flwr.server.strategy.FedAvg):
    began = ended = 0.0

    def configure_fit(self, server_round, parameters, client_manager):
        configured = super().configure_fit(server_round, parameters, client_manager)
        self.began = self.began or time.perf_counter()
        return configured

    def aggregate_fit(self, server_round, results, failures):
        answer = super().aggregate_fit(server_round, results, failures)
        self.ended, self.counted, self.last = time.perf_counter(), len(results), answer[0]
        return answer


def serve(port, folder, request):
    sites, model = request["sites"], network()
    first = flwr.common.ndarrays_to_parameters(values_of(model))
    strategy = Timed(fraction_evaluate=0, min_fit_clients=sites, min_available_clients=sites, initial_parameters=first)
    config = flwr.server.ServerConfig(num_rounds=request["rounds"])
    flwr.server.start_server(server_address=f"127.0.0.1:{port}", config=config, strategy=strategy)
    answers = {
        "seconds": (strategy.ended - strategy.began) / request["rounds"],
        "counted": strategy.counted,
        "values": sum(value.size for value in values_of(model)),
        "version": flwr.__version__,
    }
    (folder / "answers.json").write_text(json.dumps(answers))


role, port, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
request = json.loads((folder / "request.json").read_text())
if role == "server":
    serve(port, folder, request)
else:
    site = Site(sys.argv[4], request).to_client()
    flwr.client.start_client(server_address=f"127.0.0.1:{port}", client=site, insecure=True, max_wait_time=120)
