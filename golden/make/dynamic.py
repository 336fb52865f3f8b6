"""Writes golden/dynamic/: time warping and barycentres by tslearn; T1, concentrations, the input and tissue curves by dcmri."""

import importlib.metadata

import dcmri
import numpy
import tslearn
from golden import case, write
from scipy.interpolate import CubicSpline
from tslearn.barycenters import dtw_barycenter_averaging_petitjean, softdtw_barycenter
from tslearn.metrics import SoftDTW, SquaredEuclidean, dtw, dtw_path, soft_dtw

SEED = 11
rng = numpy.random.default_rng(SEED)


class Dcmri:
    __name__ = "dcmri"
    __version__ = importlib.metadata.version("dcmri")


def enhancement(length, arrival=None):
    time = numpy.linspace(0, 1, length)
    after = numpy.maximum(0, time - (arrival or rng.uniform(0.1, 0.35)))
    rise, fall = rng.uniform(5, 20), rng.uniform(-0.6, 0.6)
    return (1 - numpy.exp(-rise * after)) * (1 + fall * after) * rng.uniform(0.5, 3) + 0.05 * rng.standard_normal(length)


def band_of(radius):
    return {} if radius is None else {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": radius}


def distances(name, n, m, radius):
    a, b = enhancement(n), enhancement(m)
    expected = {"distance": numpy.array([dtw(a, b, **band_of(radius))])}
    return case(name, {"a": a, "b": b}, expected, **({} if radius is None else {"band": radius}))


def path(name, n, m, radius):
    a, b = enhancement(n), enhancement(m)
    pairs, distance = dtw_path(a, b, **band_of(radius))
    expected = {"distance": numpy.array([distance]), "path": numpy.array(pairs, dtype=numpy.int32)}
    return case(name, {"a": a, "b": b}, expected, **({} if radius is None else {"band": radius}))


def soft(name, n, m, gamma, scale=1.0):
    a, b = scale * enhancement(n), scale * enhancement(m)
    distance = SquaredEuclidean(a[:, None], b[:, None])
    weights = SoftDTW(distance, gamma=gamma)
    value = weights.compute()
    gradient = distance.jacobian_product(weights.grad())[:, 0]
    assert abs(value - soft_dtw(a, b, gamma=gamma)) <= 1e-9 * max(1, abs(value))
    return case(name, {"a": a, "b": b}, {"value": numpy.array([value]), "gradient": gradient}, gamma=gamma)


def family(count, length):
    return [enhancement(length) for _ in range(count)]


def averaged(name, count, length):
    curves = family(count, length)
    stacked = numpy.array(curves)[:, :, None]
    centre = dtw_barycenter_averaging_petitjean(stacked, init_barycenter=stacked.mean(0), max_iter=50, tol=1e-12)[:, 0]
    total = sum(dtw(centre, curve) ** 2 for curve in curves)
    return case(name, {f"curve{i}": c for i, c in enumerate(curves)}, {"total": numpy.array([total])})


def soft_averaged(name, count, length, gamma):
    curves = family(count, length)
    stacked = numpy.array(curves)[:, :, None]
    centre = softdtw_barycenter(stacked, gamma=gamma, init=stacked.mean(0), max_iter=200, tol=1e-9)[:, 0]
    total = sum(soft_dtw(centre, curve, gamma=gamma) for curve in curves)
    return case(name, {f"curve{i}": c for i, c in enumerate(curves)}, {"total": numpy.array([total])}, gamma=gamma)


write("dynamic/dtw", "tslearn.metrics.dtw", [
    distances("two curves", 70, 70, None),
    distances("band of 10", 70, 70, 10),
    distances("band of 0", 30, 30, 0),
    distances("the first longer", 70, 44, None),
    distances("the first longer, band of 3", 70, 44, 3),
    distances("the second longer, band of 5", 21, 33, 5),
], [tslearn], seed=SEED, tolerance=1e-12)
write("dynamic/dtw-path", "tslearn.metrics.dtw_path", [
    path("two curves", 40, 40, None), path("band of 4", 40, 40, 4), path("the first longer, band of 3", 35, 20, 3),
], [tslearn], seed=SEED, tolerance=1e-12)
write("dynamic/soft-dtw", "tslearn.metrics.soft_dtw", [
    soft("gamma 1", 70, 70, 1.0), soft("gamma 0.01", 70, 60, 0.01), soft("gamma 1e-4", 40, 40, 1e-4), soft("values in the hundreds", 40, 50, 1.0, 200.0),
], [tslearn], seed=SEED, tolerance=1e-9)
write("dynamic/barycentre", "tslearn.barycenters.dtw_barycenter_averaging", [averaged("six curves", 6, 40), averaged("two curves", 2, 25)], [tslearn], seed=SEED, tolerance=1e-6)
write("dynamic/soft-barycentre", "tslearn.barycenters.softdtw_barycenter", [
    soft_averaged("six curves", 6, 40, 0.1), soft_averaged("three curves, gamma 1", 3, 30, 1.0),
], [tslearn], seed=SEED, tolerance=1e-4)

ANGLES = [2.0, 5.0, 10.0, 20.0]
TR = 0.00385


def flip_angles(name, noise, fit):
    t1, m0 = rng.uniform(0.3, 3, 12), rng.uniform(500, 4000, 12)
    signals = numpy.array([[dcmri.signal_ss(m, 1 / t, TR, a) for a in ANGLES] for t, m in zip(t1, m0)])
    signals = signals + noise * rng.standard_normal(signals.shape)
    answers = [fit(signal, ANGLES, TR) for signal in signals]
    return case(name, {"signals": signals}, {"t1Seconds": numpy.array([1 / r1 for r1, _ in answers])}, anglesDegrees=ANGLES, repetitionSeconds=TR)


write("dynamic/t1-linear", "dcmri.vfa_linear", [flip_angles("no noise", 0, dcmri.vfa_linear), flip_angles("noise", 0.3, dcmri.vfa_linear)], [Dcmri], seed=SEED, tolerance=1e-6)
write("dynamic/t1-nonlinear", "dcmri.vfa_nonlinear", [flip_angles("no noise", 0, dcmri.vfa_nonlinear), flip_angles("noise", 0.3, dcmri.vfa_nonlinear)], [Dcmri], seed=SEED, tolerance=1e-4)


def concentrations(name, t1):
    signal = 100 * (1 + 0.05 * rng.standard_normal(20) + numpy.linspace(0, 1.2, 20))
    expected = 1000 * dcmri.conc_ss(signal, TR, 12.0, t1, r1=4500.0, n0=3)
    return case(name, {"signal": signal}, {"concentration": expected}, t1Seconds=t1, repetitionSeconds=TR, flipAngleDegrees=12.0, relaxivity=4.5, baseline=3)


write("dynamic/concentration", "dcmri.conc_ss", [concentrations("T1 of 1.4 s", 1.4), concentrations("T1 of 0.4 s", 0.4)], [Dcmri], seed=SEED, tolerance=1e-9)

time = numpy.arange(-10.0, 300.0, 7.0)
write("dynamic/parker", "dcmri.aif_parker", [case("310 s", {"times": time}, {"blood": 1000 * dcmri.aif_parker(time)})], [Dcmri], seed=SEED, tolerance=2e-4)


def tissue(name, kep, vp):
    times = numpy.concatenate([[0], numpy.cumsum(rng.uniform(0.5, 6, 60))])
    plasma = numpy.maximum(0, CubicSpline([0, 20, 30, 60, 250], [0, 0.2, 6, 1.5, 0.8])(times))
    ktrans = 0.2 / 60
    extravascular = ktrans * dcmri.conc_comp(plasma, 60 / kep, t=times)
    return case(name, {"times": times, "plasma": plasma}, {"tissue": extravascular + vp * plasma}, ktransPerMinute=0.2, kepPerMinute=kep, vp=vp)


write("dynamic/tofts", "dcmri.conc_tissue", [tissue("Tofts", 0.5, 0.0), tissue("extended", 1.5, 0.05), tissue("slow backflow", 0.02, 0.02), tissue("fast", 40.0, 0.0)], [Dcmri], seed=SEED, tolerance=1e-9)
