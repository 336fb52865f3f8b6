"""PyTorch's side of a measured training step, a process that bench/figures/a1.ts asks: its requests are the functions below."""

import lines
import torch
from monai.losses import DiceCELoss
from networks import PlainUNet, VisionTransformer, dyn_unet, set_weights
from safetensors.torch import load_file
from torch.nn import functional
from torch.optim import SGD, AdamW

dice_ce = DiceCELoss(softmax=True, to_onehot_y=True)
CASES = {
    "a": (lambda: PlainUNet(2, [16, 32, 64, 128]), functional.binary_cross_entropy_with_logits, SGD, {"lr": 0.05}),
    "b": (lambda: PlainUNet(3, [16, 32, 64]), functional.binary_cross_entropy_with_logits, SGD, {"lr": 0.05}),
    "c": (VisionTransformer, lambda y, t: functional.cross_entropy(y, t[:, 0].long()), AdamW, {"lr": 1e-3, "weight_decay": 0.05}),
    "d": (dyn_unet, dice_ce, SGD, {"lr": 0.01, "momentum": 0.99, "nesterov": True, "weight_decay": 3e-5}),
}
LAYOUTS = {"contiguous": lambda axes: torch.contiguous_format,
           "channels_last": lambda axes: {2: torch.channels_last, 3: torch.channels_last_3d}[axes]}


class Training:
    """`setting`: memory layout and optimizer implementation, such as `channels_last/fused`."""

    def __init__(self, name, path, setting):
        layout, implementation = setting.split("/")
        make, self.loss, optimizer, options = CASES[name]
        tensors = load_file(path)
        x, self.target = tensors.pop("batch.input"), tensors.pop("batch.target")
        memory_format = LAYOUTS[layout](x.dim() - 2)
        model = make()
        self.parameters = set_weights(model, tensors)
        self.model = model.to(memory_format=memory_format)
        self.x = x.to(memory_format=memory_format)
        self.optimizer = optimizer(self.model.parameters(), **options, **{implementation: True})

    def backward(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(self.x), self.target)
        loss.backward()
        return loss

    def steps(self, count):
        for _ in range(count):
            self.backward()
            self.optimizer.step()


training = None


def build(name, threads, path, setting):
    global training
    training = None
    torch.set_num_threads(threads)
    training = Training(name, path, setting)
    return {"parameters": training.parameters}


def check():
    """Loss and norm of the gradient at the first weights."""
    loss = training.backward()
    norm = torch.linalg.vector_norm(torch.stack([p.grad.norm() for p in training.model.parameters()]))
    return {"loss": loss.item(), "gradientNorm": norm.item()}


def steps(count):
    """Milliseconds a step."""
    return {key: value / count for key, value in lines.times(lambda: training.steps(count)).items()}


lines.serve({"build": build, "check": check, "steps": steps})
