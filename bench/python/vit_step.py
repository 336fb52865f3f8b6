"""Answers request.json of a folder: one step of full fine-tuning in PyTorch, its loss and what it changes in every parameter."""

import json
import pathlib
import sys

import numpy
import torch
from safetensors.numpy import load_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden/make"))
from golden_weights import noise  # noqa: E402
from pretrained import Transfer  # noqa: E402

torch.set_num_threads(1)
folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())
tensors = {name: torch.from_numpy(values) for name, values in load_file(request["file"]).items()}
images = tensors.pop("input")[request["drawn"]]
labels = torch.tensor(request["labels"])[request["drawn"]]
given = request["transformer"]
model = Transfer("full", 3, images.shape[2:], patch_size=given["patchSize"], hidden_size=given["hiddenSize"], mlp_dim=given["mlpDim"],
                 depth=given["depth"], num_heads=given["numHeads"], layer_scale=given["layerScale"])
model.head = torch.nn.Linear(2 * given["hiddenSize"], 2)
model.float()
model.load_state_dict(tensors)


def layer(name):
    if name.startswith("blocks."):
        return int(name.split(".")[1]) + 1
    return 0 if name.startswith(("cls_token", "pos_embed", "patch_embed")) else given["depth"] + 1


def rate(name):
    return request["rate"] * request["decay"] ** (given["depth"] + 1 - layer(name))


parameters = dict(model.named_parameters())
before = {name: value.detach().clone() for name, value in parameters.items()}
optimizer = torch.optim.SGD([{"params": [value], "lr": rate(name)} for name, value in parameters.items()], momentum=request["momentum"])
loss = torch.nn.functional.cross_entropy(model(images), labels)
loss.backward()
optimizer.step()


def summary(name):
    change = (parameters[name].detach() - before[name]).double().numpy().ravel()
    projections = [float(change @ noise(f"{side}/{name}", change.shape).astype(numpy.float64)) for side in "ab"]
    return [float(numpy.linalg.norm(change)), *projections]


(folder / "answers.json").write_text(json.dumps({"loss": loss.item(), "changes": {name: summary(name) for name in parameters}}))
