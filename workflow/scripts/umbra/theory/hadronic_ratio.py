"""R(m) = sigma(e+e- -> hadrons)/sigma(e+e- -> mu+mu-, massless muons).

The hadronic width of a dark photon is proportional to it. Up to the phi it is that of M. Ilten et al.,
arXiv:1801.04847, above it what was measured.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from umbra.core.constants import PION_MASS_GEV
from umbra.core.kinematics import Array
from umbra.theory import pion
from umbra.theory.widths import LEPTONS, lepton_weight, velocity

#: Neutral rho(770) as in PDG 2024 (e+e- average); a reference shape only, so its precision is irrelevant.
RHO_MASS_GEV, RHO_WIDTH_GEV = 0.77526, 0.1474


class HadronicRatio:
    """R(m) and its pi+pi- part from a table of branching fractions, and from measured values above it.

    Narrow resonances are taken out, the rest is divided by a reference shape, (beta_pi^3/4)(1 + |rho
    Breit-Wigner|^2), its logarithm is interpolated with monotone cubics (PCHIP) in the mass and everything
    is put back, so that both tables' own values are reproduced, the curve is continuous where they meet and R
    vanishes at the two-pion threshold. Outside of the tables the nearest value of the divided ratio is kept.

    Parameters
    ----------
    table
        Content of `theory/data/dark_photon.yaml`.
    measured
        Content of `theory/data/hadronic_ratio.yaml`: R from its first mass on.
    """

    def __init__(self, table: Mapping[str, Any], measured: Mapping[str, Any]) -> None:
        rows = table["branching_fractions"]
        fraction_mass = np.array([row["mass_gev"] for row in rows], float)
        ee: Array = np.array([row["ee"] for row in rows], float)
        leptons = np.sum([lepton_weight(fraction_mass, name) for name in LEPTONS], axis=0)
        hadrons = lepton_weight(fraction_mass, "ee") / ee - leptons
        below = fraction_mass < measured["measured"][0]["mass_gev"]
        mass = np.append(fraction_mass[below], [row["mass_gev"] for row in measured["measured"]])
        total = np.append(hadrons[below], [row["r"] for row in measured["measured"]])
        pions = np.array([row["pipi"] for row in rows], float) / ee

        self._resonances = [(row["mass_gev"], row["width_gev"]) for row in table["narrow_resonances"]]
        peaks = np.array([np.flatnonzero(mass == row["at_gev"])[0] for row in table["narrow_resonances"]])
        divided = total / _reference(mass)
        self._heights: Array = np.zeros(len(peaks))
        # The heights and the smooth part depend on each other through the resonances' tails, which are small
        # at the other nodes: the iteration contracts by more than a factor ten a step.
        for _ in range(20):
            rest = np.delete(divided - self._peaks(mass), peaks)
            self._smooth = _LogPchip(np.delete(mass, peaks), rest)
            excess = divided[peaks] - self._smooth(mass[peaks])
            self._heights = np.linalg.solve(self._shapes(mass[peaks]).T, excess).astype(np.float64)
        self._pions = _LogPchip(fraction_mass, pions / pion.ratio(fraction_mass))
        self._last_pion_node_gev = float(fraction_mass[-1])

    def __call__(self, mass_gev: ArrayLike) -> Array:
        """R at a mass in GeV; zero below the two-pion threshold."""
        mass = np.asarray(mass_gev, float)
        return _reference(mass) * (self._smooth(mass) + self._peaks(mass))

    def pions(self, mass_gev: ArrayLike) -> Array:
        """Return the pi+pi- part of R in the shape of the form factor; zero above the last mass that the table has."""
        mass = np.asarray(mass_gev, float)
        return np.where(mass > self._last_pion_node_gev, 0.0, pion.ratio(mass) * self._pions(mass))

    def _shapes(self, mass: Array) -> Array:
        shapes = [(m0 * w) ** 2 / ((mass**2 - m0**2) ** 2 + (m0 * w) ** 2) for m0, w in self._resonances]
        return np.array(shapes)

    def _peaks(self, mass: Array) -> Array:
        total: Array = np.einsum("i,i...->...", self._heights, self._shapes(mass))
        return total


def _reference(mass: Array) -> Array:
    """Shape of e+e- -> pi+pi- with an energy-dependent rho width, plus the same without form factor."""
    m0, width0 = RHO_MASS_GEV, RHO_WIDTH_GEV
    beta = velocity(mass, PION_MASS_GEV)
    beta0 = velocity(m0, PION_MASS_GEV)
    width = width0 * (beta / beta0) ** 3 * (mass / m0) ** 2
    rho = m0**4 / ((m0**2 - mass**2) ** 2 + (mass * width) ** 2)
    shape: Array = 0.25 * beta**3 * (1.0 + rho)
    return shape


class _LogPchip:
    """Monotone cubic through the logarithm of positive values, constant outside of the nodes."""

    def __init__(self, x: Array, y: Array) -> None:
        self._low, self._high = float(x[0]), float(x[-1])
        self._curve = PchipInterpolator(x, np.log(y))

    def __call__(self, x: Array) -> Array:
        result: Array = np.exp(self._curve(np.clip(x, self._low, self._high)))
        return result
