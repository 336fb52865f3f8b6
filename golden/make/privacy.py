"""Writes golden/privacy/: epsilon of many mechanisms by Opacus' Renyi accountant and by Google's privacy loss distributions."""

import importlib.metadata

import dp_accounting
import numpy
import opacus
from dp_accounting.pld import privacy_loss_distribution
from golden import case, write
from opacus.accountants.analysis import rdp

SEED = 7
ORDERS = [1 + tenth / 10.0 for tenth in range(1, 100)] + list(range(12, 64))
rng = numpy.random.default_rng(SEED)


class Version:
    __name__ = "dp_accounting"
    __version__ = importlib.metadata.version("dp-accounting")


def drawn():
    rate = 1.0 if rng.random() < 0.15 else float(10 ** rng.uniform(-3, -0.7))
    noise = float(rng.uniform(0.7, 4)) if rate < 1 else float(rng.uniform(3, 12))
    steps = int(10 ** rng.uniform(0.5, 3.5)) if rate < 1 else int(rng.integers(1, 40))
    return rate, noise, steps, float(10 ** rng.uniform(-7, -3.5))


def renyi(rate, noise, steps, delta):
    spent = rdp.compute_rdp(q=rate, noise_multiplier=noise, steps=steps, orders=ORDERS)
    return rdp.get_privacy_spent(orders=ORDERS, rdp=spent, delta=delta)


def losses(rate, noise, steps, delta):
    one = privacy_loss_distribution.from_gaussian_mechanism(noise, sampling_prob=rate, value_discretization_interval=1e-4)
    return one.self_compose(steps).get_epsilon_for_delta(delta)


tuples = [drawn() for _ in range(12)]
names = ["rate", "noise", "steps", "delta"]


def cases(answer):
    return [case(f"{n}", {}, {"epsilon": numpy.array([answer(*t)])}, **dict(zip(names, t))) for n, t in enumerate(tuples)]


write("privacy/renyi", "opacus.accountants.RDPAccountant", cases(lambda *t: float(renyi(*t)[0])), [opacus], seed=SEED, tolerance=1e-9)
write("privacy/losses", "dp_accounting.pld.PLDAccountant", cases(losses), [Version], seed=SEED, tolerance=1e-4)
