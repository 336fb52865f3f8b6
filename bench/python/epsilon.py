"""Answers request.json of a folder: epsilon of each mechanism by Google's privacy loss distributions and by Opacus' Renyi accountant."""

import json
import pathlib
import sys

from dp_accounting.pld import privacy_loss_distribution
from opacus.accountants.analysis import rdp

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())


def losses(one):
    made = privacy_loss_distribution.from_gaussian_mechanism(
        one["noiseMultiplier"], sampling_prob=one["sampleRate"], value_discretization_interval=1e-4
    )
    return made.self_compose(one["steps"]).get_epsilon_for_delta(one["delta"])


def renyi(one):
    orders = request["orders"]
    spent = rdp.compute_rdp(q=one["sampleRate"], noise_multiplier=one["noiseMultiplier"], steps=one["steps"], orders=orders)
    return rdp.get_privacy_spent(orders=orders, rdp=spent, delta=one["delta"])[0]


answers = [{"losses": float(losses(one)), "renyi": float(renyi(one))} for one in request["mechanisms"]]
(folder / "answers.json").write_text(json.dumps(answers))
