"""Limits of bins with one shape uncertainty, by brute force: the likelihood on a dense grid in the nuisance parameter.

Independent of the engine, and blind to how many minima there are. The formulae are those of HistFactory (interpolation
code 4p) and of arXiv:1007.1727.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import log_ndtr, ndtri_exp

GRID = np.linspace(-8.0, 8.0, 1601)


def code_4p(alpha: np.ndarray) -> np.ndarray:
    """Coefficient of hi + lo - 2 nominal."""
    s = np.clip(alpha, -1.0, 1.0) ** 2
    return np.where(np.abs(alpha) < 1.0, s * (s * (3.0 * s - 10.0) + 15.0) / 16.0, 0.5 * np.abs(alpha))


def deviance(expected: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Half the Poisson deviance, summed over the bins; infinite where an expectation is not positive."""
    good = (expected > 0.0).all(axis=-1)
    nu = np.where(expected > 0.0, expected, 1.0)
    n = np.where(observed > 0.0, observed, 1.0)
    value = (nu - observed - np.where(observed > 0.0, observed * np.log(nu / n), 0.0)).sum(axis=-1)
    return np.where(good, value, np.inf)


@dataclass(frozen=True)
class Folded:
    """A signal on a background whose shape varies to `high` at alpha = 1 and `low` at alpha = -1."""

    signal: np.ndarray
    background: np.ndarray
    high: np.ndarray
    low: np.ndarray
    observed: np.ndarray
    centre: float = 0.0

    def workspace(self) -> dict[str, Any]:
        """The same as a HistFactory workspace."""
        mu = {"name": "mu", "type": "normfactor", "data": None}
        data = {"hi_data": self.high.tolist(), "lo_data": self.low.tolist()}
        shape = {"name": "shape", "type": "histosys", "data": data}
        samples = [
            {"name": "signal", "data": self.signal.tolist(), "modifiers": [mu]},
            {"name": "background", "data": self.background.tolist(), "modifiers": [shape]},
        ]
        return {
            "channels": [{"name": "bins", "samples": samples}],
            "observations": [{"name": "bins", "data": self.observed.tolist()}],
            "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
            "version": "1.0.0",
        }

    def bins(self, alpha: np.ndarray) -> np.ndarray:
        """Background (..., B)."""
        a = np.asarray(alpha)[..., None]
        odd, even = 0.5 * (self.high - self.low), self.high + self.low - 2.0 * self.background
        return np.asarray(self.background + a * odd + code_4p(a) * even)

    def value(self, strength: np.ndarray | float, alpha: np.ndarray | float) -> np.ndarray:
        """Half the deviance with the constraint."""
        alpha = np.asarray(alpha)
        expected = np.asarray(strength)[..., None] * self.signal + self.bins(alpha)
        return np.asarray(deviance(expected, self.observed) + 0.5 * (alpha - self.centre) ** 2)

    def profile(self, strength: float) -> tuple[float, float]:
        """Lowest value at a signal strength, and where in alpha it is."""
        k = int(np.argmin(self.value(strength, GRID)))
        around = (GRID[max(k - 1, 0)], GRID[min(k + 1, len(GRID) - 1)])
        fit = minimize_scalar(
            lambda a: float(self.value(strength, a)), bounds=around, method="bounded", options={"xatol": 1e-9}
        )
        return min((float(fit.fun), float(fit.x)), (float(self.value(strength, GRID[k])), float(GRID[k])))

    def best(self) -> tuple[float, float]:
        """Lowest value at any signal strength >= 0, and that strength."""
        low, high = (
            np.zeros(len(GRID)),
            np.full(len(GRID), 10.0 * (self.observed.sum() + 10.0) / self.signal.min()),
        )
        nothing = self.bins(GRID)
        for _ in range(70):
            middle = 0.5 * (low + high)
            with np.errstate(divide="ignore", invalid="ignore"):
                pull = 1.0 - self.observed / (middle[:, None] * self.signal + nothing)
            rising = (self.signal * pull).sum(axis=1) > 0.0
            low, high = np.where(rising, low, middle), np.where(rising, middle, high)
        start = float(low[int(np.argmin(self.value(low, GRID)))])
        reach = max(0.1 * start, 0.1 / float(np.sqrt((self.signal**2 / self.background).sum())))
        fit = minimize_scalar(
            lambda s: self.profile(s)[0],
            bounds=(max(start - reach, 0.0), start + reach),
            method="bounded",
            options={"xatol": 1e-7},
        )
        return min(
            (float(fit.fun), float(fit.x)), (self.profile(start)[0], start), (self.profile(0.0)[0], 0.0)
        )

    def asimov(self) -> Folded:
        """The data expected from the fit without signal."""
        alpha = self.profile(0.0)[1]
        return replace(self, observed=self.bins(np.array(alpha)), centre=alpha)

    def scale(self) -> float:
        """Standard deviation of the signal strength, about."""
        return 1.0 / float(np.sqrt((self.signal**2 / self.background).sum()))

    def cls_limits(self, cl: float = 0.95) -> tuple[float, float]:
        """Observed and median expected CLs limit."""
        return cls_limits(self, cl)


@dataclass(frozen=True)
class Together:
    """Channels of folded shapes with a nuisance parameter each and one signal strength: their profiles add up."""

    parts: tuple[Folded, ...]

    def workspace(self) -> dict[str, Any]:
        """The same as a HistFactory workspace."""
        whole = self.parts[0].workspace()
        whole["channels"], whole["observations"] = [], []
        for k, part in enumerate(self.parts):
            one = part.workspace()
            one["channels"][0]["name"] = one["observations"][0]["name"] = f"bins{k}"
            one["channels"][0]["samples"][1]["modifiers"][0]["name"] = f"shape{k}"
            whole["channels"] += one["channels"]
            whole["observations"] += one["observations"]
        return whole

    def profile(self, strength: float) -> tuple[float, float]:
        """Lowest value at a signal strength."""
        return sum(part.profile(strength)[0] for part in self.parts), 0.0

    def best(self) -> tuple[float, float]:
        """Lowest value at any signal strength >= 0, and that strength."""
        grid = np.linspace(0.0, 8.0 * self.scale(), 81)
        values = [self.profile(strength)[0] for strength in grid]
        k = int(np.argmin(values))
        bounds = (grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)])
        fit = minimize_scalar(
            lambda x: self.profile(x)[0], bounds=bounds, method="bounded", options={"xatol": 1e-7}
        )
        return min((float(fit.fun), float(fit.x)), (values[k], float(grid[k])))

    def asimov(self) -> Together:
        """The data expected from the fit without signal."""
        return Together(tuple(part.asimov() for part in self.parts))

    def scale(self) -> float:
        """Standard deviation of the signal strength, about."""
        return 1.0 / float(np.sqrt(sum(1.0 / part.scale() ** 2 for part in self.parts)))


def cls_limits(model: Folded | Together, cl: float = 0.95) -> tuple[float, float]:
    """Observed and median expected CLs limit: the largest strength that is not excluded."""
    alpha = 1.0 - cl
    lowest, best = model.best()
    asimov = model.asimov()

    def needed(t: float) -> float:
        return float(-ndtri_exp(np.log(alpha) + log_ndtr(-t)))

    def expected(strength: float) -> float:
        return float(np.sqrt(max(2.0 * asimov.profile(strength)[0], 0.0))) - needed(0.0)

    def observed(strength: float) -> float:
        q = float(np.sqrt(max(2.0 * (model.profile(strength)[0] - lowest), 0.0)))
        r = float(np.sqrt(max(2.0 * asimov.profile(strength)[0], 0.0)))
        t = q - r if q <= r or r == 0.0 else (q * q - r * r) / (2.0 * r)
        return t + r - needed(t)

    reach = 4.0 * model.scale()
    return _last_root(observed, best + 1e-9, reach), _last_root(expected, 1e-9, reach)


def _last_root(function: Any, start: float, step: float) -> float:
    while function(start + step) < 0.0:
        step *= 2.0
    grid = np.linspace(start, start + step, 25)
    last = int(np.flatnonzero([function(x) < 0.0 for x in grid])[-1])
    return float(brentq(function, grid[last], grid[last + 1], rtol=1e-9))


def random_folded(random: np.random.Generator, largest: float = 0.3) -> Folded:
    """Three bins, both variations of each on one side of nominal, by up to a share of it."""
    background, signal = random.uniform(20.0, 100.0, 3), random.uniform(0.5, 5.0, 3)
    side = random.choice([-1.0, 1.0], 3)
    if random.random() < 0.5:  # the same side in all bins
        side[:] = side[0]
    high, low = (background * (1.0 + side * random.uniform(0.0, largest, 3)) for _ in range(2))
    observed = random.poisson(background * (1.0 + side * random.uniform(-0.1, 0.35, 3))).astype(float)
    return Folded(signal, background, high, low, observed)
