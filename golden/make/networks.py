"""Writes golden/networks/*.json: forward, backward and running statistics of MONAI's networks in float64."""

import functools
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
    """Returns trained parameters, running statistics, and parameters with values of their own that are never trained."""
    parameters = {n: p for n, p in model.named_parameters() if p.requires_grad}
    buffers = {n: b for n, b in model.named_buffers() if b.is_floating_point()}
    with torch.no_grad():
        for name, value in (parameters | buffers).items():
            value.copy_(torch.from_numpy(weight(name, tuple(value.shape))))
    return parameters, buffers, {n: p for n, p in model.named_parameters() if not p.requires_grad}


def network_case(name, model, options, shape, training=True, pick=lambda y: [y]):
    model = model.double().train(training)
    used, buffers, fixed = set_weights(model)
    buffers |= fixed
    x = torch.from_numpy(noise("input", shape)).double().requires_grad_()
    outputs = pick(model(x))
    loss = sum((y * torch.from_numpy(noise(f"output.{i}", tuple(y.shape))).double()).mean() for i, y in enumerate(outputs))
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
        fixed=list(fixed),
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


def basic_unet():
    options = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "features": [2, 4, 4, 6, 8, 3]}
    cases = [
        built("2-D", nets.BasicUNet, options, [2, 1, 64, 48]),
        built("3-D, batch norm, ReLU, no bias", nets.BasicUNet,
              options | {"spatial_dims": 3, "norm": "batch", "act": "relu", "bias": False}, [2, 1, 16, 32, 16]),
    ]
    write("basic-unet", "monai.networks.nets.BasicUNet", cases)


def basic_unet_plus_plus():
    options = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "features": [2, 4, 4, 6, 8, 3]}
    cases = [
        built("2-D", nets.BasicUNetPlusPlus, options, [2, 1, 64, 48], pick=lambda y: y),
        built("3-D, deep supervision, batch norm, ReLU, no bias", nets.BasicUNetPlusPlus,
              options | {"spatial_dims": 3, "deep_supervision": True, "norm": "batch", "act": "relu", "bias": False},
              [2, 1, 16, 32, 16], pick=lambda y: y[::-1]),
    ]
    write("basic-unet-plus-plus", "monai.networks.nets.BasicUNetPlusPlus", cases)


def seg_res_net():
    options = {"spatial_dims": 2, "in_channels": 2, "out_channels": 3, "init_filters": 4, "blocks_down": [1, 2, 1],
               "blocks_up": [1, 1], "norm": ("group", {"num_groups": 2})}
    cases = [
        built("2-D", nets.SegResNet, options, [2, 2, 16, 24]),
        built("3-D, transposed convolution", nets.SegResNet, options | {"spatial_dims": 3, "upsample_mode": "deconv"}, [2, 2, 8, 12, 8]),
        built("3-D, interpolation, batch norm, leaky ReLU", nets.SegResNet,
              options | {"spatial_dims": 3, "norm": "batch", "act": "leakyrelu", "blocks_up": [1, 2]}, [2, 2, 8, 8, 12]),
        built("dropout in evaluation, batch norm", nets.SegResNet, options | {"norm": "batch", "dropout_prob": 0.4}, [2, 2, 8, 8], training=False),
        built("defaults", nets.SegResNet, {"spatial_dims": 2, "in_channels": 1}, [1, 1, 16, 16]),
    ]
    write("seg-res-net", "monai.networks.nets.SegResNet", cases)


def strided_shortcut(x, planes, stride, spatial_dims):
    """MONAI's shortcut A, but gradients pass: the original takes `.data`, which cuts them off."""
    strided = x[(slice(None), slice(None), *[slice(None, None, stride)] * spatial_dims)]
    return torch.nn.functional.pad(strided, [0, 0] * spatial_dims + [0, planes - x.shape[1]])


def res_net():
    def resnet(name, depth, shape, training=True, **options):
        given = {"spatial_dims": len(shape) - 2, "n_input_channels": shape[1], "num_classes": 3, **options}
        model = getattr(nets, f"resnet{depth}")(pretrained=False, progress=False, **given) if depth else nets.ResNet(**given)
        for module in model.modules():
            if isinstance(getattr(module, "downsample", None), functools.partial):
                module.downsample = functools.partial(strided_shortcut, **module.downsample.keywords)
        stated = {k: v for k, v in given.items() if k != "n_input_channels"} | ({"depth": depth} if depth else {})
        return network_case(name, model, stated, shape, training=training)

    thin = {"widen_factor": 0.0625}
    cases = [
        resnet("10, 2-D", 10, [2, 1, 32, 32], **thin),
        resnet("10, 3-D, strided first convolution by axis", 10, [3, 1, 16, 48, 48], conv1_t_size=[3, 5, 5], conv1_t_stride=[1, 2, 2], **thin),
        resnet("18, evaluation", 18, [2, 3, 32, 32], training=False, **thin),
        resnet("34, features, no bias, evaluation", 34, [2, 1, 32, 32], training=False, feed_forward=False, bias_downsample=False, **thin),
        # Not 50 layers: batch norm over small batches multiplies rounding, in PyTorch as here, until a ReLU changes sides.
        resnet("bottlenecks, no pooling", None, [4, 1, 16, 24], block="bottleneck", layers=[1, 1, 2, 1], block_inplanes=[4, 6, 8, 10], no_max_pool=True),
        resnet("50, 3-D, evaluation", 50, [2, 1, 16, 16, 16], training=False, **thin),
        resnet("10, shortcut A, evaluation", 10, [2, 1, 15, 17], training=False, shortcut_type="A", **thin),
    ]
    write("res-net", "monai.networks.nets.ResNet", cases)


def dense_net():
    options = {"spatial_dims": 2, "in_channels": 1, "out_channels": 3, "init_features": 6, "growth_rate": 3, "block_config": [2, 3, 2], "bn_size": 2}
    cases = [
        built("2-D", nets.DenseNet, options, [2, 1, 32, 32]),
        built("3-D", nets.DenseNet, options | {"spatial_dims": 3, "block_config": [2, 2]}, [2, 1, 16, 16, 24]),
        built("odd sizes, evaluation", nets.DenseNet, options | {"dropout_prob": 0.2}, [2, 1, 45, 36], training=False),
        built("121 with thin layers", nets.DenseNet,
              options | {"init_features": 4, "growth_rate": 2, "block_config": [6, 12, 24, 16]}, [1, 1, 32, 32], training=False),
    ]
    write("dense-net", "monai.networks.nets.DenseNet", cases)


def vit():
    options = {"spatial_dims": 2, "in_channels": 2, "patch_size": 8, "hidden_size": 12, "mlp_dim": 20, "num_layers": 2, "num_heads": 3}
    three = options | {"spatial_dims": 3, "patch_size": [4, 4, 2]}

    def case(name, given, shape, **more):
        model = nets.ViT(img_size=shape[2:], **given)
        return network_case(name, model, given, shape, pick=lambda y: [y[0], *y[1]], **more)

    cases = [
        case("features, 2-D", options, [2, 2, 32, 24]),
        case("features, 3-D, biases", three | {"qkv_bias": True}, [2, 2, 8, 12, 6]),
        case("classification", options | {"classification": True, "num_classes": 4}, [2, 2, 16, 24]),
        case("classification without activation, evaluation", options | {"classification": True, "post_activation": "none", "dropout_rate": 0.3},
             [2, 2, 16, 16], training=False),
        case("perceptron, 3-D", three | {"proj_type": "perceptron"}, [2, 2, 8, 4, 6]),
        case("sincos positions, 2-D", options | {"pos_embed_type": "sincos"}, [2, 2, 32, 24]),
        case("sincos positions, 3-D, perceptron", three | {"pos_embed_type": "sincos", "proj_type": "perceptron"}, [2, 2, 8, 12, 6]),
    ]
    write("vit", "monai.networks.nets.ViT", cases)


def unetr():
    options = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "feature_size": 2, "hidden_size": 12, "mlp_dim": 16, "num_heads": 2}

    def case(name, given, shape, **more):
        return network_case(name, nets.UNETR(img_size=shape[2:], **given), given, shape, **more)

    cases = [
        case("2-D", options, [2, 1, 32, 48]),
        case("2-D, plain blocks, batch norm, biases", options | {"conv_block": True, "res_block": False, "norm_name": "batch", "qkv_bias": True}, [2, 1, 32, 32]),
        case("3-D, perceptron, no blocks between", options | {"spatial_dims": 3, "proj_type": "perceptron", "conv_block": False}, [1, 1, 16, 32, 16]),
    ]
    write("unetr", "monai.networks.nets.UNETR", cases)


def swin_transformer():
    from monai.networks.nets.swin_unetr import SwinTransformer

    options = {"spatial_dims": 2, "in_chans": 1, "embed_dim": 8, "window_size": [4, 4], "patch_size": [2, 2], "depths": [2, 2, 1, 1], "num_heads": [2, 2, 4, 4]}
    three = options | {"spatial_dims": 3, "window_size": [2, 4, 3], "patch_size": [2, 2, 2], "embed_dim": 6, "num_heads": [1, 2, 2, 4], "depths": [2, 1, 1, 1]}

    def case(name, given, shape, **more):
        stated = {k: v for k, v in given.items() if k != "in_chans"}
        return network_case(name, SwinTransformer(**given), stated, shape, pick=list, **more)

    cases = [
        case("2-D, shifted windows", options, [2, 1, 32, 32]),
        case("2-D, sizes that need padding", options | {"patch_norm": True, "qkv_bias": False, "mlp_ratio": 2.0}, [2, 1, 37, 42]),
        case("3-D, window by axis", three, [2, 1, 8, 20, 12]),
        case("3-D, sizes that need padding, merging version 2", three | {"downsample": "mergingv2", "patch_norm": True}, [1, 1, 7, 18, 26]),
        case("3-D, residual convolutions before each stage", three | {"use_v2": True, "downsample": "mergingv2"}, [1, 1, 32, 32, 32]),
        case("evaluation with dropouts", options | {"drop_rate": 0.2, "attn_drop_rate": 0.3, "drop_path_rate": 0.4}, [1, 1, 32, 32], training=False),
    ]
    write("swin-transformer", "monai.networks.nets.swin_unetr.SwinTransformer", cases)


MAKERS = {name: make for name, make in list(globals().items())
          if inspect.isfunction(make) and make.__module__ == __name__ and not inspect.signature(make).parameters}

if __name__ == "__main__":
    for name in sys.argv[1:] or MAKERS:
        MAKERS[name]()
