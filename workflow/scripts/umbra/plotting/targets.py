"""Thermal targets in figures of limits on y: couplings that leave the observed density of dark matter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from umbra.config.thermal import ThermalTargets
from umbra.core.constants import ELECTRON_MASS_GEV
from umbra.theory import registry, relic
from umbra.theory.dark_photon import DarkPhoton

#: Titles of kinds of dark matter.
_TITLES = {"pseudo_dirac": "pseudo-Dirac", "scalar": "complex scalar", "majorana": "Majorana"}
_DASHES = {"pseudo_dirac": "-", "scalar": "--", "majorana": "-."}
#: Heaviest dark matter whose plasma is a gas of hadrons, in GeV, and lightest one in electron masses.
_HEAVIEST_GEV, _LIGHTEST = 2.0, 2.0
_POINTS = 60


@dataclass(frozen=True)
class Target:
    """A curve.

    Parameters
    ----------
    kind
        Of dark matter.
    mass_gev, y
        Of the dark photon, and the coupling, shape (n,).
    note
        Small print.
    """

    kind: str
    mass_gev: Sequence[float]
    y: Sequence[float]
    note: str

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return f"relic_density:{self.kind}"


def targets(settings: ThermalTargets | None, masses_gev: Iterable[float]) -> list[Target]:
    """Compute the curves over the masses of a figure.

    Parameters
    ----------
    settings
        Which ones; none without it.
    masses_gev
        Of the dark photon, those of the limits.
    """
    known = [mass for mass in masses_gev if mass > 0.0]
    if settings is None or not known:
        return []
    photon = registry.find("dark_photon")
    assert isinstance(photon, DarkPhoton)
    low = max(min(known), _LIGHTEST * ELECTRON_MASS_GEV / settings.mass_ratio)
    high = min(max(known), _HEAVIEST_GEV / settings.mass_ratio)
    if low >= high:
        return []
    masses = np.geomspace(low, high, _POINTS)
    matter = settings.mass_ratio * masses
    return [
        Target(
            kind,
            masses.tolist(),
            relic.target_y(photon, kind, matter, settings.alpha_d, settings.mass_ratio).tolist(),
            rf"Relic density: computed (arXiv:1807.01730) with $\alpha_D$ = {settings.alpha_d:g}, "
            rf"$m_\chi/m_{{A^\prime}}$ = {settings.mass_ratio:.3g}; above a line there is less dark matter.",
        )
        for kind in settings.kinds
    ]


def draw_targets(axes: Axes, shown: Sequence[Target]) -> None:
    """Draw the curves."""
    for each in shown:
        axes.plot(
            each.mass_gev,
            each.y,
            color="0.25",
            linestyle=_DASHES[each.kind],
            linewidth=1.6,
            zorder=3,
            label=f"observed relic density, {_TITLES[each.kind]}",
        )
