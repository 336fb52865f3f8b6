"""MONAI's side of a measured sliding-window prediction, a process that bench/figures/a2.ts asks: its requests are the functions below."""

import lines
import torch
from monai.inferers import SlidingWindowInferer
from networks import dyn_unet, set_weights
from safetensors.torch import load_file

FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last_3d}
WINDOW = (48, 64, 48)
# Eight windows: enough to choose a setting by.
PART = (84, 112, 84)
model = inferer = image = predicted = None


def build(threads, path, setting):
    """`setting`: memory layout and windows predicted at once, such as `channels_last/4`."""
    global model, inferer, image
    torch.set_num_threads(threads)
    layout, batch = setting.split("/")
    tensors = load_file(path)
    image = tensors.pop("image")[None]
    model = dyn_unet().eval()
    set_weights(model, tensors)
    model = model.to(memory_format=FORMATS[layout])
    inferer = SlidingWindowInferer(WINDOW, sw_batch_size=int(batch), overlap=0.25, mode="gaussian", cache_roi_weight_map=True)
    return {}


def probabilities(x):
    with torch.inference_mode():
        return inferer(x, lambda window: model(window).softmax(1))


def part():
    return lines.times(lambda: probabilities(image[..., : PART[0], : PART[1], : PART[2]]))


def predict():
    """Milliseconds of one prediction of the whole image."""
    def work():
        global predicted
        predicted = probabilities(image)

    return lines.times(work)


def save(path):
    """Writes the probabilities predicted last."""
    predicted.contiguous().numpy().tofile(path)
    return {}


lines.serve({"build": build, "part": part, "predict": predict, "save": save})
