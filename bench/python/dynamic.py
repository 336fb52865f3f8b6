"""The peers of figure D4: tslearn for time warping, dcmri and scipy for maps of a dynamic contrast series.

    python dynamic.py FOLDER

Reads FOLDER/request.json, writes FOLDER/answers.json. Each curve is fitted from its raw signals: T1 by dcmri.vfa_nonlinear,
concentration by dcmri.conc_ss, the input by dcmri.aif_parker, the extended Tofts model by dcmri.conc_comp (exact for straight
pieces), and scipy.optimize.least_squares (trust region reflective, bounded) from three starts. The delay is given.
"""

import json
import pathlib
import sys
import warnings

import dcmri
import numpy
from scipy.optimize import least_squares

warnings.filterwarnings("ignore")
from tslearn.metrics import SoftDTW, SquaredEuclidean, dtw  # noqa: E402

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())


def warped(pair):
    a, b = numpy.array(pair["a"]), numpy.array(pair["b"])
    answer = {"full": dtw(a, b), "banded": dtw(a, b, global_constraint="sakoe_chiba", sakoe_chiba_radius=request["band"])}
    answer["soft"] = []
    for gamma in request["gammas"]:
        distance = SquaredEuclidean(a[:, None], b[:, None])
        soft = SoftDTW(distance, gamma=gamma)
        value = soft.compute()
        answer["soft"].append({"value": float(value), "gradient": distance.jacobian_product(soft.grad())[:, 0].tolist()})
    return answer


seconds = numpy.array(request["seconds"]) - request["delaySeconds"]
knots = numpy.concatenate([numpy.arange(-10, 60, 0.5), numpy.arange(60, seconds[-1] + 2, 2)])
grid = numpy.union1d(knots, seconds[seconds > knots[0]])
places = numpy.searchsorted(grid, seconds[seconds > knots[0]])
early = int(numpy.sum(seconds <= knots[0]))
plasma = 1000 * dcmri.aif_parker(grid) / (1 - 0.42)


def model(parameters):
    ktrans, ve, vp = parameters
    curve = ktrans * dcmri.conc_comp(plasma, ve / ktrans, t=grid) + vp * plasma
    return numpy.concatenate([numpy.zeros(early), curve[places]])


def fitted(one):
    rate, _ = dcmri.vfa_nonlinear(one["flipSignals"], request["anglesDegrees"], request["repetitionSeconds"])
    curve = 1000 * dcmri.conc_ss(one["signal"], request["repetitionSeconds"], request["flipAngleDegrees"], 1 / rate, r1=4500.0, n0=request["baseline"])
    best = None
    for start in [(0.001, 0.2, 0.02), (0.005, 0.3, 0.01), (0.0002, 0.1, 0.001)]:
        found = least_squares(lambda p: model(p) - curve, start, bounds=([1e-7, 0.001, 0], [5 / 60, 1, 1]), x_scale=[0.001, 0.1, 0.01], xtol=1e-10, ftol=1e-10, gtol=1e-12)
        if best is None or found.cost < best.cost:
            best = found
    ktrans, ve, vp = best.x
    return {
        "t1": 1 / rate, "ktrans": 60 * ktrans, "ve": ve, "kep": 60 * ktrans / ve, "vp": vp, "residual": float(numpy.sqrt(2 * best.cost / len(curve)))
    }


answers = {"pairs": [warped(pair) for pair in request["pairs"]], "fits": [fitted(one) for one in request["curves"]]}
(folder / "answers.json").write_text(json.dumps(answers))
