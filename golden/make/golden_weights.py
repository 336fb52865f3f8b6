"""Numbers that Python and TypeScript make alike, so that no weights are stored. The same formulas: golden/golden-weights.ts.

hash(name)  FNV-1a over the name's bytes, 32 bits
noise(name) element i: the finaliser of MurmurHash3 on hash(name) + (i + 1) * 0x9e3779b1, scaled to [-1, 1)
weight      two or more axes: noise * sqrt(3 / fan-in), fan-in = product of all sizes but the first;
            one axis: 0.6 + 0.4 noise for names ending in `weight` or `running_var`, else 0.25 noise
"""

import math

import numpy

MASK = numpy.uint64(0xFFFFFFFF)


def name_hash(name):
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def noise(name, shape):
    count = math.prod(shape)
    x = (numpy.uint64(name_hash(name)) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B1)) & MASK
    x ^= x >> numpy.uint64(16)
    x = (x * numpy.uint64(0x85EBCA6B)) & MASK
    x ^= x >> numpy.uint64(13)
    x = (x * numpy.uint64(0xC2B2AE35)) & MASK
    x ^= x >> numpy.uint64(16)
    return (x / 2**31 - 1).reshape(shape).astype(numpy.float32)


def weight(name, shape):
    values = noise(name, shape).astype(numpy.float64)
    if len(shape) >= 2:
        values = values * math.sqrt(3 / math.prod(shape[1:]))
    elif name.endswith(("weight", "running_var")):
        values = 0.6 + 0.4 * values
    else:
        values = 0.25 * values
    return values.astype(numpy.float32)
