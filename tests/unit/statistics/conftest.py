"""Workspaces that the tests of the limit engine share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Workspace = dict[str, Any]


def measurement(*parameters: dict[str, Any], poi: str = "mu") -> list[dict[str, Any]]:
    return [{"name": "test", "config": {"poi": poi, "parameters": list(parameters)}}]


def make_counting(
    observed: float,
    background: float,
    signal: float = 1.0,
    *,
    uncertainty: float = 0.0,
    efficiency: float = 0.0,
    statistical: float = 0.0,
) -> Workspace:
    """One bin with an optional log-normal background and efficiency, and a statistical background uncertainty."""
    signal_modifiers: list[dict[str, Any]] = [{"name": "mu", "type": "normfactor", "data": None}]
    if efficiency:
        data = {"hi": 1.0 + efficiency, "lo": 1.0 / (1.0 + efficiency)}
        signal_modifiers.append({"name": "efficiency", "type": "normsys", "data": data})
    background_modifiers: list[dict[str, Any]] = []
    if uncertainty:
        data = {"hi": 1.0 + uncertainty, "lo": 1.0 / (1.0 + uncertainty)}
        background_modifiers.append({"name": "rate", "type": "normsys", "data": data})
    if statistical:
        background_modifiers.append({"name": "stat", "type": "staterror", "data": [statistical * background]})
    return {
        "channels": [
            {
                "name": "window",
                "samples": [
                    {"name": "signal", "data": [signal], "modifiers": signal_modifiers},
                    {"name": "background", "data": [background], "modifiers": background_modifiers},
                ],
            }
        ],
        "observations": [{"name": "window", "data": [observed]}],
        "measurements": measurement(),
        "version": "1.0.0",
    }


def make_peak(
    seed: int, events: float = 20000.0, n_bins: int = 40, *, staterror: bool = False, asimov: bool = False
) -> Workspace:
    """A Gaussian peak with normsys, lumi and histosys on a falling spectrum of free Bernstein terms."""
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    centres = 0.5 * (edges[1:] + edges[:-1])

    def peak(width: float) -> np.ndarray:
        shape = np.exp(-0.5 * ((centres - 0.5) / width) ** 2)
        return shape / shape.sum()

    expected = np.exp(-1.5 * centres)
    expected *= events / expected.sum()
    basis = np.array([math.comb(3, k) * centres**k * (1 - centres) ** (3 - k) for k in range(4)])
    coefficients = np.linalg.lstsq(basis.T, expected, rcond=None)[0]
    expected = coefficients @ basis
    strength = 2.0 * math.sqrt(events * 0.1)
    up, down = strength * peak(0.044), strength * peak(0.036)
    samples = [
        {
            "name": "signal",
            "data": (strength * peak(0.04)).tolist(),
            "modifiers": [
                {"name": "mu", "type": "normfactor", "data": None},
                {"name": "lumi", "type": "lumi", "data": None},
                {"name": "efficiency", "type": "normsys", "data": {"hi": 1.05, "lo": 0.95}},
                {
                    "name": "resolution",
                    "type": "histosys",
                    "data": {"hi_data": up.tolist(), "lo_data": down.tolist()},
                },
            ],
        }
    ]
    for k in range(4):
        template = coefficients[k] * basis[k]
        modifiers: list[dict[str, Any]] = [{"name": f"term{k}", "type": "normfactor", "data": None}]
        if staterror:
            modifiers.append({"name": "stat", "type": "staterror", "data": (0.03 * template).tolist()})
        samples.append({"name": f"term{k}", "data": template.tolist(), "modifiers": modifiers})
    counts = expected if asimov else np.random.default_rng(seed).poisson(expected)
    lumi = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.01], "bounds": [[0.5, 1.5]], "inits": [1.0]}
    return {
        "channels": [{"name": "spectrum", "samples": samples}],
        "observations": [{"name": "spectrum", "data": [float(n) for n in counts]}],
        "measurements": measurement(lumi),
        "version": "1.0.0",
    }


@pytest.fixture
def counting() -> Callable[..., Workspace]:
    return make_counting


@pytest.fixture
def peak() -> Callable[..., Workspace]:
    return make_peak
