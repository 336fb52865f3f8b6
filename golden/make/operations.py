"""Writes golden/operations/*.json: PyTorch's operations and normalisation layers in float64, values and gradients by every input.

The loss is the sum of the result times noise("result"); inputs are noise(name) scaled by 2, so that no numbers are stored but answers.
"""

import golden
import numpy
import torch
from golden_weights import noise
from torch.nn import functional as f

torch.set_num_threads(1)


def inputs_of(shapes):
    return {name: torch.from_numpy(noise(name, shape)).double().mul(2).requires_grad_() for name, shape in shapes.items()}


def operation_case(name, function, shapes, **options):
    inputs = inputs_of(shapes)
    value = function(**inputs)
    loss = (value * torch.from_numpy(noise("result", tuple(value.shape))).double()).sum()
    gradients = torch.autograd.grad(loss, list(inputs.values()))
    expected = {"result": value.detach().numpy().astype(numpy.float32)}
    expected |= {f"gradient.{key}": g.numpy().astype(numpy.float32) for key, g in zip(inputs, gradients)}
    return golden.case(name, {}, expected, shapes={k: list(s) for k, s in shapes.items()}, **options)


def write(file, parity, cases, tolerance=3e-5):
    golden.write(f"operations/{file}", parity, cases, [torch, numpy], tolerance=tolerance)


def convolution(name, x, w, **options):
    function = [f.conv1d, f.conv2d, f.conv3d][len(x) - 3]
    return operation_case(name, lambda x, w: function(x, w, **options), {"x": x, "w": w}, arguments=options)


write("convolution", "torch.nn.functional.conv2d", [
    convolution("1-D", (2, 3, 9), (4, 3, 3), padding=1),
    convolution("2-D", (2, 3, 7, 8), (4, 3, 3, 3), padding=1),
    convolution("2-D of 16 channels", (2, 16, 6, 6), (16, 16, 3, 3), padding=1),
    convolution("2-D, 1x1", (2, 4, 3, 5), (6, 4, 1, 1)),
    convolution("2-D, stride, dilation and groups", (2, 4, 9, 8), (6, 2, 3, 2), stride=[2, 1], padding=[2, 1], dilation=[2, 1], groups=2),
    convolution("2-D, depthwise", (2, 4, 6, 5), (4, 1, 3, 3), padding=1, groups=4),
    convolution("2-D, stride 2", (2, 16, 8, 8), (8, 16, 3, 3), stride=2, padding=1),
    convolution("2-D, 7x7 stride 2", (1, 3, 12, 13), (4, 3, 7, 7), stride=2, padding=3),
    convolution("3-D", (2, 2, 4, 5, 6), (3, 2, 3, 3, 3), padding=1),
    convolution("3-D, stride 2", (1, 2, 5, 6, 7), (3, 2, 3, 3, 3), padding=1, stride=2),
    convolution("3-D, by axis", (1, 4, 4, 6, 6), (4, 4, 1, 3, 3), padding=[0, 1, 1], stride=[1, 2, 2]),
    convolution("3-D, one channel to eight", (1, 1, 4, 6, 5), (8, 1, 3, 3, 3), padding=1),
    convolution("3-D of 8 channels", (1, 8, 4, 6, 5), (16, 8, 3, 3, 3), padding=1),
])


def transposed(name, x, w, **options):
    function = [f.conv_transpose1d, f.conv_transpose2d, f.conv_transpose3d][len(x) - 3]
    return operation_case(name, lambda x, w: function(x, w, **options), {"x": x, "w": w}, arguments=options)


write("transposed-convolution", "torch.nn.functional.conv_transpose2d", [
    transposed("1-D, stride 3", (2, 3, 5), (3, 2, 4), stride=3),
    transposed("2-D, kernel 2 stride 2", (2, 3, 4, 5), (3, 4, 2, 2), stride=2),
    transposed("2-D, overlapping with output padding", (1, 3, 4, 5), (3, 2, 3, 3), stride=2, padding=1, output_padding=1),
    transposed("2-D, groups and dilation", (1, 4, 4, 5), (4, 2, 3, 3), groups=2, dilation=2),
    transposed("3-D, kernel 2 stride 2", (2, 8, 2, 3, 4), (8, 8, 2, 2, 2), stride=2),
    transposed("3-D, kernel 3 stride 2", (1, 3, 3, 2, 3), (3, 2, 3, 3, 3), stride=2, padding=1, output_padding=1),
])


def pool(kind, name, x, kernel, **options):
    function = getattr(f, f"{kind}_pool{len(x) - 2}d")
    return operation_case(name, lambda x: function(x, kernel, **options), {"x": x}, kernel=kernel, arguments=options)


write("max-pool", "torch.nn.functional.max_pool2d", [
    pool("max", "1-D", (2, 3, 8), 2),
    pool("max", "2-D", (2, 3, 6, 4), 2),
    pool("max", "2-D, overlapping", (1, 2, 7, 7), 3, stride=2, padding=1),
    pool("max", "2-D, by axis", (1, 2, 6, 9), [2, 3], stride=[1, 3]),
    pool("max", "2-D, rest left over", (1, 2, 7, 5), 2),
    pool("max", "3-D", (1, 2, 4, 4, 6), 2),
    pool("max", "3-D, overlapping", (1, 2, 5, 6, 7), 3, stride=2, padding=1),
])
write("average-pool", "torch.nn.functional.avg_pool2d", [
    pool("avg", "1-D", (2, 3, 8), 2),
    pool("avg", "2-D", (1, 2, 4, 6), 2),
    pool("avg", "2-D, overlapping, padding counted", (1, 2, 5, 6), 3, stride=2, padding=1),
    pool("avg", "2-D, rest left over", (1, 2, 7, 5), 2),
    pool("avg", "3-D", (1, 2, 4, 4, 6), 2),
    pool("avg", "3-D, by axis", (1, 2, 4, 6, 6), [1, 2, 2], stride=[1, 2, 2]),
])


def resized(name, x, size, mode, align_corners=None):
    corners = {} if align_corners is None else {"align_corners": align_corners}
    return operation_case(name, lambda x: f.interpolate(x, size=size, mode=mode, **corners), {"x": x}, size=size, mode=mode,
                          alignCorners=bool(align_corners))


write("resize", "torch.nn.functional.interpolate", [
    resized("nearest, doubled", (1, 2, 3, 4), [6, 8], "nearest"),
    resized("nearest, other sizes", (1, 2, 3, 5), [7, 3], "nearest"),
    resized("nearest, 3-D", (1, 2, 2, 3, 4), [4, 6, 8], "nearest"),
    resized("linear, 1-D", (1, 2, 5), [9], "linear", False),
    resized("linear, 2-D", (1, 2, 3, 5), [6, 4], "bilinear", False),
    resized("linear, 2-D, corners", (1, 2, 3, 5), [6, 4], "bilinear", True),
    resized("linear, 3-D", (1, 1, 3, 4, 5), [6, 5, 3], "trilinear", False),
    resized("linear, 3-D, corners", (1, 1, 3, 4, 5), [6, 5, 3], "trilinear", True),
    resized("cubic", (1, 2, 4, 5), [7, 3], "bicubic", False),
    resized("cubic, corners", (1, 2, 4, 5), [7, 9], "bicubic", True),
])


def attention(name, queries, keys, **options):
    shapes = {"query": queries, "key": keys, "value": (*keys[:-1], 6)}
    bias = options.pop("bias", None)
    shapes |= {"bias": bias} if bias else {}
    function = lambda query, key, value, bias=None: f.scaled_dot_product_attention(query, key, value, attn_mask=bias, **options)
    return operation_case(name, function, shapes, arguments=options)


write("attention", "torch.nn.functional.scaled_dot_product_attention", [
    attention("self", (2, 2, 5, 4), (2, 2, 5, 4)),
    attention("cross", (1, 2, 3, 4), (1, 2, 5, 4)),
    attention("scale and bias", (1, 3, 4, 4), (1, 3, 6, 4), scale=0.3, bias=(1, 3, 4, 6)),
])
write("depth-to-space", "torch.nn.functional.pixel_shuffle", [
    operation_case("by 2", lambda x: f.pixel_shuffle(x, 2), {"x": (2, 8, 3, 2)}, scale=2),
    operation_case("by 3", lambda x: f.pixel_shuffle(x, 3), {"x": (1, 18, 2, 3)}, scale=3),
])

one = {"x": (3, 5, 4)}
ACTIVATIONS = {"relu": f.relu, "leakyRelu": f.leaky_relu, "elu": f.elu, "silu": f.silu, "gelu": f.gelu,
               "gelu tanh": lambda x: f.gelu(x, approximate="tanh"), "hardSigmoid": f.hardsigmoid, "hardSwish": f.hardswish,
               "softplus": f.softplus, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "erf": torch.erf}
write("activations", "torch.nn.functional", [operation_case(name, lambda x, a=a: a(x), one) for name, a in ACTIVATIONS.items()])
REDUCTIONS = {"softmax": lambda x: f.softmax(x, 1), "logSoftmax": lambda x: f.log_softmax(x, 1),
              "logSumExp": lambda x: torch.logsumexp(x, 1, keepdim=True), "cumulativeSum": lambda x: torch.cumsum(x, 1),
              "max": lambda x: x.max(1, keepdim=True).values, "mean": lambda x: x.mean((0, 2), keepdim=True),
              "sort": lambda x: torch.sort(x, 1).values, "topK": lambda x: torch.topk(x, 2, 1).values}
write("reductions", "torch", [operation_case(name, lambda x, a=a: a(x), one) for name, a in REDUCTIONS.items()])


def normalised(name, layer, x, function, training=True, **options):
    """`function(layer's tensors)`; running statistics after one step are part of the answer for batch norm."""
    return operation_case(name, function, x, layer=layer, training=training, arguments=options)


def batch_case(name, x, training):
    running = {"running_mean": torch.from_numpy(noise("running_mean", (x[1],))).double(),
               "running_var": torch.from_numpy(noise("running_var", (x[1],)) + numpy.float32(1.5)).double()}
    stated = normalised(name, "batch", {"x": x, "weight": (x[1],), "bias": (x[1],)},
                        lambda x, weight, bias: f.batch_norm(x, running["running_mean"], running["running_var"], weight, bias, training),
                        training=training)
    after = {key: golden.tensor(value.numpy().astype(numpy.float32)) for key, value in running.items()}
    return stated | {"expected": stated["expected"] | after}


def affine(channels, x):
    return {"x": x, "weight": (channels,), "bias": (channels,)}


write("instance-norm", "torch.nn.functional.instance_norm", [
    normalised("2-D, affine", "instance", affine(3, (2, 3, 4, 5)), lambda x, weight, bias: f.instance_norm(x, weight=weight, bias=bias)),
    normalised("3-D, plain", "instance", {"x": (2, 8, 3, 4, 2)}, lambda x: f.instance_norm(x)),
])
write("group-norm", "torch.nn.functional.group_norm", [
    normalised("2 groups", "group", affine(4, (2, 4, 3, 5)), lambda x, weight, bias: f.group_norm(x, 2, weight, bias), groups=2),
    normalised("1 group, 3-D", "group", affine(4, (2, 4, 3, 2, 2)), lambda x, weight, bias: f.group_norm(x, 1, weight, bias), groups=1),
])
write("layer-norm", "torch.nn.functional.layer_norm", [
    normalised("tokens", "layer", affine(8, (2, 3, 8)), lambda x, weight, bias: f.layer_norm(x, (8,), weight, bias)),
])
write("batch-norm", "torch.nn.functional.batch_norm", [
    batch_case("training, 2-D", (4, 3, 5, 4), True), batch_case("training, 1-D", (6, 3, 4), True), batch_case("evaluation", (2, 3, 4, 4), False),
])
write("linear", "torch.nn.functional.linear", [
    normalised("tokens", "linear", {"x": (2, 3, 5), "weight": (4, 5), "bias": (4,)}, lambda x, weight, bias: f.linear(x, weight, bias)),
])
