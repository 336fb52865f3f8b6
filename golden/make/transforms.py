"""MONAI's transforms with fixed parameters: golden/transforms/*.json."""

import re

import golden
import monai
import monai.transforms as mt
import numpy
import torch

torch.set_num_threads(1)
SEED = 11
RNG = numpy.random.default_rng(SEED)


def smooth(*shape):
    """Rough enough to tell transforms apart, smooth enough that float32 grid coordinates do not dominate the error."""
    noise = RNG.normal(size=shape).astype(numpy.float32)
    for axis in range(1, len(shape)):
        noise = (numpy.roll(noise, 1, axis) + 2 * noise + numpy.roll(noise, -1, axis)) / 4
    return noise.astype(numpy.float32)


VOLUME = smooth(2, 6, 8, 7)
PLANE = smooth(1, 9, 12)
SKULL = numpy.where(smooth(1, 6, 8, 7) > 0, 100 + 40 * smooth(1, 6, 8, 7), 0).astype(numpy.float32)
LABEL = RNG.integers(0, 4, size=(1, 6, 8, 7)).astype(numpy.uint8)


def image(array):
    """[C, D, H, W], as the project has it."""
    return array if array.ndim == 4 else array[:, None]


def run(name, transform, array, **options):
    result = transform(monai.data.MetaTensor(array.copy()))
    result = numpy.asarray(result[0] if isinstance(result, tuple) else result)
    return golden.case(name, {"image": image(array)}, {"image": image(result.astype(numpy.float32))}, **options)


def write(symbol, cases, tolerance=1e-5):
    file = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", symbol).lower().replace("2-delastic", "2d-elastic").replace("3-delastic", "3d-elastic")
    golden.write(f"transforms/{file}", f"monai.transforms.{symbol}", cases, [monai, torch, numpy], seed=SEED, tolerance=tolerance)


def simple(symbol, *rows, tolerance=1e-5):
    """Rows of (array, MONAI's keyword arguments), or (array, arguments, arguments recorded where they differ)."""
    cases = []
    for array, kwargs, *recorded in rows:
        name = ", ".join(f"{k}={v}" for k, v in kwargs.items()) or "defaults"
        transform = getattr(mt, symbol)(**kwargs)
        cases.append(run(name, transform, array, **(recorded[0] if recorded else kwargs)))
    write(symbol, cases, tolerance)


def intensity():
    simple("NormalizeIntensity", (VOLUME, {}), (VOLUME, {"channel_wise": True}), (SKULL, {"nonzero": True}),
           (VOLUME, {"subtrahend": 2.0, "divisor": 3.0}), (VOLUME, {"subtrahend": [1.0, 2.0], "divisor": [3.0, 4.0], "channel_wise": True}))
    simple("ScaleIntensity", (VOLUME, {}), (VOLUME, {"minv": -1.0, "maxv": 2.0, "channel_wise": True}),
           (VOLUME, {"minv": None, "maxv": None, "factor": 0.3}, {"factor": 0.3}))
    simple("ShiftIntensity", (VOLUME, {"offset": 0.7}))
    simple("ScaleIntensityRange", (VOLUME, {"a_min": -1.0, "a_max": 1.0, "b_min": 0.0, "b_max": 5.0}),
           (VOLUME, {"a_min": -0.2, "a_max": 0.3, "b_min": -1.0, "b_max": 1.0, "clip": True}))
    simple("ScaleIntensityRangePercentiles", (VOLUME, {"lower": 1, "upper": 99, "b_min": 0.0, "b_max": 1.0, "clip": True}),
           (VOLUME, {"lower": 5.5, "upper": 90, "b_min": -1.0, "b_max": 1.0, "channel_wise": True}))
    simple("ClipIntensityPercentiles", (VOLUME, {"lower": 0.5, "upper": 99.5}), (VOLUME, {"lower": 10, "upper": 80, "channel_wise": True}))
    simple("ThresholdIntensity", (VOLUME, {"threshold": 0.1}), (VOLUME, {"threshold": 0.1, "above": False, "cval": 2.0}))
    simple("AdjustContrast", (VOLUME, {"gamma": 0.6}), (VOLUME, {"gamma": 2.5, "invert_image": True}),
           (VOLUME, {"gamma": 1.7, "retain_stats": True, "invert_image": True}))
    simple("GaussianSmooth", (VOLUME, {"sigma": 1.0}), (VOLUME, {"sigma": [0.3, 0.8, 2.2]}), (PLANE, {"sigma": 1.5}))
    simple("HistogramNormalize", (VOLUME, {}), (SKULL, {"num_bins": 32, "min": -1, "max": 1}))


def drawn():
    """Random transforms with their drawn numbers put in by hand."""
    cases = []
    for degree in (2, 3):
        bias = mt.RandBiasField(degree=degree, coeff_range=(-0.3, 0.3), prob=1.0)
        bias.set_random_state(3)
        bias.randomize(VOLUME.shape[1:])
        result = bias(monai.data.MetaTensor(VOLUME.copy()), randomize=False)
        cases.append(golden.case(f"degree {degree}", {"image": VOLUME}, {"image": numpy.asarray(result)}, degree=degree, coefficients=list(bias._coeff)))
    write("RandBiasField", cases)

    shift = mt.RandHistogramShift(num_control_points=7, prob=1.0)
    shift.set_random_state(5)
    shift.randomize()
    result = shift(monai.data.MetaTensor(VOLUME.copy()), randomize=False)
    write("RandHistogramShift", [golden.case("7 control points", {"image": VOLUME}, {"image": numpy.asarray(result)},
          reference=shift.reference_control_points.tolist(), floating=shift.floating_control_points.tolist())])

    low = mt.RandSimulateLowResolution(prob=1.0)
    cases = []
    for zoom in (0.5, 0.77):
        low.zoom_factor = zoom
        result = low(monai.data.MetaTensor(VOLUME.copy()), randomize=False) if low._do_transform else None
        cases.append(golden.case(f"zoom {zoom}", {"image": VOLUME}, {"image": numpy.asarray(result)}, zoom=zoom))
    write("RandSimulateLowResolution", cases)

    drop = mt.RandCoarseDropout(holes=3, spatial_size=3, fill_value=0.5, prob=1.0)
    drop.set_random_state(7)
    drop.randomize(VOLUME.shape[1:])
    result = drop(monai.data.MetaTensor(VOLUME.copy()), randomize=False)
    holes = [{"start": [s.start for s in h[1:]], "size": [s.stop - s.start for s in h[1:]]} for h in drop.hole_coords]
    write("RandCoarseDropout", [golden.case("three holes", {"image": VOLUME}, {"image": numpy.asarray(result)}, holes=holes, fill_value=0.5)])

    elastic = mt.Rand3DElastic(sigma_range=(1.5, 1.5), magnitude_range=(6, 6), prob=1.0, padding_mode="border")
    elastic.set_random_state(9)
    elastic.randomize(VOLUME.shape[1:])
    result = elastic(monai.data.MetaTensor(VOLUME.copy()), randomize=False)
    write("Rand3DElastic", [golden.case("given offsets", {"image": VOLUME, "offsets": elastic.rand_offset}, {"image": numpy.asarray(result)}, sigma=1.5, magnitude=6)], tolerance=2e-5)

    # MONAI's Rand2DElastic also sends the undistorted grid through the bicubic upsampling, which bends it; compared is the upsampling.
    control = RNG.normal(size=(1, 1, 5, 6)).astype(numpy.float32)
    fine = torch.nn.functional.interpolate(torch.from_numpy(control), scale_factor=(4, 5), mode="bicubic", align_corners=False)[0, 0].numpy()
    golden.write("transforms/upsample-cubic", "torch.nn.functional.interpolate", [
        golden.case("the middle of 5 x 6 control points", {"coarse": control[0, 0]}, {"fine": numpy.ascontiguousarray(fine[4:16, 8:22])}, distance=[4, 5])],
        [torch, numpy], seed=SEED, tolerance=1e-5)


def spatial():
    simple("Flip", (VOLUME, {"spatial_axis": 0}), (VOLUME, {"spatial_axis": [1, 2]}), (VOLUME, {}), (PLANE, {"spatial_axis": 1}))
    simple("Rotate90", *[(VOLUME, {"k": k, "spatial_axes": axes}) for k in (1, 2, 3) for axes in ((0, 1), (1, 2), (2, 0))], (PLANE, {"k": 1}))
    turn = {"rotate_params": [0.3, -0.2, 0.5], "padding_mode": "zeros"}
    everything = {"rotate_params": [0.2, 0.4, -0.3], "shear_params": [0.1, -0.2, 0.05, 0.15, -0.1, 0.2], "translate_params": [0.7, -1.2, 1.9], "scale_params": [1.1, 0.8, 1.3]}
    simple("Affine", (VOLUME, turn), *[(VOLUME, everything | {"padding_mode": mode}) for mode in ("zeros", "border", "reflection")],
           (VOLUME, everything | {"padding_mode": "border", "spatial_size": [5, 9, 10]}),
           (VOLUME, everything | {"padding_mode": "zeros", "mode": "nearest"}),
           (PLANE, {"rotate_params": [0.4], "shear_params": [0.2, -0.1], "translate_params": [1.5, -0.7], "scale_params": [0.9, 1.2], "padding_mode": "border"}),
           tolerance=2e-5)
    trilinear = {"mode": "trilinear", "align_corners": False}
    simple("Resize", *[(VOLUME, {"spatial_size": size} | trilinear, {"spatial_size": size}) for size in ([9, 4, 7], [3, 16, 11])],
           (VOLUME, {"spatial_size": [4, 4, 10], "mode": "nearest-exact"}, {"spatial_size": [4, 4, 10], "mode": "nearest"}),
           (PLANE, {"spatial_size": [14, 6], "mode": "bilinear", "align_corners": False}, {"spatial_size": [14, 6]}))
    simple("Zoom", *[(VOLUME, {"zoom": zoom, "keep_size": keep} | trilinear, {"zoom": zoom, "keep_size": keep})
                     for zoom, keep in (([1.3, 1.2, 1.6], True), ([1.3, 0.7, 1.6], False), (0.8, False))])
    simple("SpatialPad", (VOLUME, {"spatial_size": [9, 8, 12]}), (VOLUME, {"spatial_size": [9, 5, 12], "method": "end", "value": 1.5}),
           *[(VOLUME, {"spatial_size": [9, 11, 10], "mode": mode}) for mode in ("edge", "reflect", "symmetric")])
    simple("DivisiblePad", (VOLUME, {"k": 4}), (VOLUME, {"k": [4, 3, 5], "method": "end"}), (PLANE, {"k": 8}))
    simple("BorderPad", (VOLUME, {"spatial_border": 2}), (VOLUME, {"spatial_border": [1, 0, 3]}))
    simple("SpatialCrop", (VOLUME, {"roi_center": [3, 4, 3], "roi_size": [3, 4, 5]}), (VOLUME, {"roi_start": [1, 2, 0], "roi_end": [4, 20, 6]}))
    simple("CenterSpatialCrop", (VOLUME, {"roi_size": [3, 4, -1]}), (VOLUME, {"roi_size": [4, 5, 20]}), (PLANE, {"roi_size": 6}))
    simple("ResizeWithPadOrCrop", (VOLUME, {"spatial_size": [4, 11, 7]}), (VOLUME, {"spatial_size": [9, 3, 10], "method": "end"}), (VOLUME, {"spatial_size": [9, 3, 10], "mode": "edge"}))
    inner = numpy.zeros((1, 6, 8, 7), numpy.float32)
    inner[0, 2:4, 1:6, 3:5] = 1 + RNG.random((2, 5, 2), dtype=numpy.float32)
    simple("CropForeground", (inner, {}), (inner, {"margin": 1}), (inner, {"margin": 3, "k_divisible": 4}), (inner, {"margin": [0, 3, 1], "allow_smaller": True}))
    cases = []
    for voxel, pixdim in (([2.0, 1.0, 1.5], [1.0, 1.5, 1.5]), ([1.0, 0.7, 0.9], [1.6, 0.5, 1.3])):
        meta = monai.data.MetaTensor(VOLUME.copy(), affine=numpy.diag([*voxel, 1.0]))
        result = mt.Spacing(pixdim=pixdim, mode="bilinear")(meta)
        cases.append(golden.case(f"{voxel} to {pixdim}", {"image": VOLUME}, {"image": numpy.asarray(result)}, spacing=voxel, pixdim=pixdim))
    write("Spacing", cases)


def labels():
    simple("MapLabelValue", (LABEL, {"orig_labels": [1, 3], "target_labels": [3, 7]}))
    simple("AsDiscrete", (VOLUME, {"argmax": True}), (VOLUME, {"argmax": True, "to_onehot": 2}), (VOLUME, {"threshold": 0.2}), (LABEL, {"to_onehot": 4}))


intensity()
drawn()
spatial()
labels()
