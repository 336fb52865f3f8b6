"""Writes golden/networks/*.json: forward, backward and running statistics of MONAI's networks in float64."""

import inspect
import sys

import golden
import monai
import numpy
import torch
from golden_weights import noise, weight
from monai.networks import nets

torch.set_num_threads(1)
KEPT = 4096


def summary(values, name):
    """Norm, and projections on two noises: any wrong element shows."""
    flat = values.detach().numpy().astype(numpy.float64).ravel()
    projections = [flat @ noise(f"{side}/{name}", flat.shape).astype(numpy.float64) for side in "ab"]
    return [float(numpy.linalg.norm(flat)), *projections]


def set_weights(model):
    buffers = [(n, b) for n, b in model.named_buffers() if b.is_floating_point()]
    with torch.no_grad():
        for name, value in [*model.named_parameters(), *buffers]:
            value.copy_(torch.from_numpy(weight(name, tuple(value.shape))))
    return dict(buffers)


def network_case(name, model, options, shape, training=True, pick=lambda y: [y]):
    model = model.double().train(training)
    buffers = set_weights(model)
    parameters = dict(model.named_parameters())
    x = torch.from_numpy(noise("input", shape)).double().requires_grad_()
    outputs = pick(model(x))
    loss = sum((y * torch.from_numpy(noise(f"output.{i}", tuple(y.shape))).double()).mean() for i, y in enumerate(outputs))
    used = {n: p for n, p in parameters.items()}
    gradients = torch.autograd.grad(loss, [x, *used.values()], allow_unused=True)
    unused = [n for n, g in zip(used, gradients[1:]) if g is None]
    parameters = {n: p for n, p in used.items() if n not in unused}
    gradients = [g for g in gradients if g is not None]
    expected = {
        "loss": numpy.float32(loss.item()),
        "outputs": numpy.float32([summary(y, f"output.{i}") for i, y in enumerate(outputs)]),
        "inputGradient": numpy.float32(summary(gradients[0], "input")),
        "gradients": numpy.float32([summary(g, n) for n, g in zip(parameters, gradients[1:])]),
    }
    if outputs[0].numel() <= KEPT:
        expected["output"] = outputs[0].detach().numpy().astype(numpy.float32)
    if buffers:
        expected["buffers"] = numpy.float32([summary(b, n) for n, b in buffers.items()])
    stated = {key: value for key, value in options.items() if key not in ("spatial_dims", "in_channels")}
    return golden.case(
        name,
        {},
        expected,
        network=stated,
        inputShape=shape,
        training=training,
        outputShapes=[list(y.shape) for y in outputs],
        parameters={n: list(p.shape) for n, p in parameters.items()},
        buffers={n: list(b.shape) for n, b in buffers.items()},
        parameterCount=sum(p.numel() for p in used.values()),
        unusedParameters=unused,
    )


def write(file, parity, cases):
    golden.write(f"networks/{file}", parity, cases, [monai, torch, numpy], tolerance=1e-4)


def built(name, cls, options, shape, **more):
    return network_case(name, cls(**options), options, shape, **more)


def unet():
    two = {"spatial_dims": 2, "in_channels": 2, "out_channels": 3, "channels": [4, 6, 8], "strides": [2, 2]}
    three = two | {"spatial_dims": 3, "in_channels": 1}
    cases = [
        built("plain, 2-D", nets.UNet, two, [2, 2, 32, 32]),
        built("residual, 2-D, two units", nets.UNet, two | {"num_res_units": 2}, [2, 2, 32, 32]),
        built("plain, 3-D, strides and kernels by axis", nets.UNet,
              three | {"strides": [[1, 2, 2], [2, 2, 1]], "kernel_size": [1, 3, 3], "up_kernel_size": [3, 3, 3]}, [2, 1, 4, 16, 8]),
        built("residual, 3-D, batch norm, ReLU, no bias, training", nets.UNet,
              three | {"num_res_units": 1, "norm": "batch", "act": "relu", "bias": False}, [2, 1, 16, 16, 16]),
        built("residual, 3-D, batch norm, evaluation", nets.UNet,
              three | {"num_res_units": 2, "norm": "batch", "act": "relu", "dropout": 0.3}, [2, 1, 8, 8, 8], training=False),
        built("group norm, leaky ReLU of slope 0.1", nets.UNet,
              two | {"norm": ("group", {"num_groups": 2}), "act": ("leakyrelu", {"negative_slope": 0.1})}, [2, 2, 16, 16]),
    ]
    write("unet", "monai.networks.nets.UNet", cases)


def heads_at_own_size(strides):
    """MONAI stacks heads enlarged by repetition; taking every n-th element undoes that."""
    def pick(y):
        if y.dim() == 4 + len(strides[0]) - 1:
            outputs = list(torch.unbind(y, dim=1))
            factor = [1] * len(strides[0])
            own = [outputs[0]]
            for output, stride in zip(outputs[1:], strides[1:]):
                factor = [f * s for f, s in zip(factor, stride)]
                own.append(output[(slice(None), slice(None), *(slice(None, None, f) for f in factor))])
            return own
        return [y]
    return pick


def dyn_unet():
    two = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "kernel_size": [3, 3, 3], "strides": [1, 2, 2],
           "upsample_kernel_size": [2, 2], "filters": [4, 6, 8]}
    deep = {"spatial_dims": 3, "in_channels": 1, "out_channels": 3, "kernel_size": [[1, 3, 3], [3, 3, 3], [3, 3, 3], [3, 3, 3]],
            "strides": [[1, 1, 1], [1, 2, 2], [2, 2, 2], [2, 2, 2]], "upsample_kernel_size": [[1, 2, 2], [2, 2, 2], [2, 2, 2]],
            "filters": [4, 6, 8, 10], "deep_supervision": True, "deep_supr_num": 2}
    cases = [
        built("basic blocks, 2-D", nets.DynUNet, two, [2, 1, 32, 32]),
        built("residual blocks, 2-D, transposed bias, batch norm", nets.DynUNet,
              two | {"res_block": True, "trans_bias": True, "norm_name": "batch"}, [2, 1, 32, 32]),
        built("deep supervision, 3-D, kernels and strides by level", nets.DynUNet, deep, [2, 1, 8, 16, 16],
              pick=heads_at_own_size(deep["strides"])),
        built("deep supervision, residual, evaluation", nets.DynUNet, deep | {"res_block": True}, [2, 1, 8, 16, 16], training=False),
        built("leaky ReLU of slope 0.2, instance norm without scale", nets.DynUNet,
              two | {"act_name": ("leakyrelu", {"negative_slope": 0.2}), "norm_name": "instance"}, [2, 1, 16, 16]),
    ]
    write("dyn-unet", "monai.networks.nets.DynUNet", cases)


MAKERS = {name: make for name, make in list(globals().items())
          if inspect.isfunction(make) and make.__module__ == __name__ and not inspect.signature(make).parameters}

if __name__ == "__main__":
    for name in sys.argv[1:] or MAKERS:
        MAKERS[name]()
