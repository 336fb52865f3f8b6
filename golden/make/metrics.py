"""Writes golden/metrics/*.json: metrics and post-processing of MONAI, SciPy, scikit-image and scikit-learn.

Shapes are generated: bent ellipsoids with a rough border, blobs of smoothed noise that touch the image's border, and noise.
Arrays are [z, y, x]; spacings are written as [x, y, z].
"""

import warnings

import monai
import numpy
import scipy
import scipy.ndimage as ndimage
import skimage
import sklearn
import sklearn.metrics
import torch
from golden import case, write
from monai import metrics, transforms

torch.set_num_threads(1)
warnings.simplefilter("ignore")
SEED = 20
rng = numpy.random.default_rng(SEED)
CLASSES = 3


def anatomy(shape, shift=0.0, roughness=0.6):
    """Two classes side by side along a bent axis, as a hippocampus has its head and body."""
    grid = numpy.meshgrid(*[numpy.linspace(-1, 1, n) for n in shape], indexing="ij")
    along, across = grid[-1] - shift, grid[-2] + 0.3 * grid[-1] ** 2 - shift / 2
    radius = along**2 / 0.6 + across**2 / 0.2
    if len(shape) == 3:
        radius = radius + (grid[0] + shift) ** 2 / 0.35
    inside = radius + roughness * ndimage.gaussian_filter(rng.standard_normal(shape), 0.8) < 1
    return numpy.where(inside, numpy.where(along < -0.1, 1, 2), 0).astype(numpy.uint8)


def blobs(shape, level=0.15):
    noise = ndimage.gaussian_filter(rng.standard_normal(shape), 1.3)
    noise /= noise.std()
    return (noise > level).astype(numpy.uint8) + (noise > level + 0.8).astype(numpy.uint8)


def salt(shape, density):
    return rng.choice(CLASSES, size=shape, p=[1 - density, density / 2, density / 2]).astype(numpy.uint8)


def pairs():
    flat, solid = (23, 29), (11, 14, 17)
    full = numpy.full(solid, 1, numpy.uint8)
    empty = numpy.zeros(solid, numpy.uint8)
    only_1 = numpy.where(anatomy(solid) == 1, 1, 0).astype(numpy.uint8)
    yield "anatomy 3-D", anatomy(solid, 0.12), anatomy(solid), (1, 1, 1)
    yield "anatomy 3-D, anisotropic", anatomy(solid, -0.1), anatomy(solid), (0.7, 0.45, 3.3)
    yield "anatomy 2-D, anisotropic", anatomy(flat, 0.1), anatomy(flat), (0.8, 1.7, 1)
    yield "blobs at the border 3-D", blobs(solid), blobs(solid), (1.3, 0.9, 2.1)
    yield "blobs at the border 2-D", blobs(flat), blobs(flat), (1, 1, 1)
    yield "noise 3-D", salt(solid, 0.05), salt(solid, 0.05), (0.9, 0.9, 1.2)
    yield "truth lacks class 2", anatomy(solid), only_1, (1, 1, 2)
    yield "prediction lacks class 2", only_1, anatomy(solid), (1, 1, 2)
    yield "nothing predicted", empty, only_1, (1, 1, 1)
    yield "both empty", empty, empty, (1, 1, 1)
    yield "full of class 1", full, full, (1, 1, 1)
    yield "one voxel against a far one", numpy.eye(1, full.size, 5, dtype=numpy.uint8).reshape(solid), numpy.eye(1, full.size, 2000, dtype=numpy.uint8).reshape(solid), (0.5, 2, 5)


PAIRS = list(pairs())


def onehot(labels):
    return torch.from_numpy(numpy.stack([labels == label for label in range(CLASSES)])[None].astype(numpy.float32))


def spacing_of(labels, spacing):
    return [float(mm) for mm in spacing[: labels.ndim]][::-1]


def write_pairs(name, function, options_list, spacings=None):
    """`function(prediction, truth, spacing or None, **options)` on one-hot tensors, for every pair and set of options."""
    cases = []
    for pair, prediction, truth, spacing in PAIRS:
        used = spacing if spacings is None else spacings
        expected = {
            f"{index}": numpy.asarray(function(onehot(prediction), onehot(truth), spacing_of(truth, used), **options), dtype=numpy.float64)
            for index, options in enumerate(options_list)
        }
        cases.append(case(pair, {"prediction": prediction, "truth": truth}, expected, spacingMm=list(used), calls=options_list))
    write(f"metrics/{name}", f"monai.metrics.{function.__name__}", cases, [monai, torch], SEED, 1e-6)


def hausdorff(prediction, truth, spacing, **options):
    """Says infinity where one map lacks a class, also with a percentile, where PyTorch's quantile of infinities is NaN."""
    distances = metrics.compute_hausdorff_distance(prediction, truth, spacing=spacing, **options)[0]
    options.pop("percentile", None)
    farthest = metrics.compute_hausdorff_distance(prediction, truth, spacing=spacing, **options)[0]
    return torch.where(torch.isinf(farthest), farthest, distances)


def named(name, call):
    call.__name__ = name
    return call


def segmentation():
    overlap = [
        {"include_background": background, "ignore_empty": ignore} for background in (True, False) for ignore in (True, False)
    ]
    write_pairs("dice", named("compute_dice", lambda p, t, s, **o: metrics.compute_dice(p, t, **o)[0]), overlap)
    write_pairs("iou", named("compute_iou", lambda p, t, s, **o: metrics.compute_iou(p, t, **o)[0]), overlap)
    write_pairs(
        "absolute-volume-difference",
        named(
            "compute_absolute_volume_difference",
            lambda p, t, s, **o: metrics.absolute_volume_difference.compute_absolute_volume_difference(p, t, **o)[0],
        ),
        overlap,
        spacings=(1, 1, 1),
    )
    write_pairs(
        "hausdorff-distance",
        named("compute_hausdorff_distance", hausdorff),
        [
            {"include_background": True},
            {"percentile": 95},
            {"percentile": 50, "directed": True},
            {"directed": True},
        ],
    )
    write_pairs(
        "average-surface-distance",
        named("compute_average_surface_distance", lambda p, t, s, **o: metrics.compute_average_surface_distance(p, t, spacing=s, **o)[0]),
        [{"include_background": True}, {"symmetric": True}],
    )
    write_pairs(
        "surface-dice",
        named("compute_surface_dice", lambda p, t, s, **o: metrics.compute_surface_dice(p, t, spacing=s, **o)[0]),
        [{"class_thresholds": [1.0, 0.5, 2.0], "include_background": True}, {"class_thresholds": [0.0, 1.5]}],
    )
    write_pairs(
        "get-confusion-matrix",
        named("get_confusion_matrix", lambda p, t, s, **o: metrics.get_confusion_matrix(p, t, **o)[0]),
        [{"include_background": True}, {"include_background": False}],
    )
    reduction = [[0.5, numpy.nan, 0.25], [numpy.nan] * 3, [1.0, 0.5, 0.125]]
    tensor = torch.tensor(reduction, dtype=torch.float64)
    expected = {
        "mean": [metrics.utils.do_metric_reduction(tensor.clone(), "mean")[0].item()],
        "mean_batch": metrics.utils.do_metric_reduction(tensor.clone(), "mean_batch")[0].numpy(),
    }
    cases = [case("a case without any answer", {"perCase": tensor.numpy()}, expected)]
    write("metrics/metric-reduction", "monai.metrics.do_metric_reduction", cases, [monai, torch], SEED, 1e-7)


NAMES = """sensitivity specificity precision negative_predictive_value miss_rate fall_out false_discovery_rate false_omission_rate
prevalence_threshold threat_score accuracy balanced_accuracy f1_score matthews_correlation_coefficient fowlkes_mallows_index
informedness markedness""".split()


def confusion():
    counts = [[30, 5, 50, 15], [0, 5, 50, 15], [0, 0, 50, 0], [7, 0, 0, 0], [0, 0, 40, 3], [0, 4, 0, 0], [10, 10, 10, 10], [3, 0, 9, 0]]
    matrix = torch.tensor(counts, dtype=torch.float64)
    expected = {name: metrics.compute_confusion_matrix_metric(name, matrix).numpy() for name in NAMES}
    cases = [case("counts with empty margins", {"counts": matrix.numpy()}, expected)]
    write("metrics/confusion-matrix-metric", "monai.metrics.compute_confusion_matrix_metric", cases, [monai, torch], SEED, 1e-12)


def scores(count, ties):
    truth = (rng.random(count) < 0.35).astype(numpy.float64)
    values = rng.normal(truth, 1.3)
    values = numpy.round(values * 2) / 2 if ties else values
    return (1 / (1 + numpy.exp(-values))).astype(numpy.float32), truth


def binary_cases():
    yield "no ties", *scores(60, False)
    yield "many ties", *scores(200, True)
    yield "all scores equal", numpy.full(9, 0.25, numpy.float32), numpy.array([0, 1, 1, 0, 0, 1, 0, 0, 1.0])
    yield "perfectly parted", numpy.array([0.1, 0.2, 0.8, 0.9], numpy.float32), numpy.array([0, 0, 1, 1.0])
    yield "one class only", numpy.array([0.1, 0.2, 0.8], numpy.float32), numpy.array([1, 1, 1.0])


BINARY = list(binary_cases())


def ranking():
    for name, symbol, original, truth_first in [
        ("roc-auc", metrics.compute_roc_auc, sklearn.metrics.roc_auc_score, True),
        ("average-precision", metrics.compute_average_precision, sklearn.metrics.average_precision_score, True),
    ]:
        cases = []
        for title, values, truth in BINARY:
            expected = {"monai": [symbol(torch.from_numpy(values), torch.from_numpy(truth))]}
            if len(set(truth)) == 2:
                expected["sklearn"] = [original(truth, values)]
            cases.append(case(title, {"scores": values, "truth": truth}, {key: numpy.array(v, numpy.float64) for key, v in expected.items()}))
        columns = [scores(40, True) for _ in range(3)]
        values, truth = (numpy.stack(part, axis=1) for part in zip(*columns))
        expected = {
            average: numpy.array(symbol(torch.from_numpy(values), torch.from_numpy(truth), average), numpy.float64).reshape(-1)
            for average in ("macro", "weighted", "micro", "none")
        }
        cases.append(case("three classes", {"scores": values, "truth": truth}, expected))
        write(f"metrics/{name}", f"monai.metrics.{symbol.__name__}", cases, [monai, torch, sklearn], SEED, 1e-12)

    cases = []
    for title, values, truth in BINARY[:4]:
        fpr, tpr, thresholds = sklearn.metrics.roc_curve(truth, values, drop_intermediate=False)
        points = [0.0, 0.5, 0.8, 0.9, 1.0]
        sensitivity = [max(t for f, t in zip(fpr, tpr) if 1 - f >= least - 1e-12) for least in points]
        specificity = [max(1 - f for f, t in zip(fpr, tpr) if t >= least - 1e-12) for least in points]
        expected = {"fpr": fpr, "tpr": tpr, "thresholds": thresholds[1:].astype(numpy.float64), "sensitivity": sensitivity, "specificity": specificity}
        cases.append(case(title, {"scores": values, "truth": truth}, {k: numpy.asarray(v, numpy.float64) for k, v in expected.items()}, points=points))
    write("metrics/roc-curve", "sklearn.metrics.roc_curve", cases, [sklearn], SEED, 1e-12)


def calibration():
    cases = []
    borders = numpy.arange(21, dtype=numpy.float32) / 20
    everything = [*BINARY[:3], ("on the borders of bins", borders, (numpy.arange(21) % 2).astype(numpy.float64))]
    for title, values, truth in everything:
        p, t = torch.from_numpy(values)[None, None], torch.from_numpy(truth)[None, None]
        for bins in (20, 7):
            expected = {}
            for reduction in ("expected", "average", "maximum"):
                metric = metrics.CalibrationErrorMetric(num_bins=bins, calibration_reduction=reduction)
                metric(y_pred=p, y=t)
                expected[reduction] = metric.aggregate().numpy().astype(numpy.float64).reshape(-1)
            binning = metrics.calibration_binning(p, t, bins)
            expected |= {key: value[0, 0].double().numpy() for key, value in zip(("meanProbability", "meanTruth", "count"), binning)}
            cases.append(case(f"{title}, {bins} bins", {"scores": values, "truth": truth}, expected, numBins=bins))
    write("metrics/calibration-error", "monai.metrics.CalibrationErrorMetric", cases, [monai, torch], SEED, 1e-6)
    write("metrics/calibration-binning", "monai.metrics.calibration_binning", cases, [monai, torch], SEED, 1e-6)

    cases = [
        case(title, {"scores": values, "truth": truth}, {"brier": [sklearn.metrics.brier_score_loss(truth, values.astype(numpy.float64))]}, numClasses=1)
        for title, values, truth in BINARY[:3]
    ]
    probabilities = rng.dirichlet([1, 1, 2], 30)
    labels = rng.integers(0, 3, 30)
    brier = sklearn.metrics.brier_score_loss(labels, probabilities, labels=[0, 1, 2])
    cases.append(case("three classes", {"scores": probabilities, "truth": numpy.eye(3)[labels]}, {"brier": [brier]}, numClasses=3))
    write("metrics/brier-score", "sklearn.metrics.brier_score_loss", cases, [sklearn], SEED, 1e-12)


def kernel(positive, negative):
    return (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])


def delong():
    """The definition of DeLong et al. 1988, from all pairs of a positive and a negative case."""
    cases = []
    for title, values, truth in BINARY[:2]:
        other = numpy.where(rng.random(len(truth)) < 0.5, values, rng.normal(truth, 2)).astype(numpy.float32)
        matrices = [kernel(v[truth == 1].astype(float), v[truth == 0].astype(float)) for v in (values, other)]
        s10 = numpy.cov([m.mean(1) for m in matrices])
        s01 = numpy.cov([m.mean(0) for m in matrices])
        s = s10 / (truth == 1).sum() + s01 / (truth == 0).sum()
        difference = matrices[0].mean() - matrices[1].mean()
        variance = s[0, 0] + s[1, 1] - 2 * s[0, 1]
        z = difference / numpy.sqrt(variance)
        reach = scipy.stats.norm.ppf(0.95) * numpy.sqrt(s[0, 0])
        auc = matrices[0].mean()
        expected = {
            "interval90": [auc, s[0, 0], max(0, auc - reach), min(1, auc + reach)],
            "test": [difference, variance, z, 2 * scipy.stats.norm.sf(abs(z))],
        }
        cases.append(case(title, {"scores": values, "other": other, "truth": truth}, expected))
    write("metrics/delong", "golden.make.metrics.delong", cases, [scipy], SEED, 1e-10)


def froc():
    cases = []
    for title, count, targets, images in [("many detections", 80, 12, 10), ("few", 6, 3, 2), ("one threshold", 3, 1, 4)]:
        probs = numpy.round(rng.random(count), 2).astype(numpy.float32)
        hits = rng.choice(targets + 1, count, p=[0.6] + [0.4 / targets] * targets)
        mask = numpy.arange(targets + 1)[:, None] * numpy.ones(2, int)
        fp, tp, found = metrics.compute_fp_tp_probs_nd(probs, numpy.stack([hits, hits * 0], 1), mask)
        fps, sensitivity = metrics.compute_froc_curve_data(fp, tp, found, images)
        expected = {"fpProbs": fp, "tpProbs": tp, "fpsPerImage": fps, "totalSensitivity": sensitivity}
        expected["score"] = [metrics.compute_froc_score(fps, sensitivity)]
        inputs = {"probs": probs, "hits": hits}
        cases.append(case(title, inputs, {k: numpy.asarray(v, numpy.float64) for k, v in expected.items()}, numTargets=targets, numImages=images))
    for symbol, name in [("compute_fp_tp_probs_nd", "fp-tp-probs"), ("compute_froc_curve_data", "froc-curve"), ("compute_froc_score", "froc-score")]:
        write(f"metrics/{name}", f"monai.metrics.{symbol}", cases, [monai, torch], SEED, 1e-6)


def bootstrap():
    cases = []
    for title, values in [("skewed Dice", rng.beta(8, 1.5, 25)), ("symmetric", rng.normal(0, 1, 40))]:
        expected = {}
        for confidence in (0.95, 0.8):
            for method in ("BCa", "percentile"):
                result = scipy.stats.bootstrap((values,), numpy.mean, n_resamples=999, confidence_level=confidence, method=method, rng=numpy.random.default_rng(SEED))
                expected[f"{method}{confidence}"] = list(result.confidence_interval)
        distribution = numpy.sort(result.bootstrap_distribution)
        cases.append(case(title, {"values": values, "sorted": distribution}, {k: numpy.array(v) for k, v in expected.items()}))
    write("metrics/bootstrap", "scipy.stats.bootstrap", cases, [scipy], SEED, 1e-10)
    grid = numpy.array([-37, -20, -8.5, -5, -3.0001, -3, -1.5, -0.2, 0, 0.3, 1, 2.9, 3, 6.0])
    shares = numpy.array([0, 1e-300, 1e-12, 1e-4, 0.025, 0.1, 0.5, 0.7, 0.975, 0.999, 1])
    expected = {"cdf": scipy.stats.norm.cdf(grid), "logCdf": scipy.stats.norm.logcdf(grid), "quantile": scipy.stats.norm.ppf(shares)}
    write("metrics/normal-distribution", "scipy.stats.norm", [case("tails and middle", {"x": grid, "p": shares}, expected)], [scipy], SEED, 1e-12)


def label_maps():
    flat, solid = (19, 23), (9, 13, 15)
    yield "anatomy 3-D", anatomy(solid, roughness=1.6), (1, 1, 1)
    yield "blobs 3-D, anisotropic", blobs(solid), (0.8, 1.1, 2.5)
    yield "noise 3-D", salt(solid, 0.35), (1, 1, 1)
    yield "dense noise 3-D", salt(solid, 0.8), (1.5, 0.5, 1)
    yield "blobs 2-D, anisotropic", blobs(flat), (0.6, 1.4, 1)
    yield "noise 2-D", salt(flat, 0.5), (1, 1, 1)
    yield "empty", numpy.zeros(solid, numpy.uint8), (1, 1, 1)
    yield "full", numpy.full(flat, 2, numpy.uint8), (1, 1, 1)


MAPS = list(label_maps())


def connectivities(labels):
    return range(1, labels.ndim + 1)


def write_maps(name, parity, results, modules, tolerance=0):
    """`results(labels, spacing)` gives pairs of options and expected arrays."""
    cases = []
    for title, labels, spacing in MAPS:
        calls, expected = [], {}
        for options, array in results(labels, spacing_of(labels, spacing)):
            expected[str(len(calls))] = array
            calls.append(options)
        cases.append(case(title, {"labels": labels}, expected, spacingMm=list(spacing), calls=calls))
    write(f"metrics/{name}", parity, cases, modules, SEED, tolerance)


def components(labels, spacing):
    for connectivity in connectivities(labels):
        array = skimage.measure.label(labels, connectivity=connectivity).astype(numpy.uint16)
        yield {"connectivity": connectivity}, array.astype(numpy.int32 if array.max() > 255 else numpy.uint8)


def without_ties(labels, connectivity, count, independent):
    """Whether the largest components are no matter of order."""
    for label in numpy.unique(labels[labels > 0]) if independent else [None]:
        mask = labels == label if independent else labels > 0
        sizes = numpy.sort(numpy.bincount(skimage.measure.label(mask, connectivity=connectivity).ravel())[1:])[::-1]
        if len(sizes) > count and sizes[count - 1] == sizes[count]:
            return False
    return True


def largest(labels, spacing):
    for connectivity in connectivities(labels):
        for options in ({}, {"independent": False}, {"num_components": 2}, {"applied_labels": [2]}):
            chosen = numpy.where(numpy.isin(labels, options.get("applied_labels", [1, 2])), labels, 0)
            if without_ties(chosen, connectivity, options.get("num_components", 1), options.get("independent", True)):
                keep = transforms.KeepLargestConnectedComponent(connectivity=connectivity, **options)
                yield {"connectivity": connectivity, **options}, keep(torch.from_numpy(labels[None].copy()))[0].numpy()


class SmallerThan:
    """scikit-image 0.26 also removes objects of just `min_size`; MONAI documents, and earlier releases did, smaller ones only."""

    @staticmethod
    def remove_small_objects(array, min_size, connectivity):
        return skimage.morphology.remove_small_objects(array, max_size=numpy.ceil(min_size) - 1, connectivity=connectivity)


monai.transforms.utils.morphology = SmallerThan


def small(labels, spacing):
    for options in ({"min_size": 5, "independent_channels": False}, {"min_size": 12, "connectivity": 2, "independent_channels": False}, {"min_size": 9.3, "by_measure": True, "independent_channels": False}):
        pixdim = {"pixdim": spacing} if "by_measure" in options else {}
        remove = transforms.RemoveSmallObjects(**options, **pixdim)
        yield options, numpy.asarray(remove(labels[None].copy()))[0].astype(numpy.uint8)


def holes(labels, spacing):
    for options in ({}, {"connectivity": 1}, {"applied_labels": [1]}):
        fill = transforms.FillHoles(**options)
        yield options, numpy.asarray(fill(labels[None].copy()))[0].astype(numpy.uint8)


def ball(ndim, spacing, radius):
    reach = [int(radius / mm) + 1 for mm in spacing]
    grid = numpy.meshgrid(*[numpy.arange(-n, n + 1) * mm for n, mm in zip(reach, spacing)], indexing="ij")
    return sum(axis**2 for axis in grid) <= radius**2 * (1 + 1e-9)


def morphology(function):
    def results(labels, spacing):
        for cross in (1, 2):
            yield {"cross": cross}, function(labels > 0, iterations=cross)
        for radius in (1.0, 2.2):
            yield {"ballMm": radius}, function(labels > 0, structure=ball(labels.ndim, spacing, radius))

    return results


def distances(labels, spacing):
    if (labels == 0).any():
        yield {}, ndimage.distance_transform_edt(labels, sampling=spacing).astype(numpy.float32)
    if (labels == 0).any() and (labels > 0).any():
        inside = ndimage.distance_transform_edt(labels, sampling=spacing)
        signed = ndimage.distance_transform_edt(labels == 0, sampling=spacing) - inside
        yield {"signed": True}, signed.astype(numpy.float32)


def boundaries(labels, spacing):
    inner = skimage.segmentation.find_boundaries(labels, connectivity=1, mode="inner")
    yield {}, numpy.where(inner, labels, 0).astype(numpy.uint8)


def post_processing():
    write_maps("connected-components", "skimage.measure.label", components, [skimage])
    write_maps("keep-largest-connected-component", "monai.transforms.KeepLargestConnectedComponent", largest, [monai, skimage])
    write_maps("remove-small-objects", "monai.transforms.RemoveSmallObjects", small, [monai, skimage])
    write_maps("fill-holes", "monai.transforms.FillHoles", holes, [monai, scipy])
    for name in ("erosion", "dilation", "opening", "closing"):
        function = getattr(ndimage, f"binary_{name}")
        write_maps(f"binary-{name}", f"scipy.ndimage.binary_{name}", morphology(function), [scipy])
    write_maps("distance-transform", "scipy.ndimage.distance_transform_edt", distances, [scipy], 1e-6)
    write_maps("label-boundaries", "skimage.segmentation.find_boundaries", boundaries, [skimage])


segmentation()
confusion()
ranking()
calibration()
delong()
froc()
bootstrap()
post_processing()
