"""MONAI's sliding-window inference with a network that depends on the place in the window."""

import monai
import numpy
import torch
from golden import case, write
from monai.data.utils import compute_importance_map
from monai.inferers import SlidingWindowInferer

generator = numpy.random.default_rng(0)


def network(window):
    """Two classes: the voxel times its place in the window, and the voxel's square."""
    place = torch.linspace(-1, 1, window[0, 0].numel()).reshape(window.shape[2:])
    return torch.cat([window[:, :1] * place, window[:, :1] ** 2], 1)


cases = []
for name, shape, roi, overlap, mode in [
    ("gaussian", (1, 9, 11, 13), (4, 6, 5), 0.5, "gaussian"),
    ("constant", (2, 8, 8, 10), (4, 4, 4), 0.25, "constant"),
    ("padded", (1, 3, 9, 4), (5, 4, 6), 0.25, "gaussian"),
    ("one window", (1, 4, 5, 6), (4, 5, 6), 0.25, "gaussian"),
]:
    image = generator.standard_normal(shape).astype("float32")
    inferer = SlidingWindowInferer(roi_size=roi, sw_batch_size=1, overlap=overlap, mode=mode)
    result = inferer(torch.from_numpy(image)[None], network)[0]
    cases.append(case(name, {"image": image}, {"result": result.numpy()}, roiSize=roi, overlap=overlap, mode=mode))
write("inferers/sliding-window", "monai.inferers.SlidingWindowInferer", cases, [monai, torch, numpy], tolerance=1e-5)

maps = [
    case(str(size), {}, {"map": compute_importance_map(size, mode="gaussian", sigma_scale=0.125).numpy()}, size=size)
    for size in [(4, 6, 5), (8, 3, 7)]
]
write("inferers/importance-map", "monai.data.utils.compute_importance_map", maps, [monai, torch], tolerance=1e-5)
