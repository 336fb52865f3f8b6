"""Writes golden/<name>.json: the original's answers, read by golden/read-golden.ts."""

import base64
import json
import pathlib
import platform

import numpy

FOLDER = pathlib.Path(__file__).resolve().parent.parent


def tensor(values):
    array = numpy.ascontiguousarray(values)
    if array.dtype == numpy.bool_:
        array = array.astype(numpy.uint8)
    if array.dtype == numpy.int64:
        array = array.astype(numpy.int32)
    return {"dtype": str(array.dtype), "shape": list(numpy.shape(values)), "base64": base64.b64encode(array.tobytes()).decode()}


def case(name, inputs, expected, **options):
    return {
        "name": name,
        "options": options,
        "inputs": {key: tensor(value) for key, value in inputs.items()},
        "expected": {key: tensor(value) for key, value in expected.items()},
    }


def write(name, parity, cases, modules, seed=0, tolerance=1e-5):
    """`modules`: the imported packages whose versions the file states."""
    versions = {module.__name__: module.__version__ for module in modules} | {"python": platform.python_version()}
    path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"parity": parity, "madeWith": versions, "seed": seed, "tolerance": tolerance, "cases": cases}
    path.write_text(json.dumps(document, indent=1) + "\n")
