"""Writes golden/losses/*.json: values and gradients of MONAI's and PyTorch's losses in float64, on numbers both sides make alike."""

import golden
import monai
import numpy
import torch
from golden_weights import noise
from monai import losses

torch.set_num_threads(1)


def prediction(shape, name="prediction"):
    return torch.from_numpy(noise(name, shape) * numpy.float32(3)).double().requires_grad_()


def target(kind, shape):
    """numbers: class numbers in one channel; masks: 0 or 1 a channel; shares: [0, 1) a channel."""
    if kind == "numbers":
        values = noise("target", [shape[0], 1, *shape[2:]]).astype(numpy.float64)
        return torch.from_numpy(numpy.floor((values + 1) / 2 * shape[1]))
    values = torch.from_numpy(noise("target", shape)).double()
    return (values > 0.2).double() if kind == "masks" else (values + 1) / 2


def loss_case(name, cls, kind="numbers", shape=(2, 3, 5, 6), probabilities=False, **options):
    stated = {key: value for key, value in options.items() if key != "act"}
    tensors = {key: torch.tensor(value, dtype=torch.float64) if key in ("weight", "pos_weight") and cls.__module__.startswith("torch") else value
               for key, value in stated.items()}
    if cls is losses.DiceCELoss and "weight" in tensors:
        tensors["weight"] = torch.tensor(tensors["weight"], dtype=torch.float64)
    x = prediction(shape)
    if probabilities:
        x = ((x.detach() / 3 + 1) / 2).requires_grad_()
    y = target(kind, shape)
    if cls is torch.nn.CrossEntropyLoss and kind == "numbers":
        y = y[:, 0].long()
    value = cls(**tensors)(x, y)
    projected = (value * torch.from_numpy(noise("value", [value.numel()])).double().reshape(value.shape)).sum()
    (gradient,) = torch.autograd.grad(projected, x)
    return finished(name, value, gradient, loss=stated, target=kind, shape=list(shape), probabilities=probabilities)


def finished(name, value, gradient, **options):
    expected = {"value": value.detach().numpy().astype(numpy.float32), "gradient": gradient.numpy().astype(numpy.float32)}
    return golden.case(name, {}, expected, **options)


def write(file, parity, *cases):
    golden.write(f"losses/{file}", parity, list(cases), [monai, torch, numpy], tolerance=2e-6)


THREE = (2, 3, 3, 4, 5)
ONE = (2, 1, 5, 6)
NUMBERS = {"softmax": True, "to_onehot_y": True}

D = losses.DiceLoss
write("dice-loss", "monai.losses.DiceLoss",
      loss_case("softmax of class numbers", D, **NUMBERS),
      loss_case("3-D", D, shape=THREE, **NUMBERS),
      loss_case("without background", D, include_background=False, **NUMBERS),
      loss_case("over the batch", D, batch=True, **NUMBERS),
      loss_case("squared sizes", D, squared_pred=True, **NUMBERS),
      loss_case("Jaccard", D, jaccard=True, **NUMBERS),
      loss_case("Jaccard of squared sizes over the batch", D, jaccard=True, squared_pred=True, batch=True, **NUMBERS),
      loss_case("sum", D, reduction="sum", **NUMBERS),
      loss_case("each class and sample", D, reduction="none", **NUMBERS),
      loss_case("large smoothing", D, smooth_nr=1.0, smooth_dr=2.0, **NUMBERS),
      loss_case("no smoothing above, little below", D, smooth_nr=0.0, smooth_dr=1e-6, **NUMBERS),
      loss_case("class weights", D, weight=[0.2, 1.0, 3.0], **NUMBERS),
      loss_case("class weights without background", D, weight=[1.0, 3.0], include_background=False, **NUMBERS),
      loss_case("sigmoid of masks", D, "masks", sigmoid=True),
      loss_case("sigmoid of shares", D, "shares", sigmoid=True),
      loss_case("one channel", D, "masks", ONE, sigmoid=True),
      loss_case("no activation", D, "masks", probabilities=True))

G = losses.GeneralizedDiceLoss
write("generalized-dice-loss", "monai.losses.GeneralizedDiceLoss",
      *[loss_case(f"weights {kind}", G, w_type=kind, **NUMBERS) for kind in ("square", "simple", "uniform")],
      loss_case("over the batch", G, batch=True, **NUMBERS),
      loss_case("without background", G, include_background=False, **NUMBERS),
      loss_case("each sample", G, reduction="none", **NUMBERS),
      loss_case("sum, a class missing in a sample", G, reduction="sum", shape=(3, 6, 2, 3), **NUMBERS),
      loss_case("over the batch, a class missing", G, batch=True, shape=(1, 9, 2, 3), **NUMBERS),
      loss_case("sigmoid, 3-D, smoothing", G, "masks", THREE, sigmoid=True, smooth_nr=0.5, smooth_dr=1.0))

C = losses.DiceCELoss
write("dice-ce-loss", "monai.losses.DiceCELoss",
      loss_case("softmax of class numbers", C, **NUMBERS),
      loss_case("3-D, Dice over the batch", C, shape=THREE, batch=True, **NUMBERS),
      loss_case("without background in Dice", C, include_background=False, **NUMBERS),
      loss_case("lambdas", C, lambda_dice=0.3, lambda_ce=2.0, **NUMBERS),
      loss_case("class weights", C, weight=[0.2, 1.0, 3.0], **NUMBERS),
      loss_case("class weights without background in Dice", C, weight=[0.2, 1.0, 3.0], include_background=False, **NUMBERS),
      loss_case("label smoothing", C, label_smoothing=0.1, **NUMBERS),
      loss_case("sum", C, reduction="sum", **NUMBERS),
      loss_case("masks, one channel a class", C, "shares", softmax=True),
      loss_case("one channel", C, "masks", ONE, sigmoid=True),
      loss_case("one channel, weight of positives", C, "masks", ONE, sigmoid=True, weight=[2.5]))

F = losses.FocalLoss
write("focal-loss", "monai.losses.FocalLoss",
      loss_case("sigmoid of masks", F, "masks"),
      loss_case("class numbers, 3-D", F, shape=THREE, to_onehot_y=True),
      loss_case("gamma 0", F, "masks", gamma=0.0),
      loss_case("gamma 3.5", F, "masks", gamma=3.5),
      loss_case("alpha", F, "masks", alpha=0.7),
      loss_case("alpha of each class", F, "masks", alpha=[0.2, 0.7, 1.5]),
      loss_case("class weights", F, "masks", weight=[0.2, 1.0, 3.0]),
      loss_case("without background", F, include_background=False, to_onehot_y=True),
      loss_case("sum", F, "masks", reduction="sum"),
      loss_case("each voxel", F, "masks", reduction="none"),
      loss_case("one channel", F, "masks", ONE),
      loss_case("softmax", F, to_onehot_y=True, use_softmax=True),
      loss_case("softmax, gamma 0", F, to_onehot_y=True, use_softmax=True, gamma=0.0),
      loss_case("softmax, gamma 1.5, alpha", F, to_onehot_y=True, use_softmax=True, gamma=1.5, alpha=0.25),
      loss_case("softmax, alpha of each class, without background", F, to_onehot_y=True, use_softmax=True, alpha=[0.3, 0.6],
                include_background=False))

DF = losses.DiceFocalLoss
write("dice-focal-loss", "monai.losses.DiceFocalLoss",
      loss_case("softmax of class numbers", DF, **NUMBERS),
      loss_case("lambdas, gamma, alpha", DF, lambda_dice=0.3, lambda_focal=2.0, gamma=3.0, alpha=0.6, **NUMBERS),
      loss_case("without background, weights, over the batch", DF, include_background=False, weight=[1.0, 3.0], batch=True, **NUMBERS),
      loss_case("each voxel", DF, reduction="none", **NUMBERS),
      loss_case("sum, sigmoid", DF, "masks", reduction="sum", sigmoid=True))

GF = losses.GeneralizedDiceFocalLoss
write("generalized-dice-focal-loss", "monai.losses.GeneralizedDiceFocalLoss",
      loss_case("softmax of class numbers", GF, **NUMBERS),
      loss_case("lambdas, gamma, weights", GF, lambda_gdl=0.3, lambda_focal=2.0, gamma=3.0, weight=[0.5, 1.0, 3.0], w_type="simple", **NUMBERS),
      loss_case("sum, sigmoid, without background", GF, "masks", reduction="sum", sigmoid=True, include_background=False))

T = losses.TverskyLoss
write("tversky-loss", "monai.losses.TverskyLoss",
      loss_case("softmax of class numbers", T, **NUMBERS),
      loss_case("alpha and beta", T, alpha=0.3, beta=0.7, **NUMBERS),
      loss_case("without background, over the batch", T, alpha=0.9, beta=0.2, include_background=False, batch=True, **NUMBERS),
      loss_case("each class and sample, smoothing", T, reduction="none", smooth_nr=0.5, smooth_dr=1.0, **NUMBERS),
      loss_case("sum, sigmoid, 3-D", T, "masks", THREE, sigmoid=True, reduction="sum"))

B = losses.BoundaryLoss
write("boundary-loss", "monai.losses.BoundaryLoss",
      loss_case("sigmoid of masks", B, "masks", sigmoid=True),
      loss_case("softmax, without background, 3-D", B, "masks", THREE, softmax=True, include_background=False),
      loss_case("over the batch, sum", B, "masks", sigmoid=True, batch=True, reduction="sum"),
      loss_case("each class and sample", B, "masks", sigmoid=True, reduction="none"))

H = losses.HausdorffDTLoss
write("hausdorff-dt-loss", "monai.losses.HausdorffDTLoss",
      loss_case("probabilities", H, "masks", probabilities=True),
      loss_case("with background, 3-D", H, "masks", THREE, probabilities=True, include_background=True),
      loss_case("alpha 1.5, over the batch", H, "masks", probabilities=True, alpha=1.5, batch=True),
      loss_case("class numbers, sum", H, probabilities=True, to_onehot_y=True, reduction="sum"),
      loss_case("one channel", H, "masks", ONE, probabilities=True),
      loss_case("each class and sample", H, "masks", probabilities=True, reduction="none"))

E = torch.nn.CrossEntropyLoss
write("cross-entropy", "torch.nn.CrossEntropyLoss",
      loss_case("class numbers", E),
      loss_case("class numbers, 3-D, each voxel", E, shape=THREE, reduction="none"),
      loss_case("sum", E, reduction="sum"),
      loss_case("class weights", E, weight=[0.2, 1.0, 3.0]),
      loss_case("class weights, sum", E, weight=[0.2, 1.0, 3.0], reduction="sum"),
      loss_case("label smoothing", E, label_smoothing=0.2),
      loss_case("label smoothing, class weights", E, label_smoothing=0.2, weight=[0.2, 1.0, 3.0]),
      loss_case("ignored class", E, ignore_index=1),
      loss_case("ignored class, class weights, label smoothing", E, ignore_index=1, label_smoothing=0.2, weight=[0.2, 1.0, 3.0]),
      loss_case("ignored class, each voxel", E, ignore_index=2, reduction="none"),
      loss_case("shares", E, "shares"),
      loss_case("shares, class weights, label smoothing", E, "shares", label_smoothing=0.2, weight=[0.2, 1.0, 3.0]))

write("binary-cross-entropy", "torch.nn.BCEWithLogitsLoss",
      loss_case("masks", torch.nn.BCEWithLogitsLoss, "masks"),
      loss_case("shares, each voxel", torch.nn.BCEWithLogitsLoss, "shares", reduction="none"),
      loss_case("weight of positives, sum", torch.nn.BCEWithLogitsLoss, "masks", ONE, pos_weight=[2.5], reduction="sum"))

for file, cls in {"mean-squared-error": torch.nn.MSELoss, "mean-absolute-error": torch.nn.L1Loss, "huber-loss": torch.nn.HuberLoss}.items():
    more = [loss_case("delta 0.5", cls, "shares", delta=0.5)] if file == "huber-loss" else []
    write(file, f"torch.nn.{cls.__name__}",
          loss_case("mean", cls, "shares"), loss_case("sum, 3-D", cls, "shares", THREE, reduction="sum"),
          loss_case("each voxel", cls, "masks", reduction="none"), *more)


def deep_case(name, shapes, kind="numbers", **options):
    """Dice on every level."""
    levels = [prediction(shape, f"prediction.{i}") for i, shape in enumerate(shapes)]
    dice = losses.DiceLoss(**NUMBERS) if kind == "numbers" else losses.DiceLoss(sigmoid=True)
    original = losses.DeepSupervisionLoss(dice, **options)
    # The original turns predictions into float32; all else stays the same here.
    total = sum(w * original.get_loss(x, target(kind, shapes[0])) for w, x in zip(original.get_weights(len(levels)), levels))
    gradients = torch.autograd.grad(total * float(noise("value", [1])[0]), levels)
    flat = torch.cat([g.reshape(-1) for g in gradients])
    return finished(name, total, flat, loss=options, target=kind, shapes=[list(s) for s in shapes])


HALVES = [(2, 3, 16, 8), (2, 3, 8, 4), (2, 3, 4, 2)]
write("deep-supervision-loss", "monai.losses.DeepSupervisionLoss",
      deep_case("halves", HALVES),
      deep_case("weights two, masks", HALVES, "masks", weight_mode="two"),
      deep_case("same weights, thirds and uneven sizes, 3-D", [(1, 2, 9, 6, 5), (1, 2, 3, 4, 3)], weight_mode="same"),
      deep_case("own weights", HALVES, weights=[0.7, 0.2, 0.1]),
      deep_case("seven levels", [(1, 2, 64, 64)] + [(1, 2, 2 ** k, 2 ** k) for k in (3, 3, 2, 2, 1, 1)]))
