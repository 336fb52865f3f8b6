"""Writes golden/agreement/staple.json: SimpleITK's STAPLE of a few raters with errors of their own.

Arrays are [z, y, x]. SimpleITK ends when a step is below 1e-5, some steps before its weights stand still: hence the tolerance.
"""

import numpy
import SimpleITK
from golden import case, write

SEED = 21
rng = numpy.random.default_rng(SEED)
SHAPE = (6, 14, 16)


def ball(radius):
    grid = numpy.meshgrid(*[numpy.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    return sum(axis**2 for axis in grid) < radius**2


def rater(truth, sensitivity, specificity):
    drawn = rng.random(SHAPE)
    return numpy.where(truth, drawn < sensitivity, drawn > specificity).astype(numpy.uint8)


def answers(name, masks):
    images = [SimpleITK.GetImageFromArray(mask) for mask in masks]
    staple = SimpleITK.STAPLEImageFilter()
    staple.SetForegroundValue(1)
    weights = SimpleITK.GetArrayFromImage(staple.Execute(images))
    voting = SimpleITK.GetArrayFromImage(SimpleITK.LabelVoting(images, 0))
    expected = {
        "sensitivity": numpy.array(staple.GetSensitivity()),
        "specificity": numpy.array(staple.GetSpecificity()),
        "weights": weights.astype(numpy.float32),
        "majority": voting.astype(numpy.uint8),
    }
    return case(name, {f"rater{i}": mask for i, mask in enumerate(masks)}, expected, raters=len(masks))


class Version:
    __name__ = "SimpleITK"
    __version__ = SimpleITK.Version_VersionString()


truth = ball(0.7)
cases = [
    answers("three raters", [rater(truth, p, q) for p, q in [(0.95, 0.98), (0.85, 0.99), (0.7, 0.9)]]),
    answers("five raters, one hardly better than chance", [rater(truth, p, q) for p, q in [(0.9, 0.95), (0.92, 0.97), (0.8, 0.99), (0.95, 0.9), (0.55, 0.5)]]),
    answers("two who agree and one who shifted it", [truth.astype(numpy.uint8), truth.astype(numpy.uint8), numpy.roll(truth, 2, axis=2).astype(numpy.uint8)]),
]
write("agreement/staple", "SimpleITK.STAPLEImageFilter", cases, [Version], seed=SEED, tolerance=1e-3)
