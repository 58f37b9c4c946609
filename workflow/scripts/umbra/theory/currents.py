"""Hadrons from any vector coupling to quarks: R(m) of the photon, shared among the currents that make it.

As in P. Ilten et al., JHEP 06 (2018) 004, arXiv:1801.04847: the isovector, the isoscalar and the strange current, which
the rho, the omega and the phi dominate, are each proportional to their combination of couplings. Above the table they
are those of free quarks. From the threshold of charmed mesons on, what R grows by belongs to the charm quark. Below two
pions R is zero, so that the pi0 gamma of an isoscalar coupling is missing there.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.kinematics import Array
from umbra.theory.hadronic_ratio import HadronicRatio

#: Charges of the quarks in units of e.
QUARK_CHARGES: Mapping[str, float] = {
    "up": 2.0 / 3.0,
    "down": -1.0 / 3.0,
    "strange": -1.0 / 3.0,
    "charm": 2.0 / 3.0,
    "bottom": -1.0 / 3.0,
}
#: Twice the mass of the D0 (PDG 2024), where charm begins, and where R is still that of light quarks.
OPEN_CHARM_GEV, BELOW_CHARM_GEV = 3.7297, 3.65
#: Isoscalar and strange share of free quarks; three quarters are isovector.
_FREE = (1.0 / 12.0, 1.0 / 6.0, 0.0)


class HadronicCurrents:
    """What R(m) of the photon becomes for another vector.

    Parameters
    ----------
    ratio
        R(m).
    table
        Content of `theory/data/current_shares.yaml`.
    """

    def __init__(self, ratio: HadronicRatio, table: Mapping[str, Any]) -> None:
        rows = table["shares"]
        self._ratio = ratio
        self._mass = np.array([row["mass_gev"] for row in rows], float)
        self._log_isoscalar = np.log([row["isoscalar"] for row in rows])
        self._log_strange = np.log([row["strange"] for row in rows])
        self._interference = np.array([row["interference"] for row in rows], float)

    def __call__(self, mass_gev: ArrayLike, couplings: Mapping[str, float]) -> Array:
        """Hadronic width in units of m/(12 pi).

        Parameters
        ----------
        mass_gev
            Of the vector.
        couplings
            Quark -> its vector coupling; a missing one is zero. With the charges of the quarks it is R(m).

        Returns
        -------
        array
            Shape of `mass_gev`.
        """
        mass = np.asarray(mass_gev, float)
        up, down, strange, charm = (couplings.get(name, 0.0) for name in ("up", "down", "strange", "charm"))
        isoscalar, strangeness, interference = self._shares(mass)
        omega, phi = 3.0 * (up + down), -3.0 * strange
        light = (
            (1.0 - isoscalar - strangeness - interference) * (up - down) ** 2
            + isoscalar * omega**2
            + strangeness * phi**2
            + interference * omega * phi
        )
        total = self._ratio(mass)
        of_light = np.where(mass > OPEN_CHARM_GEV, np.minimum(total, self._ratio(BELOW_CHARM_GEV)), total)
        width: Array = of_light * light + (total - of_light) * (charm / QUARK_CHARGES["charm"]) ** 2
        return width

    def pions(self, mass_gev: ArrayLike, couplings: Mapping[str, float]) -> Array:
        """Return the part of pi+ pi-, which is isovector, in the same units."""
        isovector = (couplings.get("up", 0.0) - couplings.get("down", 0.0)) ** 2
        return isovector * self._ratio.pions(mass_gev)

    def _shares(self, mass: Array) -> tuple[Array, Array, Array]:
        inside = mass <= self._mass[-1]
        found = (
            np.exp(np.interp(mass, self._mass, self._log_isoscalar)),
            np.exp(np.interp(mass, self._mass, self._log_strange)),
            np.interp(mass, self._mass, self._interference),
        )
        isoscalar, strange, interference = (
            np.where(inside, share, free) for share, free in zip(found, _FREE, strict=True)
        )
        return isoscalar, strange, interference
