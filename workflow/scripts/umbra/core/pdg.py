"""Masses, widths and lifetimes of the known particles, from the `particle` package (PDG tables)."""

from functools import cache

from particle import Particle

from umbra.core.errors import UmbraError


@cache
def mass_gev(pdg_id: int) -> float:
    """Mass in GeV; zero for neutrinos, for which the tables have none."""
    if abs(pdg_id) in (12, 14, 16):
        return 0.0
    return _number(pdg_id, "mass") / 1000.0


@cache
def width_gev(pdg_id: int) -> float:
    """Total width in GeV."""
    return _number(pdg_id, "width") / 1000.0


@cache
def ctau_mm(pdg_id: int) -> float:
    """Mean proper decay length in mm."""
    return _number(pdg_id, "ctau")


def _number(pdg_id: int, attribute: str) -> float:
    value = getattr(Particle.from_pdgid(pdg_id), attribute)
    if value is None:
        raise UmbraError(f"particle {pdg_id}: the PDG tables have no {attribute}")
    return float(value)
