"""A made-up workspace of the size of a published full likelihood: many samples with many systematic variations each."""

from __future__ import annotations

from typing import Any

import numpy as np

Modifier = dict[str, Any]


def full_likelihood(
    seed: int, n_systematics: int, bins: tuple[int, ...], n_samples: int = 7, size: float = 0.02
) -> dict[str, Any]:
    """Make one channel for each number of bins; the signal is in the second half of them.

    A third of the systematic uncertainties are rates, the others shapes, of a relative `size`; a fifth of the
    variations have both sides on one side of nominal. There are a staterror a channel, a luminosity and two free
    normalisations.
    """
    random = np.random.default_rng(seed)
    is_rate = random.random(n_systematics) < 0.3
    channels, observations = [], []
    for c, n_bins in enumerate(bins):
        samples, total = [], np.zeros(n_bins)
        for k in range(n_samples):
            falling = np.exp(-random.uniform(0.0, 1.5) * np.arange(n_bins) / n_bins)
            nominal = random.uniform(1.0, 40.0) * falling
            total += nominal
            error = nominal * random.uniform(0.02, 0.1, n_bins)
            modifiers: list[Modifier] = [{"name": "lumi", "type": "lumi", "data": None}]
            modifiers.append({"name": f"stat{c}", "type": "staterror", "data": error.tolist()})
            if k < 2:
                modifiers.append({"name": f"norm{k}", "type": "normfactor", "data": None})
            modifiers += _systematics(random, nominal, is_rate, size)
            samples.append({"name": f"background{k}", "data": nominal.tolist(), "modifiers": modifiers})
        height = random.uniform(0.5, 6.0)
        if c >= len(bins) // 2:
            nominal = height * np.linspace(0.5, 1.5, n_bins)
            modifiers = [
                {"name": "mu", "type": "normfactor", "data": None},
                {"name": "lumi", "type": "lumi", "data": None},
            ]
            modifiers += _systematics(random, nominal, is_rate, size)
            samples.append({"name": "signal", "data": nominal.tolist(), "modifiers": modifiers})
        channels.append({"name": f"channel{c}", "samples": samples})
        observations.append({"name": f"channel{c}", "data": random.poisson(total).astype(float).tolist()})
    lumi = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.017], "bounds": [[0.5, 1.5]], "inits": [1.0]}
    return {
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": "full", "config": {"poi": "mu", "parameters": [lumi]}}],
        "version": "1.0.0",
    }


def _systematics(
    random: np.random.Generator, nominal: np.ndarray, is_rate: np.ndarray, size: float
) -> list[Modifier]:
    modifiers: list[Modifier] = []
    for j, rate in enumerate(is_rate):
        if random.random() < 0.25:
            continue
        up = size * random.normal()
        down = up * random.uniform(0.6, 1.2) * (1.0 if random.random() < 0.2 else -1.0)
        tilt = 1.0 + random.normal() * np.linspace(-0.5, 0.5, len(nominal)) * (len(nominal) > 1)
        if rate:
            data: Any = {"hi": 1.0 + up, "lo": 1.0 + down}
        else:
            high, low = (nominal * np.maximum(1.0 + shift * tilt, 0.1) for shift in (up, down))
            data = {"hi_data": high.tolist(), "lo_data": low.tolist()}
        modifiers.append({"name": f"systematic{j}", "type": "normsys" if rate else "histosys", "data": data})
    return modifiers
