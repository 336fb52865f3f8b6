"""MONAI's U-Net on hippocampus for a wall time: the peer of figure A3.

    python hippocampus.py DATA SECONDS THREADS

Residual U-Net of 1.19 M parameters, batch 2, AdamW, DiceCE, no augmentation; the learning rate falls with the time left.
Trains on the first 100 cases by name, measures the last 30. Prints one JSON line.
"""

import json
import pathlib
import sys
import time

import nibabel
import numpy
import torch
from monai.losses import DiceCELoss
from monai.networks.nets import UNet

folder, seconds, threads = pathlib.Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
started = time.monotonic()
torch.set_num_threads(threads)
torch.manual_seed(0)
random = numpy.random.default_rng(0)
CANVAS = (48, 64, 48)


def load(path):
    image = nibabel.load(path).get_fdata().astype("float32")
    label = nibabel.load(folder / "labels" / path.name).get_fdata().astype("int64")
    low, high = numpy.percentile(image, [0.5, 99.5])
    image = numpy.clip(image, low, high)
    image = (image - image.mean()) / (image.std() + 1e-6)
    box = tuple(slice(0, size) for size in image.shape)
    padded, target = numpy.zeros(CANVAS, "float32"), numpy.zeros(CANVAS, "int64")
    padded[box], target[box] = image, label
    return path.name, padded, target


cases = [load(path) for path in sorted((folder / "images").glob("*.nii.gz"))]
training, validation = cases[:100], cases[-30:]
network = UNet(3, 1, 3, (16, 32, 64, 128), (2, 2, 2), num_res_units=2, norm="instance")
optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=1e-4)
criterion = DiceCELoss(include_background=False, to_onehot_y=True, softmax=True)
reserve = 15
steps = 0
while (left := 1 - (time.monotonic() - started) / (seconds - reserve)) > 0:
    chosen = [training[i] for i in random.integers(0, len(training), 2)]
    image = torch.from_numpy(numpy.stack([case[1] for case in chosen])[:, None])
    target = torch.from_numpy(numpy.stack([case[2] for case in chosen])[:, None])
    for group in optimizer.param_groups:
        group["lr"] = 2e-3 * left**0.9
    optimizer.zero_grad(set_to_none=True)
    criterion(network(image), target).backward()
    optimizer.step()
    steps += 1
    if steps % 50 == 0:
        print(f"MONAI: step {steps}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
network.eval()
dice = {}
with torch.no_grad():
    for name, image, target in validation:
        found = network(torch.from_numpy(image)[None, None])[0].argmax(0).numpy()
        overlaps = [2 * ((found == c) & (target == c)).sum() / ((found == c).sum() + (target == c).sum()) for c in (1, 2)]
        dice[name.removesuffix(".nii.gz")] = float(numpy.mean(overlaps))
parameters = sum(parameter.numel() for parameter in network.parameters())
print(json.dumps({"dice": dice, "steps": steps, "seconds": time.monotonic() - started, "parameters": parameters}))
