"""Search variables: where a particle of given mass shows up in each, and how the axis is labelled."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import MUON_MASS_GEV
from umbra.core.kinematics import Array

_POSITIONS: dict[str, Callable[[Array], Array]] = {
    "m2_pair_gev2": np.square,
    "m2_recoil_gev2": np.square,
    "m2_invisible_gev2": np.square,
    "mass_gev": np.positive,
    "diphoton_mass_gev": np.positive,
    "mass2_gev": np.positive,
    "mass_dimuon_gev": np.positive,
    "m_recoil_gev": np.positive,
    # The reduced mass makes the dimuon spectrum smooth at threshold: arXiv:1406.2980.
    "reduced_mass_gev": lambda mass: np.sqrt(np.maximum(np.square(mass) - 4.0 * MUON_MASS_GEV**2, 0.0)),
}

#: Axis titles.
LABELS = {
    "m2_pair_gev2": r"$M^2_{\gamma\gamma}$ [GeV$^2$]",
    "m2_recoil_gev2": r"$M^2_\mathrm{recoil}$ [GeV$^2$]",
    "m2_invisible_gev2": r"$M^2_\alpha$ in the pseudo-rest frame [GeV$^2$]",
    "mass_gev": r"$m_{\ell\ell}$ [GeV]",
    "mass2_gev": r"$m_{h^\prime}$ [GeV]",
    "mass_dimuon_gev": r"$m_{\mu\mu}$ [GeV]",
    "m_recoil_gev": r"$M_\mathrm{recoil}$ [GeV]",
    "diphoton_mass_gev": r"$m_{\gamma\gamma}$ [GeV]",
    "reduced_mass_gev": r"$\sqrt{m_{\mu\mu}^2 - 4 m_\mu^2}$ [GeV]",
}

#: Power of the variable with which any smooth background vanishes at 0, for variables that end there: the reduced mass
#: is twice the momentum of the muons in the frame of the pair, whose phase space grows as its square.
THRESHOLD_POWER = {"reduced_mass_gev": 2}


def position(variable: str, mass_gev: ArrayLike) -> Array:
    """Value of the search variable at which a particle of this mass peaks; the shape is that of the mass."""
    return _POSITIONS[variable](np.asarray(mass_gev, dtype=float))


def mass_at(variable: str, x: ArrayLike) -> Array:
    """Mass of a particle that peaks at `x`: the inverse of `position`, 0 where no mass does."""
    value: Array = np.maximum(np.asarray(x, dtype=float), 0.0)
    if _POSITIONS[variable] is np.positive:
        return value
    squared: Array = np.square(value) + 4.0 * MUON_MASS_GEV**2 if variable == "reduced_mass_gev" else value
    root: Array = np.sqrt(squared)
    return root
